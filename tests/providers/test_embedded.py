import asyncio
import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import dns.message
import dns.rdatatype
import dns.tsig
import msgspec
import pytest

from feddns.config.parse import load
from feddns.errors import ProviderError, Rejected, Unauthorized, Unavailable
from feddns.model.changes import Batch, Create, Fence
from feddns.model.endpoint import Endpoint
from feddns.model.records import DnsName, RecordSet, ZoneName
from feddns.providers.base import Provider, Serving
from feddns.providers.embedded import Embedded
from feddns.testing import ProviderContract
from tests.answers.asking import ORIGIN, a_query, a_set, told
from tests.mounted import Mounted
from tests.nameserver.serving import tcp, udp
from tests.nameserver.test_signatures import a_key, signed

ZONE = ZoneName(ORIGIN)
LOOPBACK = {"listen": ["127.0.0.1:0"]}
WWW = a_set("www", "A", "192.0.2.1")
FIRST = Batch((Create(WWW),), Fence(None, a_set("_feddns.f.svc", "TXT", "seq=1")))


def embedded(folder: Path, **settings: object) -> Embedded:
    return Embedded.open(msgspec.convert(settings, Embedded.Settings), ZONE, folder)


@asynccontextmanager
async def serving(provider: Embedded) -> AsyncIterator[Endpoint]:
    """Serve as `feddns run` does, and close."""
    task = asyncio.create_task(provider.serve())
    async with asyncio.timeout(5):
        while not provider.addresses and not task.done():  # noqa: ASYNC110 - as `feddns run` would, it only looks
            await asyncio.sleep(0.001)
    if task.done():
        await task
    yield Endpoint.parse(provider.addresses[0])
    task.cancel()
    await asyncio.wait([task])
    assert provider.addresses == ()
    await provider.close()


class TestEmbedded(ProviderContract):
    @pytest.fixture
    async def provider(self, tmp_path: Path) -> AsyncIterator[Provider]:
        provider = embedded(tmp_path)
        yield provider
        await provider.close()

    @pytest.fixture
    async def rival(self, tmp_path: Path) -> AsyncIterator[Provider]:
        rival = embedded(tmp_path)
        yield rival
        await rival.close()


class TestEmbeddedThatServes(ProviderContract):
    """The same where each commit is answered at once, and a rival in another process commits beside it."""

    @pytest.fixture
    async def provider(self, tmp_path: Path) -> AsyncIterator[Provider]:
        provider = embedded(tmp_path, **LOOPBACK)
        async with serving(provider):
            yield provider

    @pytest.fixture
    async def rival(self, tmp_path: Path) -> AsyncIterator[Provider]:
        rival = embedded(tmp_path)
        yield rival
        await rival.close()


async def test_what_is_applied_is_answered_when_apply_returns(tmp_path: Path) -> None:
    provider = embedded(tmp_path, **LOOPBACK)
    assert isinstance(provider, Serving)
    async with serving(provider) as endpoint:
        await provider.apply(FIRST)
        for ask in (udp, tcp):
            assert told((await ask(endpoint, a_query("www"))).answer) == {("www.example.com.", "A", 180, "192.0.2.1")}


async def test_a_new_start_serves_the_zone_of_the_last_one_before_anything_is_applied(tmp_path: Path) -> None:
    first = embedded(tmp_path)
    await first.apply(FIRST)
    await first.close()
    async with serving(embedded(tmp_path, **LOOPBACK)) as endpoint:
        assert told((await udp(endpoint, a_query("www"))).answer)


async def test_reading_writes_nothing_and_has_the_name_servers(tmp_path: Path) -> None:
    provider = embedded(tmp_path)
    assert set(await provider.read_zone()) == {
        RecordSet(DnsName(ORIGIN), "NS", 3600, ("ns1.example.com.",)),
        a_set("ns1", "A", "127.0.0.1", ttl=3600),
    }
    await provider.close()
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 - the test's own folder


async def test_the_file_is_named_after_the_zone_beside_the_configuration_or_as_asked(tmp_path: Path) -> None:
    for settings, name in (({}, "example.com.zone.sqlite"), ({"file": "other"}, "other")):
        provider = embedded(tmp_path, **settings)
        await provider.apply(FIRST)
        await provider.close()
        assert str(tmp_path / name) in provider.identity
    assert {path.name for path in tmp_path.iterdir()} == {"example.com.zone.sqlite", "other"}  # noqa: ASYNC240 - likewise


