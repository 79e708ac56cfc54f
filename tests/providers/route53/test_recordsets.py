from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.model.records import ALIAS, ALIAS_TTL_S, DnsName, RecordSet, ZoneName
from feddns.providers.route53.recordsets import Place, decode_sets, encode_set
from tests.providers.route53.strategies import ELB, record_sets

PLACE = Place(ZoneName("example.com."), "Z1", ZoneName("example.com."))
BELOW = Place(ZoneName("fed.example.com."), "Z1", ZoneName("example.com."))
WWW = DnsName("www.example.com.")
CLASSIC = "a-1.eu-west-1.elb.amazonaws.com."


def plain(name: str, kind: str, *values: str, ttl: int = 60, **others: Any) -> dict[str, Any]:
    records = [{"Value": value} for value in values]
    return {"Name": name, "Type": kind, "TTL": ttl, "ResourceRecords": records, **others}


def alias(name: str, kind: str, target: str, zone_id: str = "Z32O12XQLNTSW2", **others: Any) -> dict[str, Any]:
    health = others.pop("health", False)
    leads = {"HostedZoneId": zone_id, "DNSName": target, "EvaluateTargetHealth": health}
    return {"Name": name, "Type": kind, "AliasTarget": leads, **others}


@given(st.lists(record_sets(), unique_by=lambda found: found.name, max_size=20))
def test_what_is_written_is_read_again_and_spelled_as_we_do(wanted: list[RecordSet]) -> None:
    raws = [raw for found in wanted for raw in encode_set(found, PLACE)]
    copy = decode_sets(raws, PLACE)
    assert sorted(copy.record_sets) == sorted(wanted)
    assert copy.spellings == {}


def test_the_soa_and_names_outside_of_the_zone_are_left_out() -> None:
    raws = [
        plain("example.com.", "SOA", "ns. host. 1 2 3 4 5"),
        plain("www.example.com.", "A", "192.0.2.1"),
        plain("fed.example.com.", "A", "192.0.2.2"),
        plain("xfed.example.com.", "A", "192.0.2.3"),
        plain(r"\052.fed.example.com.", "A", "192.0.2.4"),
    ]
    assert {found.name for found in decode_sets(raws, BELOW).record_sets} == {"fed.example.com.", "*.fed.example.com."}


@pytest.mark.parametrize(
    "raw",
    [
        plain("www.example.com.", "AAAA", "2001:0DB8::1"),
        plain("www.example.com.", "A", "192.0.2.2", "192.0.2.1"),
        plain("www.example.com.", "CNAME", "Elsewhere.example.net"),
        plain("www.example.com.", "TXT", r'"back\\slash"'),
        plain(r"\052.example.com.", "A", "192.0.2.1"),
        plain("www.example.com.", "TXT", "not quoted"),
    ],
)
def test_what_others_spell_otherwise_is_remembered_as_it_stands(raw: dict[str, Any]) -> None:
    copy = decode_sets([raw], PLACE)
    (found,) = copy.record_sets
    assert copy.spellings == {found: (raw,)}


def test_an_alias_is_an_a_and_an_aaaa_that_lead_to_the_same_place() -> None:
    found = RecordSet(WWW, ALIAS, ALIAS_TTL_S, (CLASSIC,))
    raws = encode_set(found, PLACE)
    assert raws == (alias(WWW, "A", f"dualstack.{CLASSIC}"), alias(WWW, "AAAA", f"dualstack.{CLASSIC}"))
    assert decode_sets(raws, PLACE).record_sets == (found,)


def test_an_alias_that_others_made_is_read_as_one_and_remembered_as_it_stands() -> None:
    raws = (alias(WWW, "A", CLASSIC, health=True), alias(WWW, "AAAA", CLASSIC, health=True))
    copy = decode_sets(raws, PLACE)
    assert copy.record_sets == (RecordSet(WWW, ALIAS, ALIAS_TTL_S, (CLASSIC,)),)
    assert copy.spellings == {copy.record_sets[0]: raws}


