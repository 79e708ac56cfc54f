"""The soak from its beginning to its end: random changes and faults, and then what must be true after them."""

import asyncio
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final

import msgspec

from tests.lab.api import until
from tests.lab.federation import Lab
from tests.soak.changes import Changes
from tests.soak.faults import Faults
from tests.soak.replica import Gauges, Replica
from tests.soak.stage import Stage, a_stage

READ_EVERY_S: Final = 2.0
SETTLED_S: Final = 120.0
"""How long the zone may take to be exact: TTLs that were lowered are restored after a minute."""

WARM_UP_S: Final = 600.0
"""So long memory may grow: caches fill, and the allocator's arenas, until failures of every kind have happened."""

MOST_WARMING_KIB: Final = 48 * 1024
"""So much it may grow in that time, which is all that a short soak sees. Measured: 10 MiB."""

MOST_GROWTH_KIB: Final = 16 * 1024
"""So much it may grow after that, however long it lasts."""

NEVER: Final = ("part failed", "deletions held", "service refused", "zone refused", "configuration needs restart")
"""Log lines that no fault of these may lead to."""

Say = Callable[[str], None]


class Report(msgspec.Struct, frozen=True):
    """How it went, in numbers, and what was wrong.

    Attributes:
        seed: what all chance came from.
        changes: made in the clusters, by kind.
        faults: how many happened, by kind.
        batches: written into the zone.
        terms: how often a replica began to lead.
        conflicts: batches that failed as the zone was not as known.
        record_sets: in the zone at the end.
        begun: what the steady replica held when all was quiet at the beginning.
        ended: and at the end.
        rss_kib: its memory at the beginning, when it was warm, and at the end.
        faulty: what was wrong, for people; empty where nothing was.
    """

    seed: int
    minutes: float
    changes: dict[str, int]
    faults: dict[str, int]
    batches: int
    terms: int
    conflicts: int
    record_sets: int
    begun: Gauges
    ended: Gauges
    rss_kib: tuple[int, int, int]
    faulty: tuple[str, ...]


async def soak(lab: Lab, folder: Path, minutes: float, seed: int, say: Say) -> Report:
    """Run it.

    Args:
        lab: clusters that run, and that nobody else breaks meanwhile.
        folder: an empty one, for logs and configurations.
        minutes: of changes and faults.
        seed: what all chance comes from.
        say: is told how it goes.
    """
    async with lab.connect(), a_stage(lab, folder) as stage:
        changes = [
            Changes(cluster, stage.namespace, random.Random(f"{seed} {name}")) for name, cluster in lab.clusters.items()
        ]
        for each in changes:
            await each.begin()
        stage.steady.start()
        await _exact(stage)
        begun = await _quiet(stage.steady, None)
        say(f"the zone is exact; {begun}")
        stage.other.start()
        faults = Faults(lab, stage.bind, stage.steady, stage.other, random.Random(seed))
        memory: list[int] = []
        async with _running(*(each.run() for each in changes), faults.run(say), _watch(stage.steady, memory)):
            await asyncio.sleep(minutes * 60)
        say("all is mended; the zone becomes exact")
        await lab.heal()
        faulty = [*(await _at_the_end(stage)), *(await _ends(stage.other))]
        await _leads(stage.steady)
        ended = await _quiet(stage.steady, begun)
        faulty += [*leaks(begun, ended), *growth(memory), *(await _ends(stage.steady))]
        lines = [*stage.steady.lines(), *stage.other.lines()]
        faulty += [*_told(lines), *interleaved(lines)]
        counts = Counter(line["event"] for line in lines)
        return Report(
            seed=seed,
            minutes=minutes,
            changes=dict(sum((each.made for each in changes), Counter())),
            faults=dict(faults.happened),
            batches=counts["records written"],
            terms=counts["leading"],
            conflicts=counts["write conflict"],
            record_sets=len(_ours(stage)),
            begun=begun,
            ended=ended,
            rss_kib=_rss(memory),
            faulty=tuple(faulty),
        )


