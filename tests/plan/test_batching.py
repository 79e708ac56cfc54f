from hypothesis import given
from hypothesis import strategies as st

from feddns.model.changes import Create, Delete, Limits, Replace
from feddns.model.evidence import Sighting
from feddns.model.records import CNAME, RecordSet
from feddns.model.services import ServiceKey
from feddns.naming import Names
from feddns.plan.batching import Cost, cost, take
from feddns.plan.diff import applied
from feddns.plan.ownership import owned_name, ownership_name
from feddns.plan.proposal import propose
from tests.builders import NGINX, a_policy, answer, decided, permitting
from tests.strategies import fleets, wishing

NAMES = Names.of("ufp", "example.com")
Fleet = tuple[Sighting, ...]
limits = st.builds(
    Limits,
    st.integers(4, 12),
    st.integers(200, 600),
    additions=st.integers(3, 12),
    removals=st.integers(3, 12),
    values=st.integers(4, 24),
)


@given(st.lists(fleets(), min_size=1, max_size=4), limits)
def test_a_batch_keeps_to_the_limits_and_holds_services_whole(fleets_: list[Fleet], limits: Limits) -> None:
    services = [
        propose(ServiceKey("ns", f"s{index}"), decided(*fleet).records, ()) for index, fleet in enumerate(fleets_)
    ]
    services = [service for service in services if service.changes]
    while services:
        taken = take(services, limits)
        together = cost(change for service in taken for change in service.changes)
        assert taken
        if taken[0].changes == services[0].changes:
            assert within(together, limits) or len(taken) == 1
            assert taken == tuple(services[: len(taken)])
            services = services[len(taken) :]
        else:
            assert not within(cost(services[0].changes), limits)
            services = services[1:]


def within(cost: Cost, limits: Limits) -> bool:
    pairs = [
        (cost.additions + cost.removals, limits.changes),
        (cost.additions, limits.additions),
        (cost.removals, limits.removals),
        (cost.values, limits.values),
        (cost.characters, limits.characters),
    ]
    return all(spent <= limit for spent, limit in pairs)


def test_a_replacement_counts_as_a_removal_and_an_addition() -> None:
    (old,), (new,) = answer(1, "10.0.0.1", "10.0.0.2"), answer(1, "10.0.0.3")
    assert cost([Replace(old, new)]) == cost([Delete(old), Create(new)]) == Cost(1, 1, values=3, characters=24)


@given(fleets(), fleets(), st.integers(2, 6))
def test_a_service_larger_than_a_batch_is_written_in_stages_in_which_no_name_dangles(
    before: Fleet, after: Fleet, most: int
) -> None:
    zone = decided(*before).records
    desired = decided(*after).records
    while changes := propose(NGINX, desired, zone).changes:
        stage = take([propose(NGINX, desired, zone)], Limits(most, 10_000))[0]
        kinds = [isinstance(change, Delete) for change in stage.changes]
        assert kinds == sorted(kinds, reverse=True)
        zone = tuple(sorted(applied(zone, stage.changes)))
        assert_nothing_dangles(zone)
        assert len(propose(NGINX, desired, zone).changes) < len(changes)


@given(wishing(fleets()), wishing(fleets()), st.integers(3, 8))
def test_in_stages_too_a_hostname_comes_with_its_ownership_and_what_it_leads_to(
    before: Fleet, after: Fleet, most: int
) -> None:
    policy = permitting(a_policy())
    zone = decided(*before, policy=policy).records
    desired = decided(*after, policy=policy).records
    while changes := propose(NGINX, desired, zone).changes:
        stage = take([propose(NGINX, desired, zone)], Limits(most, 10_000))[0]
        zone = tuple(sorted(applied(zone, stage.changes)))
        assert_nothing_dangles(zone)
        names = {record.name for record in zone}
        assert all(NAMES.parse(name) or ownership_name(owned_name(name)) in names for name in names)
        assert len(propose(NGINX, desired, zone).changes) < len(changes)


def assert_nothing_dangles(zone: tuple[RecordSet, ...]) -> None:
    names = {record.name for record in zone}
    for record in zone:
        if record.type == CNAME and NAMES.parse(record.values[0]) is not None:
            assert record.values[0] in names