@pytest.mark.parametrize(
    "raws",
    [
        [alias(WWW, "A", CLASSIC)],
        [alias(WWW, "AAAA", CLASSIC, health=True)],
        [alias(WWW, "A", CLASSIC), alias(WWW, "AAAA", f"dualstack.{CLASSIC}")],
        [alias(WWW, "A", CLASSIC), alias(WWW, "AAAA", CLASSIC, health=True)],
        [alias(WWW, "A", CLASSIC), plain(WWW, "AAAA", "2001:db8::1")],
        [alias(WWW, "CNAME", "other.example.com.", "Z1")],
    ],
)
def test_alias_sets_that_are_no_such_pair_are_told_apart_and_can_be_written_again(raws: list[dict[str, Any]]) -> None:
    copy = decode_sets(raws, PLACE)
    assert len(copy.record_sets) == len(raws)
    assert ALIAS not in {found.type for found in copy.record_sets}
    assert [raw for found in copy.record_sets for raw in encode_set(found, PLACE)] == raws
    assert copy.spellings == {}


def test_a_single_alias_set_says_where_it_leads() -> None:
    (found,) = decode_sets([alias(WWW, "A", "d1.cloudfront.net.", "Z2FDTNDATAQYW2", health=True)], PLACE).record_sets
    assert found == RecordSet(WWW, "A", ALIAS_TTL_S, ("ALIAS Z2FDTNDATAQYW2 d1.cloudfront.net. true",))


@pytest.mark.parametrize(
    "raws",
    [
        [plain(WWW, "A", "192.0.2.1", SetIdentifier="eu", Weight=1), plain(WWW, "A", "192.0.2.2", SetIdentifier="us")],
        [plain(WWW, "A", "192.0.2.1", HealthCheckId="abc")],
        [plain(WWW, "A", "192.0.2.1", SomethingNew=True)],
        [{"Name": WWW, "Type": "A", "TrafficPolicyInstanceId": "abc"}],
        [alias(WWW, "A", CLASSIC, SetIdentifier="eu", Region="eu-west-1")],
    ],
    ids=["weighted", "health check", "unknown", "traffic policy", "latency alias"],
)
def test_what_is_more_than_records_has_no_values_and_is_told_once(raws: list[dict[str, Any]]) -> None:
    (found,) = decode_sets(raws, PLACE).record_sets
    assert found == RecordSet(WWW, "A", raws[0].get("TTL", 0), ())


def test_a_weighted_pair_of_aliases_is_no_alias() -> None:
    raws = [alias(WWW, kind, CLASSIC, SetIdentifier="eu", Weight=1) for kind in ("A", "AAAA")]
    assert {(found.type, found.values) for found in decode_sets(raws, PLACE).record_sets} == {("A", ()), ("AAAA", ())}


def test_an_alias_within_the_hosted_zone_names_that_zone() -> None:
    name = DnsName("apex.fed.example.com.")
    raws = encode_set(RecordSet(name, ALIAS, ALIAS_TTL_S, ("www.example.com.",)), BELOW)
    assert raws == (alias(name, "A", "www.example.com.", "Z1"), alias(name, "AAAA", "www.example.com.", "Z1"))


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (("lb.example.net.",), "leads to an AWS load balancer or to a name in example.com."),
        ((), "one target, not 0"),
        (ELB, "one target, not 2"),
    ],
)
def test_an_alias_elsewhere_is_refused(values: tuple[str, ...], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        encode_set(RecordSet(WWW, ALIAS, ALIAS_TTL_S, values), PLACE)


@pytest.mark.parametrize("value", ["ALIAS Z1", "ALIAS Z1 www.example.com. maybe", "ALIAS Z1 a b true"])
def test_what_only_looks_like_an_alias_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="is no alias"):
        encode_set(RecordSet(WWW, "A", ALIAS_TTL_S, (value,)), PLACE)
