"""One question to one address, within its time."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from types import MappingProxyType
from typing import Any, Final

from feddns.errors import FeddnsError
from feddns.model.probing import GrpcProbe, HeadersFrom, HttpProbe, Probe, TcpProbe
from feddns.probes.answer import Answer, NotAnswered, failed, hindered, seconds, succeeded
from feddns.probes.dialogue import Dialogue, converse
from feddns.probes.grpc import GrpcDialogue
from feddns.probes.http import HttpDialogue
from feddns.probes.secured import Secured
from feddns.probes.stream import PlainStream
from feddns.probes.tcp import connect
from feddns.probes.trust import Trust

Ask = Callable[[str, Probe], Coroutine[Any, Any, Answer]]
"""Asks an address, in canonical form, once."""

HeaderSource = Callable[[HeadersFrom], Awaitable[Mapping[str, str]]]
"""Gives the headers of a probe; raises a FeddnsError, whose text is for people, where they cannot be had."""

_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


class _Progress:
    """How far a question has come.

    Attributes:
        if_late: the answer if the time runs out here.
    """

    def __init__(self, probe: Probe) -> None:
        self._limit = seconds(probe.timeout_s)
        self.if_late = failed(f"no answer within {self._limit}")

    def lack(self, what: str) -> None:
        """There is a connection, and this is waited for."""
        self.if_late = failed(f"connected, but no {what} within {self._limit}")


class Asker:
    """Asks questions, each over a connection of its own, as a new client would.

    Args:
        headers: where the headers of HTTP probes come from.
    """

    def __init__(self, headers: HeaderSource) -> None:
        self._headers = headers
        self._trust = Trust()

    async def ask(self, address: str, probe: Probe) -> Answer:
        """Ask once; nothing that the network, the address or the headers do is raised.

        Args:
            address: an IP address in canonical form.
            probe: the question and its time limit.
        """
        progress = _Progress(probe)
        try:
            headers = await self._headers_of(probe)
            async with asyncio.timeout(probe.timeout_s):
                return await self._ask(address, probe, headers, progress)
        except NotAnswered as ended:
            return ended.answer
        except TimeoutError:
            return progress.if_late

    async def _ask(self, address: str, probe: Probe, headers: Mapping[str, str], progress: _Progress) -> Answer:
        match probe.question:
            case TcpProbe(port):
                (await connect(address, port)).close()
                return succeeded("connection taken")
            case HttpProbe() as question:
                return await self._exchange(address, question, HttpDialogue(question, address, headers), progress)
            case GrpcProbe() as question:
                dialogue = GrpcDialogue(question, address, probe.timeout_s)
                return await self._exchange(address, question, dialogue, progress)

    async def _headers_of(self, probe: Probe) -> Mapping[str, str]:
        """The headers of a question; what it takes to have them is none of the address's time."""
        question = probe.question
        if not isinstance(question, HttpProbe) or question.headers is None:
            return _NO_HEADERS
        try:
            async with asyncio.timeout(probe.timeout_s):
                return await self._headers(question.headers)
        except FeddnsError as error:
            raise NotAnswered(hindered(str(error))) from error
        except TimeoutError as error:
            text = f"the headers of the probe could not be had within {seconds(probe.timeout_s)}"
            raise NotAnswered(hindered(text)) from error

    async def _exchange(
        self, address: str, question: HttpProbe | GrpcProbe, dialogue: Dialogue, progress: _Progress
    ) -> Answer:
        """Connect, and have the dialogue."""
        tls, place = question.tls, (address, question.port)
        secured = None if tls is None else Secured(self._trust, tls, dialogue.protocol, place)
        with await connect(*place) as connection:
            plain = PlainStream(connection)
            progress.lack("TLS" if secured else "answer")
            stream = await secured.over(plain) if secured else plain
            progress.lack("answer")
            return await converse(stream, dialogue)
