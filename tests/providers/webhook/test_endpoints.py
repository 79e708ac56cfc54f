"""Record sets become endpoints and come back as they went, and no endpoint is too odd to be read."""

import ipaddress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.model.records import DnsName, RecordSet, ZoneName
from feddns.providers.webhook.endpoints import Changes, Endpoint, Property, endpoint_of, key, listing
from feddns.providers.webhook.targets import name_of, sent_form, target_of, value_of
from tests.providers.rfc2136.strategies import ZONE, names, zones

odd_text = st.text(max_size=12) | st.sampled_from(
    ["\\", '"', '"a', 'a"b', "\\300", "\\256", ".", "..", "192.0.2.1", "::1"]
)
odd_kinds = st.sampled_from(["A", "AAAA", "CNAME", "TXT", "MX", "SRV", "CAA", "TYPE65280", "ALIAS", "SOA", "", "a"])
odd_endpoints = st.builds(
    Endpoint,
    dns_name=names.map(str) | odd_text.map(lambda text: f"{text}.example.com"),
    targets=st.none() | st.lists(odd_text, max_size=3).map(tuple),
    record_type=odd_kinds,
    set_identifier=st.none() | st.sampled_from(["", "x"]),
    record_ttl=st.none() | st.integers(-(2**40), 2**40),
    provider_specific=st.none() | st.just((Property("alias", "true"),)),
)


@given(zones())
def test_a_zone_comes_back_as_it_went(zone: dict[tuple[str, str], RecordSet]) -> None:
    wire = msgspec.json.encode([endpoint_of(record_set) for record_set in zone.values()])
    found = listing(msgspec.json.decode(wire, type=list[Endpoint | None]), ZONE)
    assert {each: listed.record_set for each, listed in found.items()} == zone


@given(zones(), st.data())
def test_only_the_names_that_matter_are_looked_at(zone: dict[tuple[str, str], RecordSet], data: st.DataObject) -> None:
    endpoints = [endpoint_of(record_set) for record_set in zone.values()]
    some = frozenset(
        data.draw(st.sets(st.sampled_from(sorted({str(name) for name, _ in zone}))) if zone else st.just(set()))
    )
    found = listing(endpoints, ZONE, frozenset(map(DnsName, some)))
    assert found.keys() == {each for each in zone if each[0] in some}


@given(st.lists(st.none() | odd_endpoints, max_size=8))
def test_any_endpoints_give_canonical_record_sets(endpoints: list[Endpoint | None]) -> None:
    found = listing(endpoints, ZONE)
    for each, listed in found.items():
        record_set = listed.record_set
        assert each == key(record_set)
        assert f".{record_set.name}".endswith(f".{ZONE}")
        assert name_of(record_set.name) == record_set.name
        assert record_set.ttl >= 0
        assert tuple(sorted(set(record_set.values))) == record_set.values
        for value in record_set.values:
            assert value_of(record_set.type, target_of(record_set.type, value)) == value


@given(odd_kinds, odd_text)
def test_a_target_is_either_data_or_refused_and_what_is_sent_back_means_the_same(kind: str, target: str) -> None:
    try:
        value = value_of(kind, target)
    except ValueError:
        return
    assert value_of(kind, sent_form(kind, target)) == value


@pytest.mark.parametrize(
    ("kind", "target", "value"),
    [
        ("A", "192.0.2.1", "192.0.2.1"),
        ("AAAA", "2001:DB8:0::1", "2001:db8::1"),
        ("AAAA", "192.0.2.1", str(ipaddress.IPv6Address("::ffff:c000:201"))),
        ("CNAME", "Target.Example.NET", "target.example.net."),
        ("CNAME", "target.example.net.", "target.example.net."),
        ("NS", "ns1.example.net", "ns1.example.net."),
        ("MX", "10 Mail.example.net", "10 mail.example.net."),
        ("SRV", "0 5 5060 sip.example.net.", "0 5 5060 sip.example.net."),
        ("CAA", '0 issue "ca.example.net"', '0 issue "ca.example.net"'),
        ("TYPE65280", "\\# 4 0a000001", "\\# 4 0a000001"),
        ("TXT", "heritage=feddns,seq=1", "heritage=feddns,seq=1"),
        ("TXT", '"heritage=feddns,seq=1"', "heritage=feddns,seq=1"),
        ("TXT", "two words", "two words"),
        ("TXT", '"two words"', "two words"),
        ("TXT", '"one" "two"', '"one" "two"'),
        ("TXT", 'say "hi"', '"say \\"hi\\""'),
        ("TXT", 'say \\"hi\\"', '"say \\"hi\\""'),
        ("TXT", "back\\", '"back\\\\"'),
        ("TXT", '"open', '"\\"open"'),
        ("TXT", "\\195\\164", '"\\195\\164"'),
        ("TXT", "ä", '"\\195\\164"'),
        ("TXT", "", '""'),
        ("TXT", "x" * 300, f'"{"x" * 255}" "{"x" * 45}"'),
    ],
)
def test_targets_of_every_form_are_known(kind: str, target: str, value: str) -> None:
    assert value_of(kind, target) == value


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("A", "lb.example.net"),
        ("A", "2001:db8::1"),
        ("A", "192.0.2.01"),
        ("AAAA", "fe80::1%eth0"),
        ("AAAA", "nonsense"),
        ("CNAME", "a..b"),
        ("CNAME", "x" * 64),
        ("MX", "mail.example.net"),
        ("ALIAS", "lb.example.net"),
        ("", "x"),
    ],
)
def test_what_is_no_data_is_refused(kind: str, target: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        value_of(kind, target)


def test_an_endpoint_is_written_as_externaldns_writes_it() -> None:
    record_set = RecordSet(DnsName("www.example.com."), "CNAME", 300, ("there.example.net.",))
    assert msgspec.json.decode(msgspec.json.encode(Changes(create=(endpoint_of(record_set),)))) == {
        "create": [
            {
                "dnsName": "www.example.com",
                "targets": ["there.example.net"],
                "recordType": "CNAME",
                "recordTTL": 300,
                "labels": {"owner": "feddns"},
            }
        ]
    }


def test_texts_are_sent_in_quotes_as_externaldns_does() -> None:
    assert target_of("TXT", "two words") == '"two words"'
    assert target_of("TXT", '"one" "two"') == '"one" "two"'


def test_a_zone_does_not_end_where_a_name_happens_to() -> None:
    found = listing(
        [Endpoint("badexample.com", ("192.0.2.1",), "A"), Endpoint("example.com", ("192.0.2.1",), "A")], ZONE
    )
    assert {name for name, _ in found} == {"example.com."}
    assert listing([Endpoint("a.example.com", ("192.0.2.1",), "A")], ZoneName("org.")) == {}
