from hypothesis import given
from hypothesis import strategies as st

from feddns.clusters.decode import SliceFacts
from feddns.clusters.endpoints import Slices
from feddns.model.services import ReadyEndpoints, ServiceKey

WEB, API = ServiceKey("shop", "web"), ServiceKey("shop", "api")


def a_slice(
    service: ServiceKey = WEB,
    family: str = "IPv4",
    not_ready: int = 0,
    changed_at: float | None = None,
    terminating: int = 0,
    **ready: int,
) -> SliceFacts:
    return SliceFacts(service, family, tuple(sorted(ready.items())), not_ready, changed_at, terminating)


def slices_of(*facts: SliceFacts) -> Slices:
    slices = Slices()
    for number, each in enumerate(facts):
        slices.put(f"shop/{number}", each)
    return slices


def test_slices_of_one_family_add_up() -> None:
    slices = slices_of(a_slice(a=2, not_ready=1, changed_at=5.0), a_slice(a=1, b=1, not_ready=2, changed_at=7.0))
    assert slices.ready(WEB) == ReadyEndpoints(4, (("a", 3), ("b", 1)), 3, 7.0)


def test_a_pod_with_two_address_families_counts_once() -> None:
    slices = slices_of(a_slice(a=2, not_ready=1), a_slice(family="IPv6", a=2, not_ready=1))
    assert slices.ready(WEB) == ReadyEndpoints(2, (("a", 2),), 1, None)


def test_terminating_endpoints_add_up_like_those_that_are_not_ready() -> None:
    one = a_slice(not_ready=3, terminating=2)
    assert slices_of(one).ready(WEB).terminating == 2
    assert slices_of(one, a_slice(not_ready=1, terminating=1)).ready(WEB).terminating == 3
    assert slices_of(one, a_slice(family="IPv6", not_ready=3, terminating=2)).ready(WEB).terminating == 2


def test_of_two_families_the_one_with_more_counts_zone_by_zone() -> None:
    slices = slices_of(a_slice(a=2), a_slice(family="IPv6", a=1, b=1))
    assert slices.ready(WEB) == ReadyEndpoints(3, (("a", 2), ("b", 1)), 0, None)


def test_endpoints_without_a_zone_are_in_the_total_alone() -> None:
    slices = Slices()
    slices.put("shop/1", SliceFacts(WEB, "IPv4", (("", 2), ("a", 1)), 0, None))
    assert slices.ready(WEB) == ReadyEndpoints(3, (("a", 1),), 0, None)


def test_a_slice_that_changes_its_service_changes_both() -> None:
    slices = slices_of(a_slice(WEB, a=1))
    assert slices.put("shop/0", a_slice(API, a=1)) == {WEB, API}
    assert slices.ready(WEB) == ReadyEndpoints()
    assert slices.ready(API).total == 1


def test_what_is_equal_changes_nothing() -> None:
    slices = slices_of(a_slice(a=1))
    assert slices.put("shop/0", a_slice(a=1)) == set()
    assert slices.put("shop/9", None) == set()
    assert slices.replace({"shop/0": a_slice(a=1)}) == set()


IDENTS = st.sampled_from(["shop/1", "shop/2", "shop/3"])
FACTS = st.builds(
    a_slice, st.sampled_from([WEB, API]), st.sampled_from(["IPv4", "IPv6"]), a=st.integers(0, 3), b=st.integers(0, 3)
)


@given(st.lists(st.tuples(IDENTS, st.none() | FACTS)), st.dictionaries(IDENTS, FACTS))
def test_any_events_and_then_a_list_are_the_list_alone(
    events: list[tuple[str, SliceFacts | None]], listed: dict[str, SliceFacts]
) -> None:
    slices, alone = Slices(), Slices()
    for ident, facts in events:
        slices.put(ident, facts)
    before = {key: slices.ready(key) for key in (WEB, API)}
    changed = slices.replace(listed)
    alone.replace(listed)
    for key in (WEB, API):
        assert slices.ready(key) == alone.ready(key)
        assert key in changed or slices.ready(key) == before[key]


@given(st.lists(st.tuples(IDENTS, st.none() | FACTS)))
def test_single_changes_lead_where_a_list_of_their_outcome_leads(events: list[tuple[str, SliceFacts | None]]) -> None:
    slices, alone = Slices(), Slices()
    outcome: dict[str, SliceFacts | None] = {}
    for ident, facts in events:
        before = {key: slices.ready(key) for key in (WEB, API)}
        changed = slices.put(ident, facts)
        outcome[ident] = facts
        assert all(key in changed or slices.ready(key) == before[key] for key in (WEB, API))
    alone.replace({ident: facts for ident, facts in outcome.items() if facts is not None})
    assert all(slices.ready(key) == alone.ready(key) for key in (WEB, API))
