"""How long DNS stands still when the replica that writes is killed, stopped or cut off.

Two replicas of `feddns run` share a Lease in a real kube-apiserver and write one zone of BIND, while Services change
without a rest. Again and again the one that leads is killed (SIGKILL, then started anew), stopped (SIGSTOP, continued
after the other has taken over), or its connections to the API server with the Lease break, or nothing comes over them
any more. The gap is the longest time for which no newer answer was seen in DNS. At the end BIND's journal and the
replicas' logs show who wrote which batch, and the zone must be what `feddns records` says.
"""

import argparse
import asyncio
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.figures import machine, say, summary
from tests.lab import objects
from tests.lab.federation import CLASSIC, Lab
from tests.leadership.pair import ELECTION, FAULTS, HOST, Pair, paired
from tests.servers import Bind

NAMESPACE = "failover"


def main() -> None:
    options = _options()
    lab = Lab({HOST: CLASSIC[HOST]}, controllers=False)
    try:
        asyncio.run(lab.start())
        say("the lab is ready")
        print(json.dumps(asyncio.run(_measure(lab, options.faults))))
    finally:
        lab.close()


async def _measure(lab: Lab, faults: int) -> dict[str, Any]:
    with Bind() as bind, TemporaryDirectory(prefix="feddns-failover-") as folder:
        async with lab.connect():
            await lab[HOST].api.create(objects.namespace(NAMESPACE))
            async with paired(lab, bind, NAMESPACE, Path(folder)) as pair:
                gaps = await _strike(pair, faults)
                await pair.zone_becomes_exact()
                batches = pair.check_order()
                changes = len(pair.stream.made_at)
        figures = {fault: summary(times) for fault, times in gaps.items() if times}
        every = summary([gap for times in gaps.values() for gap in times])
        head = {"benchmark": "failover", **ELECTION, "batches": batches, "changes_of_the_beacon": changes}
        return head | machine() | {"all": every} | figures


async def _strike(pair: Pair, faults: int) -> dict[str, list[float]]:
    gaps: dict[str, list[float]] = {fault: [] for fault in FAULTS}
    for number in range(faults):
        fault = FAULTS[number % len(FAULTS)]
        gap_s = await pair.strike(await pair.settled(), fault)
        gaps[fault].append(gap_s)
        say(f"{number + 1} of {faults}: {fault}, {gap_s:.2f} s")
    await pair.settled()
    return gaps


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--faults", type=int, default=50, help="how often something befalls the leader")
    return parser.parse_args()


if __name__ == "__main__":
    main()
