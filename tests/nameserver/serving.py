"""A name server in the test's own event loop, and ways to ask it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial

import dns.message
import dns.query
import dns.tsig

from feddns.model.endpoint import Endpoint
from feddns.model.records import RecordSet
from feddns.nameserver.dispatch import Dispatch, TransferAccess
from feddns.nameserver.limits import DatagramLimits, StreamLimits
from feddns.nameserver.listeners import Listeners
from feddns.nameserver.signatures import Keyring
from tests.answers.asking import a_responder
from tests.builders import NOW

NOBODY = TransferAccess()


def _itself(key: dns.tsig.Key) -> dns.tsig.Key:
    return key


def a_dispatch(
    *record_sets: RecordSet,
    access: TransferAccess = NOBODY,
    keys: Iterable[dns.tsig.Key] = (),
    now: float = NOW,
) -> Dispatch:
    return Dispatch(a_responder(*record_sets), access, Keyring([partial(_itself, key) for key in keys]), lambda: now)


@asynccontextmanager
async def listening(
    dispatch: Dispatch,
    *addresses: str,
    datagrams: DatagramLimits = DatagramLimits(),  # noqa: B008 - frozen
    streams: StreamLimits = StreamLimits(),  # noqa: B008 - likewise
) -> AsyncIterator[list[Endpoint]]:
    """Listen on free ports of these addresses."""
    wanted = [Endpoint.parse(f"{address}:0") for address in addresses or ("127.0.0.1",)]
    async with Listeners(dispatch, wanted, datagrams, streams) as listeners:
        yield list(listeners.endpoints)


class Datagrams(asyncio.DatagramProtocol):
    """A client by UDP, that keeps what comes."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[tuple[bytes, tuple[str, int]]] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.received.put_nowait((data, addr))


@asynccontextmanager
async def udp_client(endpoint: Endpoint) -> AsyncIterator[tuple[asyncio.DatagramTransport, Datagrams]]:
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        Datagrams, local_addr=("::1" if ":" in endpoint.host else "127.0.0.1", 0)
    )
    yield transport, protocol
    transport.close()


async def udp(endpoint: Endpoint, query: dns.message.Message) -> dns.message.Message:
    """The answer by UDP."""
    return await asyncio.to_thread(dns.query.udp, query, endpoint.host, timeout=5, port=endpoint.port)


async def tcp(endpoint: Endpoint, query: dns.message.Message) -> dns.message.Message:
    """The answer by TCP."""
    return await asyncio.to_thread(dns.query.tcp, query, endpoint.host, timeout=5, port=endpoint.port)
