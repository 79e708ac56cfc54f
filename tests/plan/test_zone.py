import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.model.records import CNAME, MANAGED_TYPES, TXT, A, DnsName, RecordSet
from feddns.model.topology import GLOBAL, Scope
from feddns.plan.zone import EMPTY_ZONE, ZoneContents, refusal, sort_zone
from tests.builders import FED, a_claim, answer, numbered

NAME = answer(1)[0].name
names = st.sampled_from(
    [
        NAME,
        FED.name(numbered(1), Scope("eu")),
        FED.name(numbered(2), Scope("eu", "eu-a")),
        FED.claim,
        FED.zone,
        DnsName("www.example.com."),
        DnsName("s1.shop.otherfed.svc.example.com."),
        DnsName("s1.shop.fed.svc.example.net."),
        DnsName("deep.s1.shop.fed.svc.a.b.example.com."),
        DnsName("*.shop.fed.svc.example.com."),
    ]
)
zones = st.lists(
    st.builds(
        RecordSet, names, st.sampled_from(["A", "AAAA", CNAME, TXT, "MX", "HTTPS"]), st.just(60), st.just(("x",))
    ),
    unique_by=lambda record: (record.name, record.type),
)


@given(zones)
def test_only_addresses_and_aliases_at_names_of_the_federation_are_its_services(zone: list[RecordSet]) -> None:
    contents = sort_zone(zone, FED)
    owned = [record for records in contents.services.values() for record in records]
    assert sorted(owned) == sorted(
        record for record in zone if FED.parse(record.name) is not None and record.type in MANAGED_TYPES
    )
    for key, records in contents.services.items():
        assert records == tuple(sorted(records))
        assert {(FED.parse(record.name) or (None,))[0] for record in records} == {key}
    assert contents.claim == next((r for r in zone if (r.name, r.type) == (FED.claim, TXT)), None)
    foreign = {(name, kind) for name, kinds in contents.foreign.items() for kind in kinds}
    assert foreign == {(r.name, r.type) for r in zone if FED.parse(r.name) is not None and r.type not in MANAGED_TYPES}


@given(zones, st.randoms(use_true_random=False))
def test_the_order_in_which_a_zone_is_read_does_not_matter(zone: list[RecordSet], chance: object) -> None:
    mixed = list(zone)
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert sort_zone(mixed, FED) == sort_zone(zone, FED)


def contents(*records: RecordSet) -> ZoneContents:
    return sort_zone(records, FED)


def test_an_empty_zone_and_one_with_our_claim_may_be_written() -> None:
    assert refusal(EMPTY_ZONE, FED, "me") == ""
    assert refusal(contents(a_claim("me"), *answer(1)), FED, "me") == ""
    assert refusal(contents(RecordSet(NAME, "MX", 60, ("10 mx.example.net.",))), FED, "me") == ""


def test_names_without_a_claim_are_refused_with_their_number_an_example_and_the_way_out() -> None:
    text = refusal(contents(*answer(2), *answer(1)), FED, "me")
    assert "holds 2 record sets" in text
    assert NAME in text
    assert FED.claim in text
    assert "feddns adopt" in text


def test_another_owner_is_named_with_the_setting_that_would_end_it() -> None:
    text = refusal(contents(a_claim("them")), FED, "me")
    assert 'owner "them"' in text
    assert "`owner: them`" in text


@pytest.mark.parametrize("value", ["v=spf1 -all", "heritage=feddns,federation=other,owner=me,seq=1"])
def test_a_text_that_is_no_claim_of_this_federation_is_refused_and_shown(value: str) -> None:
    text = refusal(contents(RecordSet(FED.claim, TXT, 60, (value,))), FED, "me")
    assert value in text
    assert "no claim of federation fed" in text


def test_an_address_at_the_name_of_the_claim_is_not_the_claim() -> None:
    found = contents(RecordSet(FED.claim, A, 60, ("192.0.2.1",)))
    assert found.claim is None
    assert FED.name(numbered(1), GLOBAL) not in found.foreign
