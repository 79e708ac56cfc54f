"""The four requests of ExternalDNS' webhook provider protocol, and what can go wrong with each."""

import asyncio
import ssl
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NoReturn, TypeVar

import aiohttp
import msgspec

from feddns import __version__
from feddns.errors import Rejected, Unauthorized, Unavailable
from feddns.model.printable import printable
from feddns.providers.reread import Reread
from feddns.providers.webhook.domains import DomainFilter
from feddns.providers.webhook.endpoints import Changes, Endpoint
from feddns.providers.webhook.headers import read_headers
from feddns.providers.webhook.outcome import failure
from feddns.providers.webhook.settings import WebhookSettings

MEDIA_TYPE: Final = "application/external.dns.webhook+json;version=1"
LARGEST_ANSWER: Final = 32 * 2**20
"""Octets; ExternalDNS takes no larger one either, which is some 60,000 record sets."""

_CHUNK: Final = 65_536
_TOLD: Final = 200
"""So many octets of a failure's body are shown."""

_DOMAIN_FILTER: Final = msgspec.json.Decoder(DomainFilter)
_ENDPOINTS: Final[msgspec.json.Decoder[list[Endpoint | None] | None]] = msgspec.json.Decoder(
    list[Endpoint | None] | None
)

T = TypeVar("T")


class WebhookClient:
    """Speaks to one webhook, over connections that are kept."""

    def __init__(self, settings: WebhookSettings, folder: Path) -> None:
        """Make a client; nothing is contacted yet.

        Raises:
            Unauthorized: a file that the settings name cannot be read, or holds something else.
        """
        self.url = settings.url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=settings.timeout, sock_connect=settings.connect_timeout)
        self._headers = _reread(folder, settings.headers_file, read_headers)
        self._trust = _reread(folder, settings.ca_file, _trust)
        self._session: aiohttp.ClientSession | None = None
        for each in (self._headers, self._trust):
            if each is not None:
                each.get()

    async def negotiate(self) -> DomainFilter:
        """Agree on the protocol's version.

        Returns:
            Which names are served.

        Raises:
            ProviderError: it cannot be reached, or does not speak the protocol.
        """
        content_type, octets = await self._exchange("GET", "/")
        if not _is_ours(content_type):
            raise Rejected(
                f"{self.url} does not speak ExternalDNS' webhook protocol: its answer is of type "
                f'"{printable(content_type)}" and not {MEDIA_TYPE}'
            )
        return self._decoded(octets, _DOMAIN_FILTER)

    async def records(self) -> list[Endpoint | None]:
        """Everything that is there.

        Raises:
            ProviderError: it could not be told.
        """
        _, octets = await self._exchange("GET", "/records")
        return await self._endpoints(octets)

    async def adjust(self, wanted: Iterable[Endpoint]) -> list[Endpoint | None]:
        """What would be kept for what is wanted.

        Raises:
            ProviderError: it could not be told.
        """
        _, octets = await self._exchange("POST", "/adjustendpoints", msgspec.json.encode(list(wanted)))
        return await self._endpoints(octets)

    async def change(self, changes: Changes) -> None:
        """Have changes made; that nothing is raised does not mean that all of them were.

        Raises:
            Unavailable: it may be that nothing, some or all was done, where it says `outcome_unknown`.
            ProviderError: nothing was done.
        """
        await self._exchange("POST", "/records", msgspec.json.encode(changes), writes=True)

    async def close(self) -> None:
        """Give the connections back."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _exchange(
        self, method: str, path: str, body: bytes | None = None, *, writes: bool = False
    ) -> tuple[str, bytes]:
        """The type and the octets of a successful answer."""
        headers = {"Accept": MEDIA_TYPE, "User-Agent": f"feddns/{__version__}"}
        headers |= {} if self._headers is None else self._headers.get()
        if body is not None:
            headers["Content-Type"] = MEDIA_TYPE
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=2)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        # With other certificates to trust, connections that were opened with the former ones are not used any more.
        trust = True if self._trust is None else self._trust.get()
        try:
            async with self._session.request(
                method,
                self.url + path,
                data=body,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
                ssl=trust,
            ) as response:
                octets = await _body(response)
                _refuse_failure(response, octets or b"", writes=writes)
                if octets is None:
                    raise Rejected(f"{method} {self.url}{path} answers with more than {LARGEST_ANSWER >> 20} MiB")
                return response.headers.get("Content-Type", ""), octets
        except (aiohttp.ClientError, TimeoutError) as error:
            self._unreachable(error, f"{method} {self.url}{path}", writes=writes)

    def _unreachable(self, error: Exception, request: str, *, writes: bool) -> NoReturn:
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            raise Unavailable(
                f"{self.url} shows a certificate that is not trusted: {error.certificate_error}; caFile must hold who "
                f"has signed it"
            ) from error
        if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
            raise Unavailable(f"{self.url} cannot be reached: {error}") from error
        if isinstance(error, TimeoutError):
            reason = f"no whole answer within {self._timeout.total:g} s"
        else:
            reason = str(error) or type(error).__name__
        raise Unavailable(f"{request} was not answered: {reason}", outcome_unknown=writes) from error

    async def _endpoints(self, octets: bytes) -> list[Endpoint | None]:
        # A large zone takes a while, in which other things should go on. Go tells an empty list as null.
        return await asyncio.to_thread(self._decoded, octets, _ENDPOINTS) or []

    def _decoded(self, octets: bytes, decoder: msgspec.json.Decoder[T]) -> T:
        try:
            return decoder.decode(octets)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Rejected(f"{self.url} answers with what the protocol does not know: {error}") from error


def _refuse_failure(response: aiohttp.ClientResponse, octets: bytes, *, writes: bool) -> None:
    told = printable(octets[:_TOLD].decode("utf-8", "replace").strip())
    answered = f"{response.method} {response.url} answers {response.status} {printable(response.reason or '')}".rstrip()
    error = failure(response.status, response.headers, answered + (f": {told}" if told else ""), writes=writes)
    if error is not None:
        raise error


async def _body(response: aiohttp.ClientResponse) -> bytes | None:
    """An answer's octets; None where there are too many."""
    octets = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        octets += chunk
        if len(octets) > LARGEST_ANSWER:
            return None
    return bytes(octets)


def _reread(folder: Path, name: str | None, read: Callable[[Path], T]) -> Reread[T] | None:
    if name is None:
        return None
    path = folder / name
    return Reread(lambda: read(path), (path,))


def _trust(path: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(path))
    except ssl.SSLError as error:
        raise Unauthorized(f"{path} holds no certificates (PEM): {error.reason or error}") from error
    except OSError as error:
        raise Unauthorized(f"{path} with the certificates cannot be read: {error.strerror}") from error


def _is_ours(content_type: str) -> bool:
    """Whether it is the protocol's media type, however its parameter is written (RFC 9110 section 8.3.1)."""
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    wanted, version = MEDIA_TYPE.split(";")
    return kind == wanted and version in {parameter.replace('"', "") for parameter in parameters}
