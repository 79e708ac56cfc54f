"""What a person has said yes to, carried out on one zone: through conflicts and lost answers, and proved at the end."""

from collections import deque
from collections.abc import Callable
from typing import Protocol, TypeVar

from feddns.errors import Conflict, ProviderError, Rejected, Unavailable
from feddns.model.changes import Batch
from feddns.model.records import RecordSet
from feddns.providers.base import Provider
from feddns.providers.retrying import retrying


class Work(Protocol):
    """What is still to be done in a zone, as it was read."""

    @property
    def batches(self) -> tuple[Batch, ...]:
        """Empty where nothing is."""

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why it may not be done."""


W = TypeVar("W", bound=Work)
Look = Callable[[tuple[RecordSet, ...]], W]
"""From all record sets of a zone to what is to be done in it."""


async def survey(provider: Provider, look: Look[W], deadline_s: float) -> W:
    """What is to be done.

    Args:
        provider: where the zone is.
        look: finds it.
        deadline_s: how long to try to read the zone, in seconds.

    Raises:
        ProviderError: it cannot be read.
    """
    async for attempt in retrying(_untold, deadline_s):
        with attempt:
            return look(await provider.read_zone())
    raise AssertionError("retrying gives up by raising")


class Undertaking:
    """The way from what was shown to nothing left to do.

    After a conflict, or an answer that never came, the zone is read again, and what is left of the changes that were
    shown is done. It ends when a reading shows nothing to do; so it is proved, and so the next start of a program that
    was killed goes on where it was.
    """

    def __init__(self, provider: Provider, look: Look[W], shown: W, deadline_s: float) -> None:
        """Prepare; nothing is contacted yet.

        Args:
            provider: where the zone is.
            look: finds what is to be done in it.
            shown: what was found, and agreed to.
            deadline_s: how long one step may take, retries included, in seconds.
        """
        self._provider = provider
        self._look = look
        self._deadline_s = deadline_s
        self._agreed = {change for batch in shown.batches for change in batch.changes}
        self._waiting: deque[Batch] = deque()
        self._is_all_written = False

    async def carry_out(self) -> None:
        """Write all of it.

        Raises:
            Rejected: the zone needs other changes than those agreed to: somebody else writes there.
            ProviderError: a batch could not be written until its deadline.
        """
        is_over = False
        while not is_over:
            async for attempt in retrying(_untold, self._deadline_s):
                with attempt:
                    is_over = await self._step()

    async def _step(self) -> bool:
        """Write one batch, after a reading where there is none; whether there was nothing to write."""
        if not self._waiting:
            self._waiting.extend(self._left(self._look(await self._provider.read_zone())))
        if not self._waiting:
            return True
        try:
            await self._provider.apply(self._waiting[0])
        except (Conflict, Unavailable):
            self._waiting.clear()
            raise
        self._agreed.difference_update(self._waiting.popleft().changes)
        self._is_all_written = not self._waiting
        return False

    def _left(self, work: Work) -> tuple[Batch, ...]:
        if work.refusals:
            raise Rejected(f"nothing more is written: {'; '.join(work.refusals)}")
        needed = {change for batch in work.batches for change in batch.changes}
        if not needed <= self._agreed or (work.batches and self._is_all_written):
            names = sorted(change.name for change in needed - self._agreed)
            raise Rejected(
                f"{names[0] if names else 'the claim'} is not as it was shown, so nothing more is written: somebody "
                f"else writes in the zone. Stop who does, such as `feddns run`, and start again"
            )
        return work.batches


def _untold(_error: ProviderError, _pause_s: float) -> None:
    """Attempts that fail are not told of: the last one's error is."""
