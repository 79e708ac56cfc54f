from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.handover.departure import Departure, purge, release
from feddns.handover.proof import carried_out
from feddns.model.changes import Batch, Limits
from feddns.model.records import CNAME, TXT, A, DnsName, RecordSet
from feddns.model.topology import GLOBAL, Scope
from feddns.naming import Names
from feddns.plan.ownership import ownership
from tests.builders import FED, a_claim, answer, numbered

Way = Callable[[tuple[RecordSet, ...], Names, str, Limits], Departure]
LIMITS = Limits(4, 10_000)
FOREIGN = (
    RecordSet(DnsName("www.example.com."), A, 60, ("192.0.2.200",)),
    RecordSet(answer(0)[0].name, "MX", 60, ("10 mx.example.net.",)),
    RecordSet(FED.name(numbered(0), Scope("eu")), TXT, 60, ("hello",)),
    ownership(FED, "them", numbered(3), DnsName("theirs.example.com.")),
    RecordSet(DnsName("theirs.example.com."), A, 60, ("192.0.2.201",)),
)


def service(number: int) -> tuple[RecordSet, ...]:
    """A service with a region that leads to its global name, and a hostname that leads to the region."""
    key = numbered(number)
    region = FED.name(key, Scope("eu"))
    hostname = DnsName(f"h{number}.example.com.")
    return (
        *answer(number),
        RecordSet(region, CNAME, 60, (FED.name(key, GLOBAL),)),
        RecordSet(hostname, CNAME, 60, (region,)),
        ownership(FED, "me", key, hostname, "eu"),
    )


def zone(count: int) -> tuple[RecordSet, ...]:
    return (a_claim(), *FOREIGN, *(record_set for number in range(count) for record_set in service(number)))


def dangling(record_sets: frozenset[RecordSet]) -> list[RecordSet]:
    names = {record_set.name for record_set in record_sets}
    return [each for each in record_sets if each.type == CNAME and each.values[0] not in names and "_" not in each.name]


@given(count=st.integers(0, 6), limits=st.builds(Limits, st.integers(2, 30), st.just(10_000)))
def test_a_purge_takes_all_and_no_name_dangles_between_its_batches(count: int, limits: Limits) -> None:
    made = purge(zone(count), FED, "me", limits)
    assert len(made.goes) == 4 * count
    done: list[Batch] = []
    for batch in made.batches:
        done.append(batch)
        left = carried_out(zone(count), done)
        assert dangling(left) == []
        assert set(FOREIGN) <= left
        hostnames = {each.name for each in left if each.name.startswith("h")}
        owned = {each.name.removeprefix("_feddns.") for each in left if each.name.startswith("_feddns.h")}
        assert hostnames == owned, "a hostname is never there without what says whose it is, so a purge can go on"
    assert carried_out(zone(count), made.batches) == set(FOREIGN)


@given(count=st.integers(0, 6), done=st.integers(0, 12))
def test_a_purge_that_broke_off_goes_on_where_it_was(count: int, done: int) -> None:
    first = purge(zone(count), FED, "me", LIMITS)
    left = carried_out(zone(count), first.batches[:done])
    again = purge(left, FED, "me", LIMITS)
    assert again.refusals == ()
    assert carried_out(left, again.batches) == set(FOREIGN)


def test_a_release_takes_the_claim_and_the_ownerships_alone() -> None:
    made = release(zone(3), FED, "me", Limits(2, 10_000))
    assert len(made.batches) == 2
    gone = set(zone(3)) - carried_out(zone(3), made.batches)
    assert gone == {a_claim(), *(service(number)[-1] for number in range(3))}
    assert set(made.stays) == {record_set for number in range(3) for record_set in service(number)[:-1]}


def test_a_release_of_names_without_hostnames_changes_nothing_but_the_claim() -> None:
    (batch,) = release((a_claim(), *answer(1)), FED, "me", LIMITS).batches
    assert (batch.changes, batch.fence.expected, batch.fence.desired) == ((), a_claim(), None)


@pytest.mark.parametrize("way", [release, purge])
def test_a_zone_without_claim_and_names_has_nothing_to_leave(way: Way) -> None:
    made = way(FOREIGN[:1], FED, "me", LIMITS)
    assert (made.batches, made.refusals) == ((), ())


def test_names_without_a_claim_are_not_purged() -> None:
    made = purge(answer(1), FED, "me", LIMITS)
    assert made.batches == ()
    assert "not ours" in made.refusals[0]
    assert release(answer(1), FED, "me", LIMITS).refusals == ()


@pytest.mark.parametrize("way", [release, purge])
def test_another_owners_names_are_not_left_by_us(way: Way) -> None:
    made = way((a_claim("them"), *answer(1)), FED, "me", LIMITS)
    assert made.batches == ()
    assert 'owner "them"' in made.refusals[0]
