"""The provider against real servers: what the contract does not ask of every provider."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from feddns.errors import Conflict, Rejected, Unauthorized, Unavailable
from feddns.model.address import parse_address
from feddns.model.changes import Create, Delete, Replace
from feddns.model.records import ZoneName
from feddns.providers.rfc2136 import Rfc2136
from feddns.providers.rfc2136.reading import ZoneReader
from feddns.providers.rfc2136.settings import Rfc2136Settings
from feddns.providers.tsigkey import TsigSettings
from feddns.testing.pen import Pen, among, contents
from feddns.testing.proxy import Proxy
from tests.providers.conftest import OpenAt
from tests.servers import DnsServer, dig

ZONE = ZoneName("example.com.")


@pytest.fixture(params=["bind", "knot"])
def server(request: pytest.FixtureRequest) -> DnsServer:
    started: DnsServer = request.getfixturevalue(request.param)
    return started


@pytest.fixture
async def provider(server: DnsServer, open_rfc2136: OpenAt) -> AsyncIterator[Rfc2136]:
    provider = open_rfc2136(server)
    yield provider
    await provider.close()


@pytest.fixture
def pen(provider: Rfc2136) -> Pen:
    return Pen(provider, ZONE)


def transfers(server: DnsServer) -> list[str]:
    """The kinds of zone transfers that BIND says to have sent."""
    return re.findall(r": ((?:AXFR-style )?[AI]XFR) started", (server.folder / "log").read_text())


pytestmark = pytest.mark.servers


async def test_what_is_written_is_what_others_see(pen: Pen, server: DnsServer) -> None:
    await pen.write(
        Create(pen.set("www", "A", "192.0.2.1", "192.0.2.2")), Create(pen.set("alias", "CNAME", "www.example.com."))
    )
    assert await asyncio.to_thread(dig, server, "alias.example.com", "A") == [
        "192.0.2.1",
        "192.0.2.2",
        "www.example.com.",
    ]


async def test_what_others_wrote_in_capitals_is_read_in_lower_case_and_can_be_replaced(
    pen: Pen, provider: Rfc2136, server: DnsServer
) -> None:
    server.seed("WWW 60 CNAME Target.Example.NET.")
    found = pen.set("www", "CNAME", "target.example.net.", ttl=60)
    assert await among(provider, found)
    replacement = pen.set("www", "CNAME", "other.example.net.")
    await pen.write(Replace(found, replacement))
    assert await among(provider, replacement)


async def test_a_record_that_someone_adds_between_reading_and_writing_is_a_conflict_that_says_so(
    pen: Pen, server: DnsServer
) -> None:
    www = pen.set("www", "A", "192.0.2.1")
    await pen.write(Create(www))
    server.seed("www 180 A 192.0.2.9")
    with pytest.raises(Conflict, match=r"is not as it was last read \(NXRRSET\)"):
        await pen.write(Replace(www, pen.set("www", "A", "192.0.2.2")))


async def test_a_second_reading_transfers_only_the_changes(open_rfc2136: OpenAt, bind: DnsServer) -> None:
    bind.seed("\n".join(f"host-{number} 60 A 192.0.2.1" for number in range(300)))
    reader, other = open_rfc2136(bind), open_rfc2136(bind)
    await reader.read_zone()
    bind.seed("host-7 90 A 192.0.2.2\nhost-300 60 TXT new")
    assert await contents(reader) == await contents(other)
    assert await contents(reader) == await contents(other)
    # An answer that nothing has changed is no transfer.
    assert transfers(bind) == ["AXFR", "IXFR", "AXFR"]


async def test_distrust_reads_all_where_the_server_says_that_nothing_changed(server: DnsServer) -> None:
    key = server.keyring().popitem()[1]
    reader = ZoneReader(ZONE, parse_address(f"{server.host}:{server.port}"), 1.0, lambda: key)
    first = await reader.read(distrust=False)
    assert await reader.read(distrust=False) is not None
    again = await reader.read(distrust=True)
    assert again == first
    assert again.sets is not first.sets


async def test_after_a_conflict_a_zone_that_is_said_to_be_unchanged_is_read_whole(
    open_rfc2136: OpenAt, bind: DnsServer
) -> None:
    """A zone restored from a backup may have the serial number that we know, and other content."""
    provider = open_rfc2136(bind)
    pen = Pen(provider, ZONE)
    await provider.read_zone()
    with pytest.raises(Conflict):
        await pen.write(Replace(pen.set("www", "A", "192.0.2.1"), pen.set("www", "A", "192.0.2.2")))
    await provider.read_zone()
    await provider.read_zone()
    assert transfers(bind) == ["AXFR", "AXFR"]
    await provider.close()


async def test_a_restarted_server_is_found_again(pen: Pen, provider: Rfc2136, server: DnsServer) -> None:
    """The kept connection is known to be closed, so nothing is in doubt."""
    await pen.write()
    server.restart()
    www = pen.set("www", "A", "192.0.2.1")
    await pen.write(Create(www))
    assert await among(provider, www)


async def test_batches_share_a_connection(server: DnsServer, open_rfc2136: OpenAt) -> None:
    async with Proxy(server.host, server.port) as proxy:
        provider = open_rfc2136(server, "127.0.0.1", proxy.port)
        pen = Pen(provider, ZONE)
        for number in range(5):
            await pen.write(Create(pen.set(f"host-{number}", "A", "192.0.2.1")))
        with pytest.raises(Conflict):
            await provider.apply(pen.batch(Create(pen.set("host-1", "A", "192.0.2.1"))))
        await pen.write()
        assert proxy.accepted == 1
        await provider.close()


async def test_a_cancelled_batch_leaves_no_answer_for_the_next(pen: Pen, provider: Rfc2136) -> None:
    await pen.write()
    task = asyncio.create_task(provider.apply(pen.batch()))
    await asyncio.sleep(0)  # it is sent at once on the connection that was kept, and then waits
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    www = pen.set("www", "A", "192.0.2.1")
    try:
        await pen.write(Create(www))
    except Conflict:
        # The cancelled batch had been carried out after all.
        pen.skip()
        await pen.write(Create(www))
    assert await among(provider, www)


async def test_a_transfer_that_breaks_off_is_no_zone(pen: Pen, server: DnsServer, open_rfc2136: OpenAt) -> None:
    await pen.write_all(pen.set(f"host-{number}", "A", "192.0.2.1") for number in range(4000))
    async with Proxy(server.host, server.port) as proxy:
        proxy.most_answered = 70_000
        provider = open_rfc2136(server, "127.0.0.1", proxy.port)
        with pytest.raises(
            Unavailable, match=r"of example.com. broke off before its end: .* (closed|broke) the connection"
        ):
            await provider.read_zone()
        await provider.close()


async def test_a_zone_that_the_server_does_not_have_is_told(
    server: DnsServer, tmp_path: Path, open_rfc2136: OpenAt
) -> None:
    open_rfc2136(server)
    settings = Rfc2136Settings(
        server=f"{server.host}:{server.port}",
        tsig=TsigSettings(server.key_name, secret_file="secret"),  # noqa: S106  # a path
    )
    lost = Rfc2136.open(settings, ZoneName("example.org."), tmp_path)
    with pytest.raises(Rejected, match=r"the server has no zone example.org. \(NOTAUTH\)"):
        await lost.read_zone()
    pen = Pen(lost, ZoneName("example.org."))
    with pytest.raises(Unauthorized, match=r"not the primary of the zone.*\(NOTAUTH\)|update policy.*\(REFUSED\)"):
        await pen.write()
    await lost.close()


async def test_an_unknown_key_is_told_by_name(server: DnsServer, open_rfc2136: OpenAt) -> None:
    unknown = open_rfc2136(server, key_name="nobody.")
    for attempt in (unknown.read_zone(), Pen(unknown, ZONE).write()):
        with pytest.raises(Unauthorized, match=r"knows no TSIG key nobody\. \(BADKEY\)"):
            await attempt
    await unknown.close()


async def test_a_key_that_may_not_transfer_is_told_so(server: DnsServer, open_rfc2136: OpenAt) -> None:
    stranger = open_rfc2136(server, key_name=server.stranger)
    with pytest.raises(Unauthorized, match=r"TSIG key stranger|refuses to transfer example\.com\."):
        await stranger.read_zone()
    await stranger.close()


async def test_a_secret_that_is_put_right_is_used_at_once(
    pen: Pen, provider: Rfc2136, server: DnsServer, tmp_path: Path
) -> None:
    await pen.write()
    (tmp_path / "secret").write_text(base64.b64encode(b"not the server's").decode())
    for attempt in (provider.read_zone(), pen.write()):
        with pytest.raises(Unauthorized, match=r"another secret for the TSIG key feddns\. \(BADSIG\)"):
            await attempt
    (tmp_path / "secret").write_text(server.secret)
    await pen.write()


async def test_without_a_key_the_server_must_know_us(server: DnsServer, tmp_path: Path) -> None:
    unsigned = Rfc2136.open(Rfc2136Settings(server=f"{server.host}:{server.port}"), ZONE, tmp_path)
    assert "unsigned" in unsigned.identity
    with pytest.raises(Unauthorized, match=r"refuses to transfer example.com."):
        await unsigned.read_zone()
    with pytest.raises(Unauthorized, match=r"\((REFUSED|NOTAUTH)\)"):
        await Pen(unsigned, ZONE).write()
    await unsigned.close()


async def test_the_identity_names_server_and_key_and_no_secret(provider: Rfc2136, server: DnsServer) -> None:
    assert provider.identity == (
        f"example.com. by dynamic update to 127.0.0.1:{server.port} as TSIG key feddns. (hmac-sha256)"
    )
    assert server.secret not in repr(vars(provider))


async def test_a_batch_larger_than_a_message_is_refused_before_it_is_sent(pen: Pen, provider: Rfc2136) -> None:
    await pen.write()
    before = await contents(provider)
    sets = [pen.set(f"{'x' * 60}{number:03}.{'y' * 60}{number:03}", "A", "192.0.2.1") for number in range(400)]
    with pytest.raises(Rejected, match=r"400 changes takes \d+ octets, and a DNS message holds 65535") as refusal:
        await provider.apply(pen.batch(*map(Create, sets)))
    assert refusal.value.names == frozenset()
    assert await contents(provider) == before


async def test_a_service_of_sixty_names_fits_whatever_their_length(pen: Pen, provider: Rfc2136) -> None:
    """A CNAME in an address's place has the most prerequisites; sixty of them with names of 253 octets."""
    labels = ".".join(["a" * 63, "b" * 63, "c" * 63])
    names = [f"{'z' * 46}{number:02}.{labels}" for number in range(60)]
    addresses = [pen.set(name, "A", *(f"192.0.2.{n}" for n in range(8))) for name in names]
    aliases = [pen.set(name, "CNAME", f"there.{labels}.example.com.") for name in names]
    await pen.write_all(addresses)
    await pen.write(
        *[change for old, new in zip(addresses, aliases, strict=True) for change in (Delete(old), Create(new))]
    )
    assert await among(provider, *aliases)


async def test_a_provider_without_its_secret_is_not_opened(tmp_path: Path) -> None:
    settings = Rfc2136Settings(server="127.0.0.1", tsig=TsigSettings("feddns", secret_file="nowhere"))  # noqa: S106  # a path
    with pytest.raises(Unauthorized, match="nowhere with the TSIG secret cannot be read"):
        Rfc2136.open(settings, ZONE, tmp_path)


async def test_the_zone_may_be_read_from_another_server(bind: DnsServer, knot: DnsServer, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(bind.secret)
    provider = Rfc2136.open(
        Rfc2136Settings(
            server=f"{bind.host}:{bind.port}",
            tsig=TsigSettings(bind.key_name, secret_file="secret"),  # noqa: S106  # a path
            transfer_server=f"{knot.host}:{knot.port}",
        ),
        ZONE,
        tmp_path,
    )
    knot.seed("only-here 60 A 192.0.2.1")
    pen = Pen(provider, ZONE)
    www = pen.set("www", "A", "192.0.2.2")
    await pen.write(Create(www))
    assert await among(provider, pen.set("only-here", "A", "192.0.2.1", ttl=60))
    assert not await among(provider, www)
    await provider.close()
