"""`feddns run`: every part under a supervisor, until a signal ends it."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from functools import partial

from feddns.clock import STEADY
from feddns.controller import twins
from feddns.controller.assemble import Federation, Target
from feddns.controller.figures import samples, unready
from feddns.controller.ordering import Ordering
from feddns.controller.sight import watch_sight
from feddns.controller.supervise import keep_alive
from feddns.errors import ProviderError, WebError
from feddns.model.endpoint import Endpoint
from feddns.providers.base import Serving
from feddns.telemetry.events import LogEvent, log, logging_with

Part = tuple[str, Callable[[], Awaitable[None]], tuple[type[Exception], ...]]
"""A part's name, its work, and the errors that starting it again cannot mend."""


async def run(federation: Federation) -> None:
    """Keep every zone true until SIGTERM or SIGINT.

    A batch in flight is abandoned: it was taken as a whole or not at all, and the next start reads the zone before it
    writes.

    Raises:
        ProviderError: the embedded server cannot listen on its addresses.
        WebError: nor can the server of metrics and probes.
    """
    log(LogEvent.STARTED, writes_to=[target.provider.identity for target in federation.targets])
    for target in federation.targets:
        if not target.provider.limits.atomic:
            log(LogEvent.NOT_FENCED, target=target.name)
    work = asyncio.create_task(_work(federation), name="feddns")
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, work.cancel)
    try:
        await work
    except asyncio.CancelledError:
        if not work.cancelled():
            raise
        log(LogEvent.STOPPED)


async def _work(federation: Federation) -> None:
    try:
        async with asyncio.TaskGroup() as parts:
            for name, part, fatal in _parts(federation):
                parts.create_task(keep_alive(name, part, fatal), name=name)
    finally:
        for target in federation.targets:
            await target.provider.close()


def _parts(federation: Federation) -> list[Part]:
    seen, targets = federation.observatory, federation.targets
    parts: list[Part] = []
    for target in targets:
        parts.extend(_parts_of(target, is_one_of_many=len(targets) > 1))
    parts.extend((f"cluster {source.view.name}", source.run, ()) for source in seen.sources)
    parts.extend((f"reports of {source.view.name}", source.report, ()) for source in seen.sources)
    parts.append(("hostnames", seen.hostnames.run, ()))
    parts.append(("probes", seen.prober.run, ()))
    parts.append(("health", seen.judging.run, ()))
    parts.append(("orders", Ordering(seen, targets, STEADY).run, ()))
    parts.append(("sight", lambda: watch_sight(seen.views, seen.touched, STEADY), ()))
    if federation.listen is not None:
        parts.append(("web", partial(_serve, federation, federation.listen), (WebError,)))
    if twins.twins(targets):
        parts.append(("twins", lambda: twins.watch(targets), ()))
    return parts


def _parts_of(target: Target, *, is_one_of_many: bool) -> Iterator[Part]:
    def named(work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def telling_which() -> None:
            with logging_with(target=target.name):
                await work()

        return telling_which if is_one_of_many else work

    if isinstance(target.provider, Serving):
        yield f"nameserver of {target.name}", named(target.provider.serve), (ProviderError,)
    yield f"writer of {target.name}", named(target.writer.run), ()
    yield f"loop of {target.name}", named(lambda: target.loop.run(target.touched)), ()


async def _serve(federation: Federation, endpoint: Endpoint) -> None:
    from feddns.web.server import WebServer  # noqa: PLC0415 - only where it is asked for

    await WebServer(endpoint, lambda: samples(federation, STEADY()), lambda: unready(federation)).serve()
