import ipaddress
import subprocess
import time
from asyncio import to_thread
from base64 import b64encode

import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.xfr
import dns.zone
import pytest

from feddns.answers.responder import Responder
from feddns.model.endpoint import Endpoint
from feddns.nameserver.dispatch import Dispatch, TransferAccess
from feddns.nameserver.signatures import Keyring
from tests.answers.asking import ORIGIN, a_query, a_set, a_zone
from tests.nameserver.serving import a_dispatch, listening, tcp, udp
from tests.nameserver.test_signatures import a_key, signed
from tests.servers import installed

SECRET = b"a secret of the tests"
KEY = a_key("secondary.", SECRET)
LOOPBACK = TransferAccess(networks=(ipaddress.ip_network("127.0.0.0/8"),))
BY_KEY = TransferAccess(key_names=frozenset({"secondary."}))
SETS = tuple(a_set(f"service-{number}", "A", "192.0.2.1") for number in range(2_000))


async def dig(endpoint: Endpoint, *arguments: str) -> str:
    """What dig prints."""
    command = (installed("dig"), f"@{endpoint.host}", "-p", str(endpoint.port), "+time=5", "+tries=1", *arguments)
    done = await to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
    return done.stdout


async def test_dig_gets_an_answer_by_udp_with_its_cookie_passed_over() -> None:
    async with listening(a_dispatch(*SETS), "127.0.0.1", "[::1]") as endpoints:
        for endpoint in endpoints:
            for _ in range(2):
                text = await dig(endpoint, "service-7.example.com", "A")
                assert "status: NOERROR" in text
                assert "flags: qr aa rd;" in text
                assert "udp: 1232" in text
                assert "192.0.2.1" in text
                assert "WARNING: recursion requested but not available" in text


@pytest.mark.parametrize("options", [("+tcp",), ("+noedns",), ("+tcp", "+noedns"), ("+dnssec",), ("+bufsize=512",)])
async def test_dig_gets_the_same_answer_whatever_the_transport(options: tuple[str, ...]) -> None:
    async with listening(a_dispatch(*SETS)) as (endpoint,):
        assert "192.0.2.1" in await dig(endpoint, *options, "service-7.example.com", "A")


async def test_dig_comes_again_by_tcp_where_an_answer_is_cut() -> None:
    many = a_set("many", "A", *(f"192.0.2.{number}" for number in range(200)))
    async with listening(a_dispatch(many)) as (endpoint,):
        text = await dig(endpoint, "many.example.com", "A")
        assert "Truncated, retrying in TCP mode" in text
        assert "ANSWER: 200" in text


async def test_dig_finds_an_unknown_version_of_edns_refused() -> None:
    async with listening(a_dispatch()) as (endpoint,):
        assert "status: BADVERS" in await dig(endpoint, "+edns=1", "+noednsnegotiation", "example.com", "SOA")


async def test_dig_transfers_the_zone_from_an_allowed_network() -> None:
    async with listening(a_dispatch(*SETS, access=LOOPBACK)) as (endpoint,):
        lines = (await dig(endpoint, "example.com", "AXFR", "+noall", "+answer")).splitlines()
        assert len(lines) == len(SETS) + 6
        assert lines[0] == lines[-1]
        assert "SOA" in lines[0]


async def test_dig_transfers_the_zone_by_its_key_and_finds_every_message_signed() -> None:
    dispatch = a_dispatch(*SETS, access=BY_KEY, keys=[KEY], now=time.time())
    key = f"hmac-sha256:secondary:{b64encode(SECRET).decode()}"
    async with listening(dispatch) as (endpoint,):
        text = await dig(endpoint, "-y", key, "example.com", "AXFR")
        assert text.count("service-") == len(SETS)
        assert "Transfer failed" not in text
        assert "Couldn't verify" not in text
        assert "Transfer failed" in await dig(endpoint, "example.com", "AXFR")


