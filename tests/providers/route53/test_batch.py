from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feddns.errors import Rejected
from feddns.model.changes import Batch, Change, Create, Delete, Fence, Replace
from feddns.model.records import ALIAS, ALIAS_TTL_S, DnsName, RecordSet, ZoneName
from feddns.model.services import ServiceKey
from feddns.plan.batching import take
from feddns.plan.proposal import ServiceChanges
from feddns.providers.route53.batch import LIMITS, encode_batch
from feddns.providers.route53.recordsets import Place, encode_set
from tests.providers.fakes.route53.errors import ApiError
from tests.providers.fakes.route53.rules import check_size
from tests.providers.fakes.route53.zone import Zone
from tests.providers.route53.strategies import ELB, ZONE, batch, by_value, claim

PLACE = Place(ZoneName(ZONE), "Z1", ZoneName(ZONE))


def told(changes: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    sets = [(change["Action"], change["ResourceRecordSet"]) for change in changes]
    return [(action, found["Name"].removesuffix(f".{ZONE}"), found["Type"]) for action, found in sets]


def test_all_deletions_stand_before_all_creations_and_the_claim_is_among_them() -> None:
    old, new = by_value("b", "192.0.2.1"), by_value("b", "192.0.2.2")
    changes = encode_batch(
        batch(Create(by_value("a", "192.0.2.1")), Replace(old, new), Delete(by_value("c", "192.0.2.1"))), PLACE, {}
    )
    assert told(changes) == [
        ("DELETE", "_feddns.f.svc", "TXT"),
        ("DELETE", "b", "A"),
        ("DELETE", "c", "A"),
        ("CREATE", "_feddns.f.svc", "TXT"),
        ("CREATE", "a", "A"),
        ("CREATE", "b", "A"),
    ]
    assert not any(change["Action"] == "UPSERT" for change in changes)


def test_a_first_claim_is_created_and_a_last_one_deleted() -> None:
    assert told(encode_batch(Batch((), Fence(None, claim(1))), PLACE, {})) == [("CREATE", "_feddns.f.svc", "TXT")]
    assert told(encode_batch(Batch((), Fence(claim(1), None)), PLACE, {})) == [("DELETE", "_feddns.f.svc", "TXT")]
    assert encode_batch(Batch((), Fence(None, None)), PLACE, {}) == []


def test_a_deletion_repeats_what_was_read_and_a_creation_does_not() -> None:
    found = RecordSet(DnsName(f"www.{ZONE}"), "AAAA", 60, ("2001:db8::1",))
    raw = {**encode_set(found, PLACE)[0], "ResourceRecords": [{"Value": "2001:0DB8::1"}]}
    slower = RecordSet(found.name, found.type, 300, found.values)
    first, second = encode_batch(Batch((Replace(found, slower),), Fence(None, None)), PLACE, {found: (raw,)})
    assert first == {"Action": "DELETE", "ResourceRecordSet": raw}
    assert second["ResourceRecordSet"]["ResourceRecords"] == [{"Value": "2001:db8::1"}]


def test_an_alias_comes_after_what_it_leads_to() -> None:
    def alias(name: str, target: str) -> Change:
        return Create(RecordSet(DnsName(f"{name}.{ZONE}"), ALIAS, ALIAS_TTL_S, (target,)))

    third, second, first = alias("a", f"b.{ZONE}"), alias("b", f"c.{ZONE}"), alias("c", ELB[0])
    changes = encode_batch(Batch((third, second, first), Fence(None, None)), PLACE, {})
    assert [name for _, name, _ in told(changes)] == ["c", "c", "b", "b", "a", "a"]
    zone = Zone("Z1", ZONE)
    zone.change(changes, frozenset())
    assert len(zone) == 2 + 6


def test_aliases_in_a_circle_are_left_to_the_service_to_refuse() -> None:
    circle = [
        Create(RecordSet(DnsName(f"{name}.{ZONE}"), ALIAS, ALIAS_TTL_S, (f"{target}.{ZONE}",)))
        for name, target in (("a", "b"), ("b", "a"))
    ]
    changes = encode_batch(Batch(tuple(circle), Fence(None, None)), PLACE, {})
    with pytest.raises(ApiError, match="target was not found"):
        Zone("Z1", ZONE).change(changes, frozenset())


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        (RecordSet(DnsName("www.example.net."), "A", 60, ("192.0.2.1",)), "not in the zone example.com."),
        (RecordSet(DnsName("wwwexample.com."), "A", 60, ("192.0.2.1",)), "not in the zone example.com."),
        (by_value("www", "192.0.2.300"), "no IPv4 address"),
        (by_value("www"), "it has 0 values"),
        (RecordSet(DnsName(f"www.{ZONE}"), "CNAME", 60, ("a.", "b.")), "it has 2 values"),
        (RecordSet(DnsName(f"www.{ZONE}"), "A", -1, ("192.0.2.1",)), "a TTL is 0 to 2147483647 seconds"),
        (RecordSet(DnsName(f"{'a' * 64}.{ZONE}"), "A", 60, ("192.0.2.1",)), "1 to 63 octets"),
        (RecordSet(DnsName(f"www.{ZONE}"), ALIAS, ALIAS_TTL_S, ("lb.example.net.",)), "AWS load balancer"),
    ],
)
def test_what_cannot_be_written_is_refused_by_name(bad: RecordSet, text: str) -> None:
    with pytest.raises(Rejected, match=text) as refusal:
        encode_batch(batch(Create(by_value("good", "192.0.2.1")), Create(bad)), PLACE, {})
    assert refusal.value.names == {bad.name}


