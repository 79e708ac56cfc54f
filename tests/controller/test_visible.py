import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import dns.message
import msgspec
import pytest

from feddns.config.settings import VisibleSettings
from feddns.controller.authoritative import Server, ask, servers_of
from feddns.controller.visible import Expected, Visible, expected
from feddns.model.changes import Batch, Change, Create, Delete, Fence, Replace
from feddns.model.records import DnsName, RecordSet
from feddns.model.zones import HostedZone
from feddns.plan.claim import next_fence
from feddns.providers.embedded import Embedded, EmbeddedSettings
from feddns.providers.measured import Calls, Measured
from feddns.providers.rfc2136 import Rfc2136
from feddns.telemetry.events import LogEvent
from tests.builders import FED, a_claim, answer
from tests.controller.nameservers import DELAY_S, Primary, Secondary, pair
from tests.lab.api import until
from tests.servers import DnsServer

pytestmark = pytest.mark.servers  # as most of it asks servers, and waits for them

FENCE = Fence(None, a_claim(seq=1))
(ONE,) = answer(1)
(MOVED,) = answer(1, "192.0.2.9")


def a_batch(*changes: Change) -> Batch:
    return Batch(changes, FENCE)


def an_alias() -> RecordSet:
    return msgspec.structs.replace(ONE, type="ALIAS", values=("lb.example.net.",))


# --- what is looked at


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ([Create(ONE)], Expected(ONE.name, "A", ONE.values)),
        ([Replace(ONE, MOVED)], Expected(ONE.name, "A", MOVED.values)),
        ([Delete(ONE)], Expected(ONE.name, "A", ONE.values, is_gone=True)),
        ([Delete(ONE), Create(answer(2)[0])], Expected(answer(2)[0].name, "A", answer(2)[0].values)),
        ([Replace(ONE, msgspec.structs.replace(ONE, ttl=5))], None),
        ([Create(an_alias())], None),
        ([Delete(an_alias())], None),
        ([], None),
    ],
)
def test_a_batch_is_looked_at_by_one_record_set_whose_answer_it_changes(
    changes: list[Change], found: Expected | None
) -> None:
    assert expected(a_batch(*changes)) == found


def test_what_is_gone_is_seen_when_it_is_answered_no_more() -> None:
    gone = Expected(ONE.name, "A", ONE.values, is_gone=True)
    assert not gone.is_met(ONE.values)
    assert gone.is_met(())
    assert gone.is_met(MOVED.values)  # as where a wildcard answers instead


# --- whom to ask


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[Embedded]:
    """A server of our own, that serves."""
    provider = Embedded.open(EmbeddedSettings(listen=("0.0.0.0:0",)), FED.zone, tmp_path)
    work = asyncio.create_task(provider.serve())
    await until(lambda: asyncio.sleep(0, bool(provider.addresses)), 5)
    yield provider
    work.cancel()
    await asyncio.wait([work])
    await provider.close()


async def test_who_serves_the_zone_itself_is_asked_alone(embedded: Embedded) -> None:
    (server,) = await servers_of(embedded, Calls(), FED.zone, ())
    assert server.host == "127.0.0.1"
    await embedded.apply(a_batch(Create(ONE)))
    assert await ask(server, ONE.name, "A") == ONE.values
    assert await ask(server, ONE.name, "AAAA") == ()
    assert await ask(server, DnsName("www.example.org."), "A") is None  # refused
    assert await ask(Server("nobody", "127.0.0.1", 1), ONE.name, "A") is None


async def test_servers_that_a_person_gives_are_the_only_ones(embedded: Embedded) -> None:
    found = await servers_of(embedded, Calls(), FED.zone, ("192.0.2.53", "[2001:db8::53]:5353"))
    assert [(server.host, server.port) for server in found] == [("192.0.2.53", 53), ("2001:db8::53", 5353)]


