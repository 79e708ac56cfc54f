"""Writers at the same time: the fence lets one of them through, whole."""

import asyncio

from feddns.model.changes import Create
from feddns.providers.base import Provider
from feddns.testing.pen import Pen, contents
from feddns.testing.subject import Subject


class FenceContract(Subject):
    """What holds for a provider that checks the fence and writes in one step."""

    async def test_the_limits_say_that_batches_are_atomic(self, provider: Provider) -> None:
        assert provider.limits.atomic

    async def test_of_two_batches_with_one_fence_exactly_one_wins(
        self, pen: Pen, provider: Provider, rival: Provider
    ) -> None:
        for number in range(5):
            await pen.write()
            ours = pen.set(f"ours-{number}", "A", "192.0.2.1")
            theirs = pen.set(f"theirs-{number}", "A", "192.0.2.2")
            outcomes = await asyncio.gather(
                provider.apply(pen.batch(Create(ours))), rival.apply(pen.batch(Create(theirs))), return_exceptions=True
            )
            assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]
            now = set((await contents(provider)).values())
            assert ((ours in now), (theirs in now)) == ((outcomes[0] is None), (outcomes[1] is None))
            pen.skip()
