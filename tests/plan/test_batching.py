from hypothesis import given
from hypothesis import strategies as st

from feddns.model.changes import Delete, Limits
from feddns.model.evidence import Sighting
from feddns.model.records import CNAME, RecordSet
from feddns.model.services import ServiceKey
from feddns.naming import Names
from feddns.plan.batching import cost, take
from feddns.plan.diff import applied
from feddns.plan.proposal import propose
from tests.builders import NGINX, decided
from tests.strategies import fleets

NAMES = Names.of("ufp", "example.com")
Fleet = tuple[Sighting, ...]
limits = st.builds(Limits, st.integers(4, 12), st.integers(200, 600))


@given(st.lists(fleets(), min_size=1, max_size=4), limits)
def test_a_batch_keeps_to_the_limits_and_holds_services_whole(fleets_: list[Fleet], limits: Limits) -> None:
    services = [
        propose(ServiceKey("ns", f"s{index}"), decided(*fleet).records, ()) for index, fleet in enumerate(fleets_)
    ]
    services = [service for service in services if service.changes]
    while services:
        taken = take(services, limits)
        changes, characters = cost(change for service in taken for change in service.changes)
        assert taken
        if taken[0].changes == services[0].changes:
            assert (changes <= limits.changes and characters <= limits.characters) or len(taken) == 1
            assert taken == tuple(services[: len(taken)])
            services = services[len(taken) :]
        else:
            assert cost(services[0].changes)[0] > limits.changes or cost(services[0].changes)[1] > limits.characters
            services = services[1:]


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


def assert_nothing_dangles(zone: tuple[RecordSet, ...]) -> None:
    names = {record.name for record in zone}
    for record in zone:
        if record.type == CNAME and NAMES.parse(record.values[0]) is not None:
            assert record.values[0] in names