class Lame(asyncio.DatagramProtocol):
    """A server that is not, or no more, one of the zone, and says so as many do: by an empty answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, address: tuple[Any, ...]) -> None:
        self._transport.sendto(dns.message.make_response(dns.message.from_wire(data)).to_wire(), address)


async def test_an_answer_that_is_not_authoritative_is_none() -> None:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Lame, ("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    assert await ask(Server("lame", "127.0.0.1", port), ONE.name, "A") is None
    transport.close()


class Elsewhere(Embedded):
    """A provider in some cloud, which neither serves nor knows a server's address."""

    serve = None  # type: ignore[assignment]  # so that it is none that serves
    hosted = HostedZone(FED.zone, name_servers=("localhost.",), written=True)

    async def zones(self) -> tuple[HostedZone, ...]:
        return (self.hosted,)


# --- how long it takes


@asynccontextmanager
async def looking(visible: Visible) -> AsyncIterator[Visible]:
    work = asyncio.create_task(visible.look())
    await until(lambda: asyncio.sleep(0, visible.is_at_work), 10)
    yield visible
    work.cancel()
    await asyncio.wait([work])


async def looked(visible: Visible, count: int = 1) -> None:
    await until(lambda: asyncio.sleep(0, visible.outcomes.total() == count), 15)


async def test_a_write_at_our_own_server_is_seen_at_once(embedded: Embedded) -> None:
    visible = Visible(embedded, Calls(), FED.zone, VisibleSettings())
    async with looking(visible):
        await Measured(embedded, Calls(), visible.written).apply(a_batch(Create(ONE)))
        await looked(visible)
    assert visible.outcomes == {"visible": 1}
    assert visible.delays.sum < 1


async def test_nothing_is_looked_at_before_the_servers_are_known_and_nobody_is_at_work(embedded: Embedded) -> None:
    visible = Visible(embedded, Calls(), FED.zone, VisibleSettings())
    visible.written(a_batch(Create(ONE)))
    async with looking(visible):
        await asyncio.sleep(0.1)
    assert visible.outcomes.total() == 0


@pytest.mark.parametrize("is_gone", [False, True])
async def test_old_answers_to_the_end_are_counted_as_stale_and_told(
    embedded: Embedded,
    log: list[Any],
    is_gone: bool,  # noqa: FBT001 - a case
) -> None:
    await embedded.apply(a_batch(Create(ONE)))
    visible = Visible(embedded, Calls(), FED.zone, VisibleSettings(within=0.2))
    async with looking(visible):
        visible.written(a_batch(Delete(ONE) if is_gone else Replace(ONE, MOVED)))
        await looked(visible)
    assert visible.outcomes == {"stale": 1}
    assert visible.delays.count == 0
    (line,) = [line for line in log if line["event"] == LogEvent.NOT_VISIBLE.message]
    assert (line["name"], line["type"], line["unanswered"]) == (ONE.name, "A", [])
    assert line["stale"] == [f"127.0.0.1:{embedded.addresses[0].rpartition(':')[2]}"]


async def test_servers_without_an_answer_are_counted_as_such(embedded: Embedded, log: list[Any]) -> None:
    visible = Visible(embedded, Calls(), FED.zone, VisibleSettings(within=0.2), ("127.0.0.1:1",))
    async with looking(visible):
        visible.written(a_batch(Create(ONE)))
        await looked(visible)
    assert visible.outcomes == {"unanswered": 1}
    (line,) = [line for line in log if line["event"] == LogEvent.NOT_VISIBLE.message]
    assert (line["stale"], line["unanswered"]) == ([], ["127.0.0.1:1"])


async def test_a_name_that_is_written_again_meanwhile_tells_nothing(embedded: Embedded, log: list[Any]) -> None:
    visible = Visible(embedded, Calls(), FED.zone, VisibleSettings(within=5.0))
    async with looking(visible):
        visible.written(a_batch(Create(ONE)))
        await asyncio.sleep(0.05)
        visible.written(a_batch(Create(answer(2)[0])))  # another name, which is not looked at
        visible.written(a_batch(Delete(ONE)))
        await until(lambda: asyncio.sleep(0, not visible.is_looking), 5)
        assert visible.outcomes.total() == 0
        await Measured(embedded, Calls(), visible.written).apply(a_batch(Create(ONE)))
        await looked(visible)
    assert visible.outcomes == {"visible": 1}
    assert [line for line in log if line["event"] == LogEvent.NOT_VISIBLE.message] == []


