import asyncio
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import dns.asyncquery
import dns.message
import dns.rcode
import dns.rrset
import pytest
import structlog.testing

from feddns.model.changes import Batch, Create, Fence
from feddns.model.endpoint import Endpoint
from feddns.model.records import RecordSet
from feddns.providers.embedded import Embedded
from tests.answers.asking import ORIGIN, a_query, a_set, told
from tests.builders import a_claim
from tests.lab.processes import free_port
from tests.nameserver.serving import udp
from tests.providers.test_embedded import embedded, serving

NAME = "www.fed.svc"
WWW, CLAIM = a_set(NAME, "A", "192.0.2.1", "192.0.2.2"), a_claim()
FILLED = Batch((Create(WWW), Create(a_set("more.fed.svc", "CNAME", "www.example.net."))), Fence(None, CLAIM))
NOWHERE = "127.0.0.1:9"
SOA = f"{ORIGIN} 3600 IN SOA ns.{ORIGIN} mail.{ORIGIN} 3000000000 300 60 604800 30"
CLAIM_LINE = f'{CLAIM.name} 60 IN TXT "{CLAIM.values[0]}"'
WWW_LINE = f"{NAME}.{ORIGIN} 180 IN A 192.0.2.1"


def a_replica(folder: Path, *peers: str, **settings: object) -> Embedded:
    """One whose zone nothing else fills."""
    folder.mkdir(exist_ok=True)
    provider = embedded(folder, **{"listen": ["127.0.0.1:0"], "peers": peers, **settings})
    provider.fill_while(lambda: False)
    return provider


@pytest.fixture
async def filled(tmp_path: Path) -> AsyncIterator[Endpoint]:
    """Where a replica listens that has records."""
    provider = a_replica(tmp_path / "filled", NOWHERE)
    await provider.apply(FILLED)
    async with serving(provider) as endpoint:
        yield endpoint


def a_message(lines: Sequence[str], rcode: dns.rcode.Rcode = dns.rcode.NOERROR) -> bytes:
    """A message of a transfer, whose ID is to be the query's."""
    message = dns.message.make_response(a_query(ORIGIN, "AXFR"))
    message.set_rcode(rcode)
    for name, ttl, class_, type_, data in (line.split(None, 4) for line in lines):
        message.answer.append(dns.rrset.from_text(name, int(ttl), class_, type_, data))
    return message.to_wire(max_size=65_535)


@asynccontextmanager
async def answering(
    *first: bytes, then: Sequence[bytes] | None = None, trickles: bytes = b"", closes: bool = False
) -> AsyncIterator[str]:
    """A peer that answers with these, where it is asked again with others, and then says nothing more or closes."""
    answers: list[asyncio.Task[None]] = []

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers.append(asyncio.create_task(answer(reader, writer)))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        query = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
        for message in first if then is None or len(answers) == 1 else then:
            writer.write(struct.pack("!H", len(message)) + query[:2] + message[2:])
        while trickles and not reader.at_eof() and not writer.is_closing():
            writer.write(struct.pack("!H", len(trickles)) + query[:2] + trickles[2:])
            await asyncio.sleep(0.05)
        if not closes:
            with suppress(ConnectionError):
                await reader.read()
        writer.close()

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await asyncio.gather(*answers)


