"""Parts that run side by side, each under its supervisor, and that come and go while the others run on."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, NamedTuple

from feddns.controller.supervise import keep_alive

_PATIENCE_S: Final = 5.0
"""So long a part that is no more is waited for: one that does not end must not hold up the others."""


class Part(NamedTuple):
    """One part of feddns.

    Attributes:
        name: for the log.
        owner: what it is a part of: a part of the same name and owner is the same part.
        work: makes its work, anew each time that it is started.
        fatal: the errors that starting it again cannot mend.
    """

    name: str
    owner: object
    work: Callable[[], Awaitable[None]]
    fatal: tuple[type[Exception], ...] = ()


class Crew:
    """Runs the parts that there should be."""

    def __init__(self) -> None:
        self._tasks: dict[tuple[str, int], tuple[Part, asyncio.Task[None]]] = {}
        self._failed: asyncio.Future[None] | None = None
        self._on_trial: set[asyncio.Task[None]] = set()

    async def keep(self, parts: Iterable[Part], *, on_trial: bool = False) -> None:
        """Have these parts run from now on, and no others; what is no more is given some time to end.

        Args:
            parts: all that there should be.
            on_trial: whether the new ones are to be tried before they count; see `trial`.
        """
        wanted = {(part.name, id(part.owner)): part for part in parts}
        await self._end([key for key in self._tasks if key not in wanted])
        for key, part in wanted.items():
            if key not in self._tasks:
                task = asyncio.create_task(keep_alive(part.name, part.work, part.fatal), name=part.name)
                if on_trial and part.fatal:
                    self._on_trial.add(task)
                task.add_done_callback(self._note)
                self._tasks[key] = part, task

    async def trial(self, seconds: float) -> None:
        """See for so long whether those that are on trial go on; those that do, count from then on.

        Raises:
            Exception: one of those that starting a part again cannot mend, by which one of them has ended.
        """
        if self._on_trial:
            await asyncio.wait(self._on_trial, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        tried, self._on_trial = self._on_trial, set()
        for task in tried:
            if task.done():
                task.result()

    async def wait(self) -> None:
        """Wait until a part ends by an error that starting it again cannot mend, which is raised."""
        self._failed = asyncio.get_running_loop().create_future()
        for _, task in self._tasks.values():
            self._note(task)
        await self._failed

    def _note(self, task: asyncio.Task[None]) -> None:
        if task in self._on_trial:
            return
        error = task.exception() if task.done() and not task.cancelled() else None
        if error is not None and self._failed is not None and not self._failed.done():
            self._failed.set_exception(error)

    async def _end(self, keys: list[tuple[str, int]]) -> None:
        ended = [self._tasks.pop(key)[1] for key in keys]
        for task in ended:
            task.cancel()
        if ended:
            await asyncio.wait(ended, timeout=_PATIENCE_S)
