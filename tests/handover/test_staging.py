from hypothesis import given
from hypothesis import strategies as st

from feddns.handover.staging import claiming, giving_up, stages
from feddns.model.changes import Change, Create, Delete, Limits
from feddns.model.records import A, DnsName, RecordSet
from feddns.plan.batching import cost
from feddns.plan.claim import read_claim
from tests.builders import FED, a_claim


def change(number: int, *, creates: bool) -> Change:
    record_set = RecordSet(DnsName(f"n{number}.example.com."), A, 60, ("192.0.2.1",))
    return Create(record_set) if creates else Delete(record_set)


groups = st.lists(st.lists(st.booleans(), min_size=1, max_size=3), max_size=12).map(
    lambda shapes: [
        tuple(change(10 * place + index, creates=creates) for index, creates in enumerate(shape))
        for place, shape in enumerate(shapes)
    ]
)
limits = st.builds(Limits, st.integers(3, 8), st.integers(27, 100))


@given(groups, limits)
def test_every_change_is_in_one_batch_that_the_provider_takes_and_groups_stay_together(
    groups: list[tuple[Change, ...]], limits: Limits
) -> None:
    made = list(stages(groups, limits))
    assert sorted(map(repr, (each for stage in made for each in stage))) == sorted(
        map(repr, (each for group in groups for each in group))
    )
    assert all(cost(stage).fits(limits) for stage in made)
    assert all(any(set(group) <= set(stage) for stage in made) for group in groups)
    for stage in made:
        kinds = [isinstance(each, Delete) for each in stage]
        assert kinds == sorted(kinds, reverse=True)


def test_a_group_that_no_batch_may_hold_goes_alone() -> None:
    large = tuple(change(number, creates=True) for number in range(5))
    small = (change(9, creates=True),)
    assert list(stages([small, large, small], Limits(3, 1_000))) == [small, large, small]


@given(groups, st.none() | st.just(a_claim(seq=7)))
def test_each_batch_that_claims_goes_on_from_the_one_before(
    groups: list[tuple[Change, ...]], claim: RecordSet | None
) -> None:
    expected = claim
    for batch in claiming(groups, FED, "me", claim):
        assert batch.fence.expected == expected
        assert batch.fence.desired is not None
        said = read_claim(batch.fence.desired)
        assert said is not None
        assert said.owner == "me"
        expected = batch.fence.desired


@given(groups)
def test_the_claim_is_given_up_by_the_last_batch_alone_and_there_is_always_one(
    groups: list[tuple[Change, ...]],
) -> None:
    batches = giving_up(groups, FED, "me", a_claim(seq=7))
    assert [batch.changes for batch in batches] == (list(groups) or [()])
    assert [batch.fence.desired is None for batch in batches] == [False] * (len(batches) - 1) + [True]
    expected: RecordSet | None = a_claim(seq=7)
    for batch in batches:
        assert batch.fence.expected == expected
        expected = batch.fence.desired
