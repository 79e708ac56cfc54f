import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.answers.names import encode_name
from feddns.answers.zone import Zone
from feddns.errors import Rejected
from feddns.model.records import RecordSet
from tests.answers.asking import APEX, a_set, a_zone, zones

WWW = a_set("www", "A", "192.0.2.1")


def state(zone: Zone) -> object:
    names = {name for name in map(encode_name, PROBES) if zone.exists(name)}
    return zone.serial, zone.nodes, names, set(zone.records())


PROBES = [f"{relative}example.com." for relative in ("", "a.", "b.a.", "c.", "*.", "a.*.", "b.", "a.b.", "a.b.c.")]


@given(st.lists(zones(), min_size=1, max_size=5))
def test_a_zone_after_changes_is_the_zone_built_anew(history: list[tuple[RecordSet, ...]]) -> None:
    zone = a_zone()
    for record_sets in history:
        zone.change(*zone.difference(record_sets), zone.serial + 1)
        assert state(zone) == state(a_zone(*record_sets, serial=zone.serial))


@given(zones(), zones())
def test_a_change_tells_exactly_the_names_that_are_others_now(
    before: tuple[RecordSet, ...], after: tuple[RecordSet, ...]
) -> None:
    zone = a_zone(*before)
    old = dict(zone.nodes)
    touched = zone.change(*zone.difference(after), 8)
    others = {name for name in old.keys() | zone.nodes.keys() if old.get(name) != zone.nodes.get(name)}
    assert touched == others - {zone.apex}


@given(zones())
def test_a_transfer_has_every_set_once_between_two_soas(record_sets: tuple[RecordSet, ...]) -> None:
    zone = a_zone(*record_sets)
    first, *between, last = zone.records()
    assert first == last == (zone.apex, zone.soa)
    assert len(between) == len({(name, rrset.type) for name, rrset in between})
    assert len(between) == len(record_sets) + len(APEX.record_sets())


def test_a_transfer_is_of_one_moment() -> None:
    zone = a_zone(WWW)
    records = zone.records()
    first = next(records)
    zone.change([("www.example.com.", "A")], [zone.encode(a_set("other", "A", "192.0.2.2"))], 8)  # type: ignore[list-item]  # a literal is no DnsName
    rest = list(records)
    assert rest[-1] == first
    assert {name for name, _ in rest} >= {encode_name("www.example.com.")}
    assert encode_name("other.example.com.") not in {name for name, _ in rest}


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("www.example.net.", "not in the zone"),
        ("com.", "not in the zone"),
        ("ns1.example.com.", "own name"),
        ("a..example.com.", "a label has"),
    ],
)
def test_a_name_that_has_no_place_is_rejected(name: str, wrong: str) -> None:
    with pytest.raises(Rejected, match=wrong) as refusal:
        a_zone().encode(a_set(name, "A", "192.0.2.1"))
    assert refusal.value.names == {name}


def test_at_the_apex_only_addresses_have_a_place() -> None:
    zone = a_zone()
    for kind, value in (("CNAME", "www.example.com."), ("MX", "10 mail.example.net."), ("TXT", "text")):
        with pytest.raises(Rejected, match="own name"):
            zone.encode(a_set("example.com.", kind, value))
    zone.change((), [zone.encode(a_set("example.com.", "A", "192.0.2.1"))], serial=2)
    assert {1, 2, 6} == set(zone.nodes[zone.apex]), "A beside NS and SOA"


def test_name_servers_and_their_addresses_are_record_sets_too() -> None:
    assert set(APEX.record_sets()) == {
        a_set("example.com.", "NS", "ns.elsewhere.net.", "ns1.example.com.", ttl=3600),
        a_set("ns1", "A", "192.0.2.53", ttl=3600),
        a_set("ns1", "AAAA", "2001:db8::53", ttl=3600),
    }