async def test_the_apex_is_as_configured(tmp_path: Path) -> None:
    servers = [{"name": "Dns.Example.com", "addresses": ["192.0.2.53", "2001:DB8::53"]}, {"name": "ns.example.net."}]
    settings = {**LOOPBACK, "nameservers": servers, "hostmaster": "first.last@example.org", "negativeTtl": 7}
    async with serving(embedded(tmp_path, **settings)) as endpoint:
        soa = await udp(endpoint, a_query(ORIGIN, "SOA"))
        assert soa.answer[0].to_text().split()[4:6] == ["dns.example.com.", "first\\.last.example.org."]
        assert soa.answer[0].to_text().endswith(" 7")
        servers_told = await udp(endpoint, a_query(ORIGIN, "NS"))
        assert {data for *_, data in told(servers_told.answer)} == {"dns.example.com.", "ns.example.net."}
        assert {data for *_, data in told(servers_told.additional)} == {"192.0.2.53", "2001:db8::53"}
        gone = await udp(endpoint, a_query("gone"))
        assert gone.authority[0].ttl == 7


async def test_every_address_is_listened_on_and_told(tmp_path: Path) -> None:
    provider = embedded(tmp_path, listen=["127.0.0.1:0", "[::1]:0", "0.0.0.0:0"])
    async with serving(provider):
        endpoints = [Endpoint.parse(address) for address in provider.addresses]
        assert [endpoint.host for endpoint in endpoints] == ["127.0.0.1", "::1", "0.0.0.0"]  # noqa: S104 - to be told
        for endpoint in endpoints[:2]:
            answer = await udp(endpoint, a_query("ns1"))
            assert {data for *_, data in told(answer.answer)} == {"127.0.0.1"}


async def test_a_taken_address_ends_serving_with_the_reason(tmp_path: Path) -> None:
    async with serving(embedded(tmp_path, **LOOPBACK)) as endpoint:
        second = embedded(tmp_path, listen=[str(endpoint)])
        with pytest.raises(Unavailable, match=f"{endpoint} cannot be listened on"):
            await second.serve()
        await second.close()


async def test_a_damaged_file_ends_serving_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "zone").write_bytes(b"no database " * 1_000)
    provider = embedded(tmp_path, file="zone", **LOOPBACK)
    with pytest.raises(Unavailable, match=f"{tmp_path / 'zone'} is damaged"):
        await provider.serve()
    await provider.close()


async def test_the_event_loop_goes_on_while_a_large_batch_is_committed(tmp_path: Path) -> None:
    provider = embedded(tmp_path, **LOOPBACK)
    many = [a_set(f"service-{number}.shop.fed.svc", "A", "192.0.2.1") for number in range(500)]
    async with serving(provider):
        commit = asyncio.create_task(provider.apply(Batch(tuple(map(Create, many)), Fence(None, None))))
        turns = 0
        while not commit.done():
            await asyncio.sleep(0)
            turns += 1
        await commit
    assert turns > 5


@pytest.mark.parametrize("source", ["secretFile", "secretEnv"])
async def test_a_secondary_with_the_key_may_transfer_the_zone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    secret = base64.b64encode(b"a secret").decode()
    (tmp_path / "SECRET").write_text(f"{secret}\n")
    monkeypatch.setenv("SECRET", secret)
    key = {"name": "secondary", source: "SECRET"}
    provider = embedded(tmp_path, **LOOPBACK, tsigKeys=[key], transfer={"keys": ["Secondary."]})
    async with serving(provider) as endpoint:
        await provider.apply(FIRST)
        answer = await tcp(endpoint, signed(ORIGIN, "AXFR", a_key()))
        assert answer.rcode() == dns.rcode.NOERROR
        assert dns.rdatatype.A in {rrset.rdtype for rrset in answer.answer}
        refused = await tcp(endpoint, a_query(ORIGIN, "AXFR"))
        assert refused.rcode() == dns.rcode.REFUSED


