"""`feddns run`: every part under a supervisor, until a signal ends it."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Final

from feddns.clock import STEADY
from feddns.config.parse import Loaded
from feddns.controller.assemble import Federation, refit
from feddns.controller.crew import Crew, Part
from feddns.controller.ending import BATCH_S, Ending
from feddns.controller.figures import samples, unready
from feddns.controller.leading import Leading
from feddns.controller.ordering import Ordering
from feddns.controller.reload import Reload
from feddns.controller.sight import watch_sight
from feddns.controller.status import Overview
from feddns.controller.targets import Target
from feddns.controller.withheld import Withheld
from feddns.errors import ProviderError, WebError
from feddns.model.endpoint import Endpoint
from feddns.providers.base import Serving
from feddns.telemetry.events import LogEvent, log, logging_with
from feddns.telemetry.metrics import Sample

_TRIAL_S: Final = 2.0
"""So long a new DNS server has to show that it cannot listen, which would end a process that begins with it."""


async def run(federation: Federation, reload: Reload) -> None:
    """Keep every zone true until SIGTERM or SIGINT.

    A batch in flight is given some time (see `feddns.controller.ending`). One that is abandoned was taken as a whole or
    not at all, and the next start reads the zone before it writes.

    Args:
        federation: as the configuration has it at the start.
        reload: tells when the configuration is another one.

    Raises:
        ProviderError: the embedded server cannot listen on its addresses.
        WebError: nor can the server of metrics and probes.
    """
    log(LogEvent.STARTED, writes_to=[target.provider.identity for target in federation.targets])
    work = asyncio.create_task(_Run(federation, reload).run(), name="feddns")
    ending = Ending(federation, work)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ending.ask, number)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload.look_now)
    try:
        await work
    except asyncio.CancelledError:
        if not work.cancelled():
            raise
        log(LogEvent.STOPPED)


class _Run:
    """All parts, as the configuration that counts asks for them."""

    def __init__(self, federation: Federation, reload: Reload) -> None:
        self._federation = federation
        self._reload = reload
        self._crew = Crew()
        self._ordering = Ordering(federation.observatory, lambda: federation.targets, STEADY)
        self._leading = Leading(federation)

    async def run(self) -> None:
        """Run them until cancelled."""
        _warn(self._federation.targets)
        try:
            await self._crew.keep(self._parts())
            await self._crew.wait()
        finally:
            await self._crew.keep(())
            await _close(self._federation.targets)

    async def _follow(self, loaded: Loaded) -> None:
        """Go on by another configuration, or by the one before where its servers cannot answer.

        Raises:
            ConfigError: it cannot be used; then nothing has changed.
            ProviderError: likewise, but for a moment without an answer.
        """
        await self._fit(loaded, on_trial=True)
        try:
            await self._crew.trial(_TRIAL_S)
        except ProviderError:
            await self._fit(self._reload.loaded)
            raise

    async def _fit(self, loaded: Loaded, *, on_trial: bool = False) -> None:
        before = self._federation.targets
        gone = refit(self._federation, loaded)
        new = [target for target in self._federation.targets if all(target.writer is not one.writer for one in before)]
        self._ordering.admit(new)
        self._leading.admit(new)
        _warn(new)
        try:
            await _finish(gone)
            await self._crew.keep(self._parts(), on_trial=on_trial)
        finally:
            await _close(gone)

    def _parts(self) -> Iterator[Part]:
        federation, seen = self._federation, self._federation.observatory
        for target in federation.targets:
            yield from _parts_of(target, is_one_of_many=len(federation.targets) > 1)
            withheld = Withheld(target.policy.names.zone, target.writer.agenda, seen.views, STEADY)
            yield Part(f"withheld of {target.name}", target.writer, withheld.run)
        yield Part("clusters", seen.enrolment.fleet, seen.enrolment.fleet.run)
        if seen.enrolment.is_moving:
            yield Part("members", seen.enrolment, seen.enrolment.run)
        yield Part("leadership", federation.leadership, federation.leadership.run)
        yield Part("hostnames", seen.hostnames, seen.hostnames.run)
        yield Part("probes", seen.prober, seen.prober.run)
        yield Part("health", seen.judging, seen.judging.run)
        yield Part("orders", self._ordering, self._ordering.run)
        yield Part("sight", seen.views, lambda: watch_sight(seen.views, seen.touched, STEADY))
        yield Part("configuration", self._reload, lambda: self._reload.run(self._follow))
        yield Part("lag", federation.lag, federation.lag.run)
        yield Part("twins", federation, lambda: federation.twins.run(lambda: federation.targets))
        if federation.listen is not None:
            tell = Overview(federation, lambda: self._reload.in_force, STEADY)
            serve = partial(_serve, federation, federation.listen, self._reload, tell)
            yield Part("web", federation, serve, (WebError,))


def _parts_of(target: Target, *, is_one_of_many: bool) -> Iterator[Part]:
    def named(work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def telling_which() -> None:
            with logging_with(target=target.name):
                await work()

        return telling_which if is_one_of_many else work

    owner = target.writer  # which a target keeps for as long as it writes the same zone in the same way
    if isinstance(target.provider, Serving):  # first, as it may fill the zone before the writer reads it
        yield Part(f"nameserver of {target.name}", owner, named(target.provider.serve), (ProviderError,))
    yield Part(f"writer of {target.name}", owner, named(target.writer.run))
    yield Part(f"loop of {target.name}", owner, named(lambda: target.loop.run(target.touched)))
    if target.visible is not None and target.visible.is_wanted:
        yield Part(f"visibility of {target.name}", owner, named(target.visible.run))


def _warn(targets: Iterable[Target]) -> None:
    for target in targets:
        if not target.provider.limits.atomic:
            log(LogEvent.NOT_FENCED, target=target.name)


async def _finish(targets: Iterable[Target]) -> None:
    """Let the batches that are under way come to their end, but wait no longer for that than at the end of feddns."""
    with suppress(TimeoutError):
        async with asyncio.timeout(BATCH_S):
            await asyncio.gather(*(target.writer.gate.shut() for target in targets))


async def _close(targets: Iterable[Target]) -> None:
    for target in targets:
        await target.provider.close()


async def _serve(federation: Federation, endpoint: Endpoint, reload: Reload, teller: Overview) -> None:
    from feddns.web.server import WebServer  # noqa: PLC0415 - only where it is asked for

    def told() -> Iterator[Sample]:
        return samples(federation, STEADY(), reload.in_force)

    await WebServer(endpoint, told, lambda: unready(federation), teller).serve()
