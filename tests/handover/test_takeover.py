"""Hostnames of ExternalDNS that become feddns'."""

import msgspec

from feddns.handover.adoption import adoption
from feddns.handover.findings import Adoption, Request
from feddns.handover.proof import Answers, carried_out
from feddns.model.changes import Create, Delete, Limits
from feddns.model.decisions import Decision
from feddns.model.evidence import Sighting
from feddns.model.records import CNAME, TXT, A, DnsName, RecordSet
from feddns.model.services import HostnameWish, ServiceKey
from feddns.plan.ownership import ownership_name
from tests.builders import FED, a_claim, a_cluster, a_policy, a_shard, decided, numbered, permitting, some_terms

S1 = numbered(1)
SHOP = DnsName("shop.example.com.")
HERE = "192.0.2.1"
GLOBAL_NAME = DnsName("s1.shop.fed.svc.example.com.")
POLICY = msgspec.structs.replace(permitting(a_policy("fed")), owner="me")


def wanting(hostname: str, key: ServiceKey = S1) -> Decision:
    shard = a_shard("us", HERE, key=key, wishes=(HostnameWish(hostname),))
    return decided(Sighting(a_cluster("us", "us-central1"), shard), policy=POLICY, key=key)


def by_external_dns(hostname: str, *addresses: str, resource: str = "service/shop/s1") -> tuple[RecordSet, RecordSet]:
    text = f"heritage=external-dns,external-dns/owner=old,external-dns/resource={resource}"
    return (
        RecordSet(DnsName(hostname), A, 300, tuple(sorted(addresses or (HERE,)))),
        RecordSet(DnsName(f"a-{hostname}"), TXT, 300, (text,)),
    )


def adopted(record_sets: tuple[RecordSet, ...], *decisions: Decision, allow_changes: bool = False) -> Adoption:
    request = Request(some_terms(), Limits(100, 10_000), allow_changes=allow_changes)
    return adoption(record_sets, decisions, request)


def test_a_hostname_becomes_ours_in_one_batch_with_what_it_leads_to_and_resolves_to_the_same() -> None:
    zone = by_external_dns(SHOP)
    made = adopted(zone, wanting(SHOP))
    assert made.refusals == ()
    (batch,) = made.batches
    assert {change.current for change in batch.changes if isinstance(change, Delete)} == set(zone)
    created = {(change.name, change.desired.type) for change in batch.changes if isinstance(change, Create)}
    assert {(SHOP, CNAME), (ownership_name(SHOP), TXT), (GLOBAL_NAME, A)} <= created
    after = carried_out(zone, made.batches)
    assert Answers(after, FED.zone).of(SHOP) == {f"A {HERE}"}
    assert [difference.name for difference in made.differences if difference.before] == []
    assert made.afterwards.changes == ()
    again = adopted(tuple(after), wanting(SHOP))
    assert (again.batches, again.refusals) == ((), ())


def test_a_hostname_that_would_resolve_to_something_else_refuses_until_a_person_allows_it() -> None:
    zone = by_external_dns(SHOP, "203.0.113.7")
    made = adopted(zone, wanting(SHOP))
    assert made.refusals == (
        f"{SHOP} would not resolve to the same: put the difference right, or allow it with --allow-changes",
    )
    (difference,) = (difference for difference in made.differences if difference.before)
    assert (difference.name, difference.before, difference.after) == (SHOP, ("A 203.0.113.7",), (f"A {HERE}",))
    allowed = adopted(zone, wanting(SHOP), allow_changes=True)
    assert allowed.refusals == ()
    assert Answers(carried_out(zone, allowed.batches), FED.zone).of(SHOP) == {f"A {HERE}"}


def test_a_hostname_that_somebody_keeps_by_hand_is_not_taken() -> None:
    mine = RecordSet(SHOP, A, 300, (HERE,))
    made = adopted((mine,), wanting(SHOP))
    assert (made.takeovers, made.batches) == ((), ())
    assert [problem.reason for problem in made.afterwards.problems] == ["HostnameTaken"]


def test_a_hostname_of_which_external_dns_has_only_a_part_is_not_taken() -> None:
    zone = (*by_external_dns(SHOP), RecordSet(SHOP, "AAAA", 300, ("2001:db8::1",)))
    assert adopted(zone, wanting(SHOP)).takeovers == ()


def test_a_hostname_that_is_there_as_feddns_would_write_it_is_taken_back() -> None:
    decision = wanting(SHOP)
    released = tuple(record_set for record_set in decision.records if record_set.type != TXT)
    made = adopted(released, decision)
    assert [takeover.hostname for takeover in made.takeovers] == [SHOP]
    assert [type(change) for change in made.changes] == [Create]
    assert made.differences == ()
    assert frozenset(decision.records) < carried_out(released, made.batches)


def test_hostnames_are_taken_over_later_too_when_the_claim_is_ours() -> None:
    decision = wanting(SHOP)
    own = tuple(each for each in decision.records if FED.parse(each.name))
    zone = (a_claim(), *own, *by_external_dns(SHOP))
    made = adopted(zone, decision)
    assert made.is_ours
    assert made.batches[0].fence.expected == a_claim()
    assert {change.name for change in made.changes} == {SHOP, ownership_name(SHOP), f"a-{SHOP}"}


def test_of_two_services_the_one_that_external_dns_made_it_for_gets_it() -> None:
    rival, maker = wanting(SHOP, numbered(0)), wanting(SHOP, numbered(1))
    (takeover,) = adopted(by_external_dns(SHOP), rival, maker).takeovers
    assert takeover.service == numbered(1)
    (takeover,) = adopted(by_external_dns(SHOP, resource="ingress/shop/x"), rival, maker).takeovers
    assert takeover.service == numbered(0)


def test_the_zones_own_name_is_taken_over_with_addresses() -> None:
    zone = (*by_external_dns("example.com."), RecordSet(DnsName("example.com."), "NS", 300, ("ns1.example.com.",)))
    made = adopted(zone, wanting("example.com."))
    assert made.refusals == ()
    after = carried_out(zone, made.batches)
    assert Answers(after, FED.zone).of("example.com.") == {f"A {HERE}"}
    assert zone[-1] in after
