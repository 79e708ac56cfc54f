"""Addresses that wait for better evidence."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.model.topology import ClusterName
from feddns.model.verdicts import Health, Verdict
from feddns.records.leftovers import Leftover
from feddns.records.unproved import without_unproved
from tests.builders import NOW

A, B, C = "192.0.2.1", "192.0.2.2", "192.0.2.3"
some_addresses = st.sets(st.sampled_from((A, B, C)))


def verdict(cluster: str, *addresses: str, unproved: tuple[str, ...] = (), **fields: object) -> Verdict:
    made = Verdict(ClusterName(cluster), Health.HEALTHY, NOW, zones=("z",), addresses=addresses, unproved=unproved)
    return msgspec.structs.replace(made, **fields)


@st.composite
def verdicts(draw: st.DrawFn, cluster: str) -> Verdict:
    addresses = tuple(sorted(draw(some_addresses)))
    unproved = tuple(sorted(draw(some_addresses) & set(addresses)))
    return verdict(cluster, *addresses, unproved=unproved, health=draw(st.sampled_from(Health)))


@given(verdicts("one"), verdicts("two"), some_addresses, st.booleans())
def test_only_what_waits_is_left_out_and_never_all_that_answers(
    one: Verdict,
    two: Verdict,
    published: set[str],
    is_left: bool,  # noqa: FBT001 - drawn
) -> None:
    left = (Leftover(frozenset({"192.0.2.99"})),) if is_left else (Leftover(),)
    found = without_unproved((one, two), published, left)
    for before, after in zip((one, two), found, strict=True):
        gone = set(before.addresses) - set(after.addresses)
        assert gone <= set(before.unproved) - published
        assert after.addresses or not after.zones or not before.addresses
    if one.addresses or two.addresses:
        assert is_left or any(each.addresses for each in found)


def test_what_waits_answers_where_it_is_published_already() -> None:
    found = without_unproved((verdict("one", A, unproved=(A,)), verdict("two", B)), [A], ())
    assert found[0].addresses == (A,)


def test_what_waits_does_not_answer_beside_another() -> None:
    found = without_unproved((verdict("one", A, C, unproved=(A,)), verdict("two", B, unproved=(B,))), [], ())
    assert [(each.addresses, each.zones) for each in found] == [((C,), ("z",)), ((), ())]


@pytest.mark.parametrize("other", [Leftover(frozenset({B})), Leftover(hostnames=frozenset({"lb.cloud.test."}))])
def test_what_waits_does_not_answer_beside_what_a_cluster_out_of_sight_has_published(other: Leftover) -> None:
    assert without_unproved((verdict("one", A, unproved=(A,)),), [B], [Leftover(), other])[0].addresses == ()


def test_what_waits_answers_beside_a_host_name_that_leads_nowhere_and_beside_what_is_known_to_be_dead() -> None:
    waiting = verdict("one", A, unproved=(A,))
    unresolved = verdict("two", hostnames=("lb.cloud.test.",))
    assert without_unproved((waiting, unresolved), [], ())[0].addresses == (A,)
    dead = verdict("two", B, unproved=(B,), health=Health.UNHEALTHY)
    assert without_unproved((waiting, dead), [B], ())[0].addresses == (A,)