async def test_without_servers_to_ask_it_is_told_once_and_nothing_is_looked_at(tmp_path: Path, log: list[Any]) -> None:
    provider = Elsewhere.open(EmbeddedSettings(), FED.zone, tmp_path)
    provider.hosted = msgspec.structs.replace(Elsewhere.hosted, private=True)
    calls = Calls()
    visible = Visible(provider, calls, FED.zone, VisibleSettings())
    work = asyncio.create_task(visible.look())
    await until(lambda: asyncio.sleep(0, bool(log)), 5)
    visible.written(a_batch(Create(ONE)))
    work.cancel()
    await asyncio.wait([work])
    assert [line["event"] for line in log] == [LogEvent.SERVERS_UNKNOWN.message]
    assert visible.outcomes.total() == 0
    assert calls.results["zones", "ok"] == 1
    await provider.close()


# --- BIND


@pytest.fixture
def bind_with_secondary() -> Iterator[tuple[Primary, Secondary]]:
    primary, secondary = pair()
    with primary, secondary:
        yield primary, secondary


@asynccontextmanager
async def writing(server: DnsServer, tmp_path: Path) -> AsyncIterator[Rfc2136]:
    (tmp_path / "secret").write_text(server.secret)
    settings = server.provider()["rfc2136"]
    provider = Rfc2136.open(msgspec.convert(settings, Rfc2136.Settings), FED.zone, tmp_path)
    yield provider
    await provider.close()


async def test_a_write_at_a_primary_is_seen_when_its_secondary_has_it(
    bind_with_secondary: tuple[Primary, Secondary], tmp_path: Path
) -> None:
    primary, secondary = bind_with_secondary
    given = tuple(f"{server.host}:{server.port}" for server in (primary, secondary))
    async with writing(primary, tmp_path) as provider:
        visible = Visible(provider, Calls(), FED.zone, VisibleSettings(within=20.0), given)
        measured = Measured(provider, Calls(), visible.written)
        async with looking(visible):
            claim, copy = None, Server("", secondary.host, secondary.port)
            steps: list[tuple[Change, tuple[str, ...]]]
            steps = [(Create(ONE), ONE.values), (Replace(ONE, MOVED), MOVED.values), (Delete(MOVED), ())]
            for number, (change, answered) in enumerate(steps, 1):
                fence = next_fence(FED, "me", claim)
                await measured.apply(Batch((change,), fence))
                claim = fence.desired
                await looked(visible, number)
                assert await ask(copy, ONE.name, "A") == answered
    assert visible.outcomes == {"visible": 3}
    assert visible.delays.sum / 3 > DELAY_S / 2


async def test_a_secondary_that_hangs_is_told_as_one_that_does_not_answer(
    bind_with_secondary: tuple[Primary, Secondary], tmp_path: Path, log: list[Any]
) -> None:
    primary, secondary = bind_with_secondary
    given = tuple(f"{server.host}:{server.port}" for server in (primary, secondary))
    secondary.pause()
    async with writing(primary, tmp_path) as provider:
        visible = Visible(provider, Calls(), FED.zone, VisibleSettings(within=0.5), given)
        async with looking(visible):
            await Measured(provider, Calls(), visible.written).apply(a_batch(Create(ONE)))
            await looked(visible)
    secondary.resume()
    assert visible.outcomes == {"unanswered": 1}
    (line,) = [line for line in log if line["event"] == LogEvent.NOT_VISIBLE.message]
    assert (line["stale"], line["unanswered"]) == ([], [given[1]])


async def test_of_a_server_that_takes_updates_the_zones_name_servers_are_asked_too(
    bind: DnsServer, tmp_path: Path
) -> None:
    bind.seed("@ NS ns2\nns2 A 192.0.2.53\n")
    async with writing(bind, tmp_path) as provider:
        found = await servers_of(provider, Calls(), FED.zone, ())
    # ns1 has a loopback address, which is never taken from DNS.
    assert [(server.name, server.host) for server in found] == [
        (f"127.0.0.1:{bind.port}", "127.0.0.1"),
        ("ns2.example.com.", "192.0.2.53"),
    ]
