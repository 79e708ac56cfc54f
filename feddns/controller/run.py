"""`feddns run`: every part under a supervisor, until a signal ends it."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

from feddns.controller.assemble import Federation
from feddns.controller.supervise import keep_alive
from feddns.errors import ProviderError
from feddns.providers.base import Serving
from feddns.telemetry.events import LogEvent, log

Part = tuple[str, Callable[[], Awaitable[None]], tuple[type[Exception], ...]]
"""A part's name, its work, and the errors that starting it again cannot mend."""


async def run(federation: Federation) -> None:
    """Keep the zone true until SIGTERM or SIGINT.

    A batch in flight is abandoned: it was taken as a whole or not at all, and the next start reads the zone before it
    writes.

    Raises:
        ProviderError: the embedded server cannot listen on its addresses.
    """
    log(LogEvent.STARTED, writes_to=federation.provider.identity)
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
        await federation.provider.close()


def _parts(federation: Federation) -> list[Part]:
    seen = federation.observatory
    parts: list[Part] = []
    if isinstance(federation.provider, Serving):
        parts.append(("nameserver", federation.provider.serve, (ProviderError,)))
    parts.append(("writer", federation.writer.run, ()))
    parts.extend((f"cluster {source.view.name}", source.run, ()) for source in seen.sources)
    parts.extend((f"reports of {source.view.name}", source.report, ()) for source in seen.sources)
    parts.append(("hostnames", seen.hostnames.run, ()))
    parts.append(("loop", lambda: federation.loop.run(seen.touched), ()))
    parts.append(("sight", lambda: federation.loop.watch_sight(seen.touched), ()))
    return parts
