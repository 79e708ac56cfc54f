from hypothesis import given
from hypothesis import strategies as st

from feddns.model.records import ADDRESS_TYPES, ALIAS, CNAME, A, DnsName, RecordSet
from feddns.model.topology import GLOBAL, Scope
from feddns.naming import Names
from feddns.records.leftovers import Leftover, leftovers
from tests.builders import NGINX, decided
from tests.strategies import ADDRESSES, HOSTNAMES, fleets

NAMES = Names.of("ufp", "example.com")
EU, EU_A = Scope("eu"), Scope("eu", "a")
accounts = st.frozensets(st.sampled_from((*ADDRESSES, *HOSTNAMES)))
published = fleets().map(lambda fleet: decided(*fleet).records)


def record(scope: Scope, kind: str, *values: str) -> RecordSet:
    return RecordSet(NAMES.name(NGINX, scope), kind, 180, values)


@given(published, accounts)
def test_what_stays_of_a_scope_stays_of_every_scope_above_it(
    zone: tuple[RecordSet, ...], accounted: frozenset[str]
) -> None:
    found = leftovers(NAMES, zone, accounted)
    assert GLOBAL in found
    for scope, leftover in found.items():
        if scope.parent is not None:
            assert leftover.addresses <= found[scope.parent].addresses
            assert leftover.hostnames <= found[scope.parent].hostnames


@given(published, accounts)
def test_what_stays_was_published_and_is_nobodys_who_can_be_seen(
    zone: tuple[RecordSet, ...], accounted: frozenset[str]
) -> None:
    addresses = {value for record in zone if record.type in ADDRESS_TYPES for value in record.values}
    for leftover in leftovers(NAMES, zone, accounted).values():
        assert leftover.addresses <= addresses - accounted
        assert leftover.hostnames.isdisjoint(accounted)
        assert not any(NAMES.parse(DnsName(hostname)) for hostname in leftover.hostnames)
    assert leftovers(NAMES, zone, accounted)[GLOBAL].addresses == addresses - accounted


@given(published, accounts)
def test_every_published_scope_has_an_entry_so_that_none_is_forgotten(
    zone: tuple[RecordSet, ...], accounted: frozenset[str]
) -> None:
    scopes = {parsed[1] for parsed in (NAMES.parse(record.name) for record in zone) if parsed is not None}
    assert scopes <= leftovers(NAMES, zone, accounted).keys()


def test_an_alias_to_another_name_of_the_federation_leaves_nothing_of_its_own() -> None:
    zone = (record(EU_A, CNAME, NAMES.name(NGINX, EU)), record(EU, A, "192.0.2.1"), record(GLOBAL, A, "192.0.2.1"))
    assert leftovers(NAMES, zone, frozenset()) == {
        EU_A: Leftover(),
        EU: Leftover(frozenset({"192.0.2.1"})),
        GLOBAL: Leftover(frozenset({"192.0.2.1"})),
    }


def test_an_alias_to_a_load_balancer_stays_as_a_host_name() -> None:
    zone = (record(EU, CNAME, "lb.cloud.test."),)
    kept = Leftover(hostnames=frozenset({"lb.cloud.test."}))
    assert leftovers(NAMES, zone, frozenset()) == {EU: kept, GLOBAL: kept}
    assert leftovers(NAMES, zone, frozenset({"lb.cloud.test."})) == {EU: Leftover(), GLOBAL: Leftover()}


def test_an_alias_of_a_load_balancer_stays_as_a_host_name_just_so() -> None:
    kept = Leftover(hostnames=frozenset({"lb.cloud.test."}))
    assert leftovers(NAMES, (record(EU, ALIAS, "lb.cloud.test."),), frozenset()) == {EU: kept, GLOBAL: kept}


def test_what_someone_made_an_alias_of_another_form_leaves_nothing() -> None:
    zone = (record(EU, A, "192.0.2.1", "ALIAS lb.cloud.test."), record(EU, "AAAA", "ALIAS lb.cloud.test."))
    kept = Leftover(frozenset({"192.0.2.1"}))
    assert leftovers(NAMES, zone, frozenset()) == {EU: kept, GLOBAL: kept}


def test_names_of_others_leave_nothing() -> None:
    zone = (RecordSet(DnsName("www.example.com."), A, 60, ("192.0.2.1",)),)
    assert leftovers(NAMES, zone, frozenset()) == {GLOBAL: Leftover()}
