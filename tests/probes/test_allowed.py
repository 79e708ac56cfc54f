import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.probes.allowed import Allowed

FORBIDDEN = (
    "0.0.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254", "169.254.170.2", "192.0.0.192", "224.0.0.1",
    "239.1.2.3", "240.0.0.1", "255.255.255.255", "100.100.100.200", "168.63.129.16",
)  # fmt: skip
FORBIDDEN_6 = (
    "::", "::1", "fe80::1", "fe80::a9fe:a9fe", "fe80::1%eth0", "ff02::1", "fec0::1", "fd00:ec2::254", "fd00:ec2::23",
    "fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42", "fd00:a9fe:a9fe::1", "fd00:100::100:200",
    "64:ff9b:1::a9fe:a9fe", "2001:0:a9fe:a9fe::1",
)  # fmt: skip
FINE = (
    "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "192.0.2.1", "203.0.113.7", "8.8.8.8", "100.100.100.201",
    "fd00::1", "fd12:3456:789a::1", "2001:db8::1", "2600::1", "64:ff9b::808:808", "2002:808:808::1",
)  # fmt: skip


@pytest.mark.parametrize("address", [*FORBIDDEN, *FORBIDDEN_6])
def test_what_only_a_machine_itself_may_ask_is_never_probed(address: str) -> None:
    assert Allowed().objection(address)


@pytest.mark.parametrize("address", FINE)
def test_what_can_be_a_load_balancers_is(address: str) -> None:
    assert Allowed().objection(address) == ""


def disguises(address: ipaddress.IPv4Address) -> list[ipaddress.IPv6Address]:
    """The IPv6 addresses that lead there: mapped, compatible, translated, NAT64 and 6to4."""
    number = int(address)
    whole = [
        int(ipaddress.IPv6Address(prefix)) + number for prefix in ("::ffff:0:0", "::", "::ffff:0:0:0", "64:ff9b::")
    ]
    return [ipaddress.IPv6Address(each) for each in (*whole, (0x2002 << 112) + (number << 80) + 1)]


@given(st.ip_addresses(v=4) | st.sampled_from(FORBIDDEN).map(ipaddress.IPv4Address))
def test_an_address_in_disguise_is_judged_as_what_it_leads_to(address: ipaddress.IPv4Address) -> None:
    allowed = Allowed()
    is_refused = bool(allowed.objection(str(address)))
    assert {bool(allowed.objection(str(disguised))) for disguised in disguises(address)} == {is_refused}


def test_an_objection_says_what_the_address_is() -> None:
    assert Allowed().objection("127.0.0.1") == "it is a loopback address"
    assert Allowed().objection("64:ff9b::7f00:1") == "it leads to 127.0.0.1, a loopback address"
    assert Allowed().objection("lb.example.com") == "it is no IP address"


@given(st.ip_addresses(), st.integers(0, 32))
def test_what_is_allowed_is_probed_whatever_it_is(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, bits: int
) -> None:
    network = ipaddress.ip_network((address, address.max_prefixlen - bits), strict=False)
    assert Allowed((network,)).objection(str(address)) == ""
    assert Allowed((network,)).objection("127.0.0.1") or ipaddress.ip_address("127.0.0.1") in network