@asynccontextmanager
async def _running(*work: Any) -> AsyncIterator[None]:
    """This work beside what is inside; an error of it ends all."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each) for each in work]
        yield
        for task in tasks:
            task.cancel()


async def _watch(replica: Replica, memory: list[int]) -> None:
    """Note its memory until cancelled, also beside its log."""
    noted = replica.log.with_name("rss-kib")
    while True:
        memory.append(replica.process_gauges().rss_kib)
        noted.write_text("\n".join(map(str, memory)))
        await asyncio.sleep(READ_EVERY_S)


# --- what must be true


async def _at_the_end(stage: Stage) -> list[str]:
    try:
        await _exact(stage)
    except TimeoutError:
        ours, wanted = set(_ours(stage)), set(_wanted(stage))
        return [f"the zone is not exact: too much {sorted(ours - wanted)}, too little {sorted(wanted - ours)}"]
    return []


async def _exact(stage: Stage) -> None:
    """Wait until the zone is what `feddns records` says it should be, and one replica leads and sees everything.

    Raises:
        TimeoutError: it is not.
    """

    async def reached() -> bool:
        running = (each for each in (stage.steady, stage.other) if each.running)
        if not any([(await each.metrics()).get("feddns_leader") for each in running]):
            return False
        seen = [value for name, value in (await stage.steady.metrics()).items() if "cluster_visible{" in name]
        if seen != [1.0] * len(stage.lab.clusters):
            return False
        wanted = await asyncio.to_thread(_wanted, stage)
        return bool(wanted) and await asyncio.to_thread(_ours, stage) == wanted

    await until(reached, SETTLED_S)


def _ours(stage: Stage) -> list[str]:
    """The federation's records in the zone, without the claim."""
    return [line for line in stage.bind.records() if ".myfederation.svc." in line and not line.startswith("_feddns.")]


def _wanted(stage: Stage) -> list[str]:
    """What should be in the zone, written as `_ours` is."""
    command = [sys.executable, "-m", "feddns", "records", "--output", "json", "--config"]
    done = subprocess.run([*command, str(stage.steady.configuration)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return sorted(
        f"{record['name']} {record['ttl']} {record['type']} {value}"
        for record in json.loads(done.stdout)
        for value in record["values"]
    )


async def _quiet(replica: Replica, before: Gauges | None) -> Gauges:
    """What it holds when nothing happens: once idle connections are closed, or 45 s later."""
    ends_at = time.monotonic() + 45
    await asyncio.sleep(5)
    while True:
        now = await replica.gauges()
        if before is None or not list(leaks(before, now)) or time.monotonic() > ends_at:
            return now
        await asyncio.sleep(2)


def leaks(before: Gauges, after: Gauges) -> Iterator[str]:
    """What there is more of than before; a connection or two may just be there by chance."""
    for name, may_be in (("files", 3), ("sockets", 3), ("threads", 2), ("tasks", 3)):
        was, now = getattr(before, name), getattr(after, name)
        if now > was + may_be:
            yield f"{name} leak: there were {was}, and are {now}"


def _rss(memory: list[int]) -> tuple[int, int, int]:
    """At the beginning, when it was warm, and at the end; medians of a minute, as it goes up and down."""
    minute = int(60 / READ_EVERY_S)
    warm = memory[int(WARM_UP_S / READ_EVERY_S) :] or memory[-minute:]
    return memory[0], int(median(warm[:minute])), int(median(memory[-minute:]))


def growth(memory: list[int]) -> Iterator[str]:
    begun, warm, end = _rss(memory)
    if warm - begun > MOST_WARMING_KIB:
        yield f"memory has grown from {begun} to {warm} KiB while it got warm"
    if end - warm > MOST_GROWTH_KIB:
        yield f"memory has grown from {warm} to {end} KiB since it was warm"


def _told(lines: list[dict[str, Any]]) -> Iterator[str]:
    counts = Counter(line["event"] for line in lines)
    for event in NEVER:
        if counts[event]:
            first = next(line for line in lines if line["event"] == event)
            yield f'there are {counts[event]} lines "{event}", such as {first}'


def interleaved(lines: list[dict[str, Any]]) -> Iterator[str]:
    """No two batches may have had the same number, whichever replica wrote them; and later ones have larger ones."""
    written = [(line["time"], line["seq"]) for line in lines if line["event"] == "records written"]
    twice = [seq for seq, count in Counter(seq for _, seq in written).items() if count > 1]
    if twice:
        yield f"batches of both replicas have the numbers {twice}"


async def _leads(replica: Replica) -> None:
    """Wait until a replica leads: one that does not has less to do, and holds less."""

    async def reached() -> bool:
        return bool((await replica.metrics()).get("feddns_leader"))

    await until(reached, SETTLED_S)


async def _ends(replica: Replica) -> list[str]:
    """It ends when it is told to, and has written nothing that is no line of the log."""
    faulty = [] if await replica.end() else [f"{replica.log} is of a replica that did not end"]
    if strange := replica.strange_lines():
        faulty.append(f"{replica.log} has lines that are none of the log: {strange[:3]}")
    return faulty
