"""The HTTP server: metrics, whether feddns is alive and ready, and what it sees, believes and writes."""

import asyncio
import os
from collections.abc import Callable, Iterable

from aiohttp import web

from feddns.errors import WebError
from feddns.model.endpoint import Endpoint
from feddns.telemetry.events import LogEvent, log
from feddns.telemetry.exposition import exposition
from feddns.telemetry.metrics import Sample
from feddns.web import api
from feddns.web.operations import PREFIX, Teller


class WebServer:
    """Answers HTTP on one address.

    Attributes:
        port: what it listens on; 0 while it does not.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        samples: Callable[[], Iterable[Sample]],
        unready: Callable[[], str],
        teller: Teller | None = None,
    ) -> None:
        """Make a server that does not listen yet.

        Args:
            endpoint: the address and port to listen on.
            samples: tells the metrics of the moment.
            unready: tells why feddns cannot do its work yet; empty where it can.
            teller: tells of the federation; None where nothing is told.
        """
        self.port = 0
        self._endpoint = endpoint
        self._samples = samples
        self._unready = unready
        self._teller = teller

    async def serve(self) -> None:
        """Answer until cancelled.

        Raises:
            WebError: the address cannot be listened on.
        """
        application = web.Application()
        application.on_response_prepare.append(_sign)
        application.router.add_get("/metrics", self._metrics)
        application.router.add_get("/healthz", self._healthz)
        application.router.add_get("/readyz", self._readyz)
        if self._teller is not None:
            application.add_subapp(PREFIX, api.application(self._teller))
        # A scrape is one line of nobody's interest; and who scrapes may not keep feddns from ending.
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await self._listen(runner)
            log(LogEvent.WEB_SERVING, address=str(Endpoint(self._endpoint.host, self.port)))
            await asyncio.Event().wait()
        finally:
            self.port = 0
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        try:
            await web.TCPSite(runner, self._endpoint.host, self._endpoint.port).start()
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise WebError(f"web.listen: {self._endpoint} cannot be listened on: {reason}") from error
        self.port = runner.addresses[0][1]

    async def _metrics(self, request: web.Request) -> web.Response:
        samples = tuple(self._samples())
        await asyncio.sleep(0)  # looking takes as long as writing: others have their turn in between
        body, media_type = exposition(samples, request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": media_type})

    async def _healthz(self, _: web.Request) -> web.Response:
        """That this is answered shows that the event loop turns."""
        return web.Response(text="ok\n")

    async def _readyz(self, _: web.Request) -> web.Response:
        reason = self._unready()
        return web.Response(text=f"{reason}\n", status=503) if reason else web.Response(text="ok\n")


async def _sign(_: web.Request, response: web.StreamResponse) -> None:
    """Tell strangers nothing of what feddns is made of, nor in which versions."""
    response.headers["Server"] = "feddns"
