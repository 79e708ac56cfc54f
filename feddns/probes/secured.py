"""TLS with one address, and for whom its certificate is where it is for somebody else."""

import asyncio
import contextlib
from typing import Final

from feddns.model.few import few
from feddns.model.probing import Tls
from feddns.probes.answer import NotAnswered, failed
from feddns.probes.stream import PlainStream, TlsStream, WrongName
from feddns.probes.tcp import connect
from feddns.probes.trust import Trust

_SECOND_LOOK_S: Final = 1.0
_MOST_NAMES: Final = 3


class Secured:
    """What it takes to speak TLS with an address.

    Args:
        trust: gives contexts.
        tls: whom to trust and what to say.
        protocol: the application protocol, as ALPN names it.
        place: the address and port.

    Raises:
        NotAnswered: the authorities cannot be read.
    """

    def __init__(self, trust: Trust, tls: Tls, protocol: str, place: tuple[str, int]) -> None:
        self._trust = trust
        self._tls = tls
        self._protocol = protocol
        self._place = place
        self._name = tls.server_name or place[0]
        self._context = trust.context(tls, protocol)

    async def over(self, plain: PlainStream) -> TlsStream:
        """Agree on TLS over a connection with the address.

        Raises:
            NotAnswered: there is no agreement, or the certificate is not accepted.
        """
        stream = TlsStream(plain, self._context, self._name)
        try:
            await stream.agree()
        except WrongName as error:
            names = await self._certified()
            if not names:
                raise
            raise NotAnswered(failed(f"certificate is for {few(names, _MOST_NAMES)}, not {self._name}")) from error
        return stream

    async def _certified(self) -> tuple[str, ...]:
        """Whom the certificate is for; OpenSSL does not show one that it refuses, so it is taken for anybody here."""
        with contextlib.suppress(NotAnswered, TimeoutError):
            async with asyncio.timeout(_SECOND_LOOK_S):
                context = self._trust.context(self._tls, self._protocol, any_name=True)
                with await connect(*self._place) as connection:
                    stream = TlsStream(PlainStream(connection), context, self._name)
                    await stream.agree()
                    return stream.names()
        return ()