async def test_a_secondary_may_change_its_secret_while_it_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feddns.providers.embedded._LOOK_EVERY_S", 0.0)
    first, second = b"a secret", b"another"
    secret = Mounted(tmp_path / "tsig", secondary=base64.b64encode(first).decode())
    key = {"name": "secondary", "secretFile": "tsig/secondary"}
    provider = embedded(tmp_path, **LOOPBACK, tsigKeys=[key], transfer={"keys": ["secondary"]})
    async with serving(provider) as endpoint:
        await provider.apply(FIRST)
        assert (await tcp(endpoint, signed(ORIGIN, "AXFR", a_key(secret=first)))).rcode() == dns.rcode.NOERROR
        secret.swap(secondary=base64.b64encode(second).decode())
        with pytest.raises(dns.tsig.PeerBadSignature):
            await tcp(endpoint, signed(ORIGIN, "AXFR", a_key(secret=first)))
        secret.swap(secondary="torn!")
        assert (await tcp(endpoint, signed(ORIGIN, "AXFR", a_key(secret=second)))).rcode() == dns.rcode.NOERROR


async def test_a_host_of_an_allowed_network_may_transfer_the_zone(tmp_path: Path) -> None:
    async with serving(embedded(tmp_path, **LOOPBACK, transfer={"networks": ["127.0.0.0/8"]})) as endpoint:
        assert (await tcp(endpoint, a_query(ORIGIN, "AXFR"))).rcode() == dns.rcode.NOERROR


def test_a_missing_secret_is_told_before_anything_is_served(tmp_path: Path) -> None:
    with pytest.raises(Unauthorized, match="gone"):
        embedded(tmp_path, tsigKeys=[{"name": "secondary", "secretFile": "gone"}])


def test_a_secret_that_is_none_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("my pass word!")
    with pytest.raises(ProviderError) as refusal:
        embedded(tmp_path, tsigKeys=[{"name": "secondary", "secretFile": "secret"}])
    assert "pass" not in repr(refusal.value)


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"listen": []}, "length >= 1"),
        ({"listen": ["localhost:53"]}, "nothing to listen on"),
        ({"nameservers": [{"name": "a..b"}]}, "a label has"),
        ({"nameservers": [{"name": "ns.example.net", "addresses": ["here"]}]}, "does not appear to be"),
        ({"transfer": {"networks": ["192.0.2.1/24"]}}, "has host bits set"),
        ({"transfer": {"keys": ["secondary"]}}, 'names "secondary", which is not among tsigKeys'),
        ({"tsigKeys": [{"secretEnv": "SECRET"}]}, "each of tsigKeys needs a `name`"),
        ({"hostmaster": "dns@example..com"}, "a label has"),
        ({"negativeTtl": -1}, ">= 0"),
        ({"tsigKeys": [{"name": "secondary"}]}, "exactly one of secretFile and secretEnv"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(tmp_path: Path, settings: dict[str, object], wrong: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=wrong):
        embedded(tmp_path, **settings)


@pytest.mark.parametrize(
    ("server", "wrong"),
    [
        ({"name": "ns.example.com"}, "is in the zone example.com., so it needs addresses"),
        ({"name": "example.com"}, "is in the zone example.com., so it needs addresses"),
        ({"name": "ns.example.net", "addresses": ["192.0.2.1"]}, "is not in the zone"),
        ({"name": "nsexample.com", "addresses": ["192.0.2.1"]}, "is not in the zone"),
    ],
)
def test_name_servers_that_do_not_fit_the_zone_are_refused(tmp_path: Path, server: object, wrong: str) -> None:
    with pytest.raises(Rejected, match=wrong):
        embedded(tmp_path, nameservers=[server])


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_examples_in_the_docs_are_valid(tmp_path: Path, number: int) -> None:
    page = Path(__file__).parents[2] / "docs" / "providers" / "embedded.md"
    examples = re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)
    assert len(examples) == 3
    loaded = load(examples[number], "feddns.yaml", ("embedded",))
    (tmp_path / "secondary.secret").write_text(base64.b64encode(b"a secret").decode())
    provider = Embedded.open(
        loaded.provider(loaded.targets[0], Embedded.Settings), ZoneName("fed.example.com."), tmp_path
    )
    assert "fed.example.com.zone.sqlite" in provider.identity
