import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feddns.errors import Conflict, ProviderError, Rejected, Throttled, Unauthorized, Unavailable
from feddns.providers.retrying import retrying
from tests.virtual import virtually

passing = st.one_of(
    st.builds(Throttled, st.just("slow down"), st.floats(0, 120)),
    st.just(Unavailable("away")),
    st.just(Unavailable("no answer", outcome_unknown=True)),
    st.just(Conflict("moved")),
)
lasting = st.sampled_from([Unauthorized("who are you?"), Rejected("no")])


class Trial:
    """Something that fails with these errors one after another, and then succeeds.

    Attributes:
        at: when it was tried.
        told: the failures that were told of, with the pause after each.
    """

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.at: list[float] = []
        self.told: list[tuple[ProviderError, float]] = []

    async def run(self, deadline_s: float | None = None) -> None:
        clock = asyncio.get_running_loop().time
        async for attempt in retrying(lambda error, pause_s: self.told.append((error, pause_s)), deadline_s):
            with attempt:
                self.at.append(clock())
                if self.errors:
                    raise self.errors.pop(0)

    @property
    def pauses(self) -> list[float]:
        return [later - earlier for earlier, later in zip(self.at, self.at[1:], strict=False)]


@settings(max_examples=60)
@given(st.lists(passing | lasting, max_size=12))
def test_every_failure_is_told_with_the_pause_that_follows_and_no_pause_is_shorter_than_was_asked_for(
    errors: list[ProviderError],
) -> None:
    async def main() -> None:
        trial = Trial(*errors)
        await trial.run()
        assert [error for error, _ in trial.told] == errors
        assert trial.pauses == pytest.approx([pause_s for _, pause_s in trial.told], abs=1e-3)
        for error, pause_s in trial.told:
            match error:
                case Throttled(retry_after_s=asked_s):
                    assert asked_s <= pause_s <= max(asked_s, 20)
                case Unauthorized() | Rejected():
                    assert pause_s == 60
                case Conflict():
                    assert pause_s <= 1
                case _:
                    assert pause_s <= 20

    virtually(main())


@settings(max_examples=60)
@given(st.lists(passing, min_size=1, max_size=40), st.floats(0, 100))
def test_no_attempt_begins_after_the_deadline_and_none_is_given_up_that_could_begin_before(
    errors: list[ProviderError], deadline_s: float
) -> None:
    async def main() -> None:
        trial = Trial(*errors)
        raised: Exception | None = None
        try:
            await trial.run(deadline_s)
        except ProviderError as error:
            raised = error
        tried = len(trial.at)
        assert trial.at[-1] <= deadline_s + 1e-3
        assert raised is (errors[tried - 1] if tried <= len(errors) else None)
        assert len(trial.told) == tried - 1
        if isinstance(raised, Throttled) and raised.retry_after_s > 20:
            assert trial.at[-1] + raised.retry_after_s > deadline_s
        if isinstance(raised, Conflict):
            assert trial.at[-1] + 1 > deadline_s

    virtually(main())


@given(lasting, st.floats(1, 10_000))
def test_with_a_deadline_what_only_a_person_can_mend_is_raised_at_once(error: ProviderError, deadline_s: float) -> None:
    async def main() -> None:
        trial = Trial(error)
        with pytest.raises(type(error)):
            await trial.run(deadline_s)
        assert trial.at == [0]
        assert trial.told == []

    virtually(main())


@pytest.mark.looptime
async def test_pauses_grow_with_each_failure_and_by_chance() -> None:
    trials = [Trial(*[Unavailable("away")] * 10) for _ in range(60)]
    await asyncio.gather(*(trial.run() for trial in trials))
    for number in range(10):
        longest = min(0.2 * 2**number, 20)
        pauses = [trial.pauses[number] for trial in trials]
        assert 0.8 * longest < max(pauses) <= longest + 0.001
        assert min(pauses) < 0.2 * longest  # full jitter: many who failed together do not come back together


@pytest.mark.looptime
async def test_who_is_throttled_without_a_time_comes_back_ever_later() -> None:
    trial = Trial(*[Throttled("slow down")] * 20)
    await trial.run()
    assert sum(trial.pauses) > 20


@pytest.mark.looptime
async def test_what_is_no_providers_error_is_not_tried_again() -> None:
    trial = Trial(KeyError("a fault of ours"))
    with pytest.raises(KeyError):
        await trial.run()
    assert len(trial.at) == 1


@pytest.mark.looptime
async def test_being_cancelled_in_a_pause_is_no_failure() -> None:
    trial = Trial(Unauthorized("who are you?"))
    task = asyncio.create_task(trial.run())
    await asyncio.sleep(30)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert (len(trial.at), len(trial.told)) == (1, 1)