# --- the limits


def address(number: int) -> str:
    return f"198.51.{number >> 8}.{number & 255}"


@st.composite
def service(draw: st.DrawFn, number: int) -> ServiceChanges:
    """A service with names of its own, some of which come, change or go."""
    changes: list[Change] = []
    for position in range(draw(st.integers(1, 40))):
        kind = draw(st.sampled_from(["A", "AAAA", "CNAME", "TXT"]))
        count = 1 if kind == "CNAME" else draw(st.integers(1, 12))
        width = draw(st.integers(1, 60))
        values = {
            "A": [address(each) for each in range(count)],
            "AAAA": [f"2001:db8:1111:2222:3333:4444:5555:{each + 0x1000:x}" for each in range(count)],
            "CNAME": [f"{'c' * width}.example.net."],
            "TXT": [f"{'t' * width}{each:03}" for each in range(count)],
        }[kind]
        name = DnsName(f"n{position}.s{number}.{ZONE}")
        old, new = (RecordSet(name, kind, ttl, tuple(values)) for ttl in (60, 300))
        possible: list[Change] = [Create(new), Replace(old, new), Delete(old)]
        changes.append(draw(st.sampled_from(possible)))
    changes.sort(key=lambda change: not isinstance(change, Delete))
    return ServiceChanges(ServiceKey("shop", f"s{number}"), tuple(changes))


@pytest.mark.servers  # takes its time
@settings(max_examples=25)
@given(st.data(), st.integers(1, 60))
def test_whatever_fits_the_limits_is_taken_in_one_request(data: st.DataObject, count: int) -> None:
    kinds = [data.draw(service(number)) for number in range(min(count, 8))]
    services = [
        ServiceChanges(ServiceKey("shop", f"s{number}"), tuple(_renamed(kinds[number % len(kinds)], number)))
        for number in range(count)
    ]
    taken = take(services, LIMITS)
    assert taken
    changes = tuple(change for found in taken for change in found.changes)
    zone = Zone("Z1", ZONE)
    before = [change.current for change in changes if not isinstance(change, Create)]
    for found in (claim(1), *before):
        zone.change([_change("CREATE", raw) for raw in encode_set(found, PLACE)], frozenset())
    zone.change(encode_batch(batch(*changes), PLACE, {}), frozenset())
    after = 1 + sum(not isinstance(change, Delete) for change in changes)
    assert len(zone) == 2 + after


def _renamed(service: ServiceChanges, number: int) -> list[Change]:
    def renamed(found: RecordSet) -> RecordSet:
        return RecordSet(DnsName(f"{found.name.split('.')[0]}.r{number}.{ZONE}"), found.type, found.ttl, found.values)

    changes: list[Change] = []
    for change in service.changes:
        match change:
            case Create(desired):
                changes.append(Create(renamed(desired)))
            case Replace(current, desired):
                changes.append(Replace(renamed(current), renamed(desired)))
            case Delete(current):
                changes.append(Delete(renamed(current)))
    return changes


def _change(action: str, raw: object) -> dict[str, Any]:
    return {"Action": action, "ResourceRecordSet": raw}


def test_a_full_batch_leaves_no_more_than_the_fence_takes() -> None:
    changes = [Create(by_value(f"s{number}", "192.0.2.1")) for number in range(LIMITS.changes)]
    encoded = encode_batch(batch(*changes), PLACE, {})
    assert len(encoded) == 1_000
    check_size(encoded)
    with pytest.raises(Rejected, match="1001 records") as refusal:
        encode_batch(batch(*changes, Create(by_value("more", "192.0.2.1"))), PLACE, {})
    assert refusal.value.names == frozenset()


def test_aliases_that_are_too_many_for_a_request_are_refused_before_it_is_sent() -> None:
    aliases = [Create(RecordSet(DnsName(f"s{number}.{ZONE}"), ALIAS, ALIAS_TTL_S, (ELB[0],))) for number in range(500)]
    with pytest.raises(Rejected, match="1002 records"):
        encode_batch(batch(*aliases), PLACE, {})
    assert len(encode_batch(batch(*aliases[:499]), PLACE, {})) == 1_000


def test_the_tests_have_a_claim_as_long_as_claims_can_be() -> None:
    assert len(claim(10**18 - 1).values[0]) < 255
