from feddns.model.changes import Change, Create, Delete, Replace
from feddns.model.records import AAAA, CNAME, A, DnsName, RecordSet
from feddns.model.topology import GLOBAL, Scope
from feddns.plan.moves import moves
from tests.builders import FED, numbered

REGION = Scope("eu")
NAME, UP = FED.name(numbered(1), REGION), FED.name(numbered(1), GLOBAL)
OWN = RecordSet(NAME, A, 60, ("192.0.2.1",))
OWN_SIX = RecordSet(NAME, AAAA, 60, ("2001:db8::1",))
AWAY = RecordSet(NAME, CNAME, 60, (UP,))
BALANCER = RecordSet(NAME, CNAME, 60, ("lb.cloud.test.",))


def moved(*changes: Change) -> list[tuple[DnsName, Scope, str, tuple[str, ...]]]:
    return [(move.name, move.scope, move.leads_to, move.values) for move in moves(changes, FED)]


def test_a_name_that_has_addresses_no_more_and_leads_to_a_wider_one_has_failed_over() -> None:
    assert moved(Delete(OWN), Delete(OWN_SIX), Create(AWAY)) == [(NAME, REGION, UP, (UP,))]
    assert moved(Replace(BALANCER, AWAY)) == [(NAME, REGION, UP, (UP,))]


def test_one_that_has_its_addresses_again_has_failed_back() -> None:
    assert moved(Delete(AWAY), Create(OWN)) == [(NAME, REGION, "", OWN.values)]
    assert moved(Replace(AWAY, BALANCER)) == [(NAME, REGION, "", BALANCER.values)]


def test_other_changes_are_no_failovers() -> None:
    other = RecordSet(NAME, A, 30, ("192.0.2.9",))
    assert moved(Replace(OWN, other)) == []
    assert moved(Create(AWAY)) == moved(Delete(AWAY)) == moved(Delete(OWN)) == moved(Create(OWN)) == []
    assert moved(Delete(BALANCER), Create(OWN)) == []
    assert moved(Replace(AWAY, RecordSet(NAME, CNAME, 30, (UP,)))) == []


def test_names_outside_of_the_pattern_do_not_fail_over() -> None:
    hostname = DnsName("shop.example.com.")
    assert (
        moved(Delete(RecordSet(hostname, A, 60, ("192.0.2.1",))), Create(RecordSet(hostname, CNAME, 60, (UP,)))) == []
    )