@pytest.mark.parametrize("key", [None, KEY], ids=["by network", "by key"])
async def test_a_secondary_gets_the_zone_and_then_only_what_changed(key: dns.tsig.Key | None) -> None:
    dispatch = a_dispatch(*SETS, access=BY_KEY if key else LOOPBACK, keys=[KEY], now=time.time())
    zone = dns.zone.Zone(ORIGIN, relativize=False)
    async with listening(dispatch) as (endpoint,):
        for _ in range(2):  # the second time dnspython asks by IXFR, from the serial it has
            query, _ = dns.xfr.make_query(zone, keyring=key, keyname=None if key is None else key.name)
            await to_thread(dns.query.inbound_xfr, endpoint.host, zone, query, port=endpoint.port, timeout=5)
            assert len(zone.nodes) == len(SETS) + 2
    assert query.question[0].rdtype == dns.rdatatype.IXFR


@pytest.mark.parametrize(
    ("name", "rcode"), [(ORIGIN, dns.rcode.REFUSED), ("www", dns.rcode.NOTAUTH), ("example.net.", dns.rcode.NOTAUTH)]
)
async def test_a_transfer_that_is_not_allowed_or_not_of_this_zone_is_refused(name: str, rcode: dns.rcode.Rcode) -> None:
    async with listening(a_dispatch(*SETS)) as (endpoint,):
        assert (await tcp(endpoint, a_query(name, "AXFR"))).rcode() == rcode


async def test_a_zone_that_is_not_filled_yet_is_not_transferred() -> None:
    """A secondary would give up its good copy for one in which there is nothing."""
    dispatch = Dispatch(Responder(a_zone(), lambda: False), LOOPBACK, Keyring(), time.time)
    async with listening(dispatch) as (endpoint,):
        for type_ in ("AXFR", "IXFR"):
            assert (await tcp(endpoint, a_query(ORIGIN, type_))).rcode() == dns.rcode.SERVFAIL
        assert (await tcp(endpoint, a_query(ORIGIN, "SOA"))).rcode() == dns.rcode.NOERROR


async def test_a_transfer_by_another_version_of_edns_is_refused_as_bad_version() -> None:
    async with listening(a_dispatch(*SETS[:1], access=LOOPBACK)) as (endpoint,):
        assert (await tcp(endpoint, a_query(ORIGIN, "AXFR", edns=1))).rcode() == dns.rcode.BADVERS


async def test_what_a_transfer_is_answered_does_not_depend_on_who_asked_by_udp_before() -> None:
    async with listening(a_dispatch(*SETS[:1], access=LOOPBACK)) as (endpoint,):
        query = a_query(ORIGIN, "IXFR")
        before = await tcp(endpoint, query)
        assert len(before.answer) > len((await udp(endpoint, query)).answer) == 1
        assert (await tcp(endpoint, query)).answer == before.answer


async def test_a_known_key_that_is_not_among_those_for_transfers_is_refused_with_a_signature() -> None:
    other = a_key("other.")
    async with listening(a_dispatch(*SETS, access=BY_KEY, keys=[KEY, other], now=time.time())) as (endpoint,):
        answer = await tcp(endpoint, signed(ORIGIN, "AXFR", other))
        assert answer.rcode() == dns.rcode.REFUSED
        assert answer.had_tsig


@pytest.mark.parametrize(
    ("client", "allowed"),
    [
        ("192.0.2.7", True),
        ("192.0.3.7", False),
        ("2001:db8::7", True),
        ("fe80::1%eth0", True),
        ("2001:db9::7", False),
    ],
)
def test_a_network_allows_its_hosts(client: str, allowed: bool) -> None:  # noqa: FBT001 - a table's column
    networks = tuple(map(ipaddress.ip_network, ("192.0.2.0/24", "2001:db8::/32", "fe80::/10")))
    assert TransferAccess(networks).allows(client, None) is allowed


def test_nobody_may_transfer_by_default() -> None:
    assert not TransferAccess().allows("127.0.0.1", None)