def ours(record_sets: Sequence[RecordSet]) -> set[RecordSet]:
    """Without those of the name servers."""
    return {each for each in record_sets if each.type != "NS" and not each.name.startswith("ns1.")}


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up soon."""
    for name, seconds in (("_PATIENCE_S", 0.4), ("_PAUSE_S", 0.1), ("_ANSWER_S", 0.1)):
        monkeypatch.setattr(f"feddns.providers.embedded_filling.{name}", seconds)


async def test_a_blank_zone_has_what_a_peer_has_before_it_is_read(tmp_path: Path, filled: Endpoint) -> None:
    provider = a_replica(tmp_path / "new", str(filled))
    with structlog.testing.capture_logs() as logs:
        async with serving(provider) as endpoint:
            assert ours(await provider.read_zone()) == {*FILLED.coming}
            answer = await udp(endpoint, a_query(NAME))
            assert {data for *_, data in told(answer.answer)} == {"192.0.2.1", "192.0.2.2"}
    (line,) = (line for line in logs if line["event"] == "zone filled")
    assert (line["peer"], line["record_sets"]) == (str(filled), 3)


async def test_who_does_not_serve_asks_nobody(tmp_path: Path, filled: Endpoint) -> None:
    provider = a_replica(tmp_path / "new", str(filled))
    assert ours(await provider.read_zone()) == set()
    await provider.close()


async def test_a_zone_that_is_not_blank_is_left_as_it_is_and_waits_for_nobody(tmp_path: Path) -> None:
    provider = a_replica(tmp_path / "old", NOWHERE)
    own = Batch((Create(a_set("own.fed.svc", "A", "192.0.2.9")),), Fence(None, a_claim(seq=1)))
    await provider.apply(own)
    with structlog.testing.capture_logs() as logs:
        async with serving(provider), asyncio.timeout(3):
            assert ours(await provider.read_zone()) == {*own.coming}
    assert [line["event"] for line in logs] == ["serving"]


@pytest.mark.servers  # takes its time
async def test_two_that_are_blank_do_not_wait_for_each_other(tmp_path: Path) -> None:
    listen = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    first, second = (a_replica(tmp_path / each[-5:], *listen, listen=[each]) for each in listen)
    with structlog.testing.capture_logs() as logs:
        async with serving(first), serving(second), asyncio.timeout(3):
            assert ours(await first.read_zone()) == ours(await second.read_zone()) == set()
    assert [line for line in logs if "filled" in line["event"]] == []


async def test_the_serial_of_a_peer_is_taken_where_it_is_the_later_one(tmp_path: Path) -> None:
    async with answering(a_message((SOA, CLAIM_LINE, SOA))) as peer:
        provider = a_replica(tmp_path / "new", peer)
        async with serving(provider) as endpoint:
            assert ours(await provider.read_zone()) == {CLAIM}
            (rrset,) = (await udp(endpoint, a_query(ORIGIN, "SOA"))).answer
            assert rrset[0].serial == 3_000_000_000


async def test_what_cannot_be_served_is_left_out_and_told_once(tmp_path: Path) -> None:
    odd = (
        "www.example.net. 60 IN A 192.0.2.1",
        f"{NAME}.{ORIGIN} 180 IN CNAME www.example.net.",
        f"below.{ORIGIN} 180 IN NS ns.example.net.",
        f"ns1.{ORIGIN} 180 IN A 192.0.2.77",
    )
    servers = (f"{ORIGIN} 3600 IN NS old.{ORIGIN}", f"old.{ORIGIN} 3600 IN A 192.0.2.78")
    async with answering(a_message((SOA, CLAIM_LINE, WWW_LINE, *odd, *servers, SOA))) as peer:
        provider = a_replica(tmp_path / "new", peer)
        with structlog.testing.capture_logs() as logs:
            async with serving(provider):
                found = ours(await provider.read_zone())
    assert found == {CLAIM, a_set(NAME, "CNAME", "www.example.net.")}
    (line,) = (line for line in logs if line["event"] == "zone filled")
    assert (line["record_sets"], line["left_out"]) == (2, 4)
    assert line["such_as"] == f"{WWW.name} has a CNAME, so it can have no A"


@pytest.mark.servers  # likewise
@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    ("messages", "closes", "reason"),
    [
        ((), False, "was silent for 0.1 s"),
        ((), True, "closed the connection"),
        ((b"\0" * 2,), False, "is not the whole zone"),
        ((b"garbage that is longer than a header",), False, "is not the whole zone"),
        ((a_message((SOA, CLAIM_LINE, WWW_LINE)),), False, "was silent for 0.1 s"),
        ((a_message((SOA, CLAIM_LINE, WWW_LINE)),), True, "closed the connection"),
        ((a_message((CLAIM_LINE, SOA)),), False, "does not begin"),
        ((a_message((), dns.rcode.REFUSED),), False, "REFUSED"),
    ],
)
async def test_a_peer_that_gives_no_whole_zone_holds_nothing_up_for_long(
    tmp_path: Path,
    messages: Sequence[bytes],
    closes: bool,  # noqa: FBT001 - a table's column
    reason: str,
) -> None:
    async with answering(*messages, closes=closes) as peer:
        provider = a_replica(tmp_path / "new", peer)
        with structlog.testing.capture_logs() as logs:
            async with serving(provider), asyncio.timeout(3):
                assert ours(await provider.read_zone()) == set()
    (line,) = (line for line in logs if line["event"] == "zone not filled")
    assert reason in line["reason"]


@pytest.mark.servers  # likewise
@pytest.mark.usefixtures("hurried")
async def test_a_peer_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feddns.providers.embedded_filling._TRANSFER_S", 0.3)
    async with answering(a_message((SOA, CLAIM_LINE)), trickles=a_message((WWW_LINE,))) as peer:
        provider = a_replica(tmp_path / "new", peer)
        with structlog.testing.capture_logs() as logs:
            async with serving(provider), asyncio.timeout(3):
                assert ours(await provider.read_zone()) == set()
    (line,) = (line for line in logs if line["event"] == "zone not filled")
    assert line["reason"] == f"{peer} does not transfer the zone within 0.3 s"


@pytest.mark.servers  # likewise
@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("bound", ["_MOST_RECORDS", "_MOST_OCTETS"])
async def test_a_peer_that_gives_too_much_fills_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    lines = [f"n{number}.{ORIGIN} 60 IN A 192.0.2.1" for number in range(50)]
    monkeypatch.setattr(f"feddns.providers.embedded_filling.{bound}", 50)
    async with answering(a_message((SOA, CLAIM_LINE, *lines)), a_message((WWW_LINE, SOA))) as peer:
        provider = a_replica(tmp_path / "new", peer)
        with structlog.testing.capture_logs() as logs:
            async with serving(provider):
                assert ours(await provider.read_zone()) == set()
    (line,) = (line for line in logs if line["event"] == "zone not filled")
    assert "it has no end" in line["reason"]


async def test_a_peer_without_a_claim_has_nothing_to_fill_a_zone_with(tmp_path: Path) -> None:
    async with answering(a_message((SOA, WWW_LINE, SOA))) as peer:
        provider = a_replica(tmp_path / "new", peer)
        async with serving(provider), asyncio.timeout(3):
            assert ours(await provider.read_zone()) == set()


@pytest.mark.servers  # likewise
@pytest.mark.usefixtures("hurried")
async def test_one_that_hangs_or_is_not_there_does_not_keep_another_from_being_asked(
    tmp_path: Path, filled: Endpoint
) -> None:
    async with answering() as hanging:
        provider = a_replica(tmp_path / "new", "no-such-name.invalid:53", NOWHERE, hanging, str(filled))
        async with serving(provider):
            assert ours(await provider.read_zone()) == {*FILLED.coming}


@pytest.mark.servers  # likewise
@pytest.mark.usefixtures("hurried")
async def test_who_is_not_known_to_a_peer_yet_asks_again(tmp_path: Path) -> None:
    """The address of a new pod comes to the others after a moment."""
    whole = a_message((SOA, CLAIM_LINE, SOA))
    async with answering(a_message((), dns.rcode.REFUSED), then=(whole,)) as peer:
        provider = a_replica(tmp_path / "new", peer)
        async with serving(provider):
            assert ours(await provider.read_zone()) == {CLAIM}


async def test_hosts_of_peers_may_transfer_the_zone_and_others_may_not(tmp_path: Path) -> None:
    provider = a_replica(tmp_path / "filled", "127.0.0.2:53")
    await provider.apply(FILLED)
    async with serving(provider) as endpoint, asyncio.timeout(5):
        rcodes: dict[str, dns.rcode.Rcode] = {}
        while rcodes.get("127.0.0.2") != dns.rcode.NOERROR:  # until the name has been looked up
            for host in ("127.0.0.1", "127.0.0.2"):
                query = a_query(ORIGIN, "AXFR")
                answer = await dns.asyncquery.tcp(query, endpoint.host, port=endpoint.port, source=host, timeout=5)
                rcodes[host] = answer.rcode()
        assert rcodes["127.0.0.1"] == dns.rcode.REFUSED
