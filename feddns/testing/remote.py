"""Servers that refuse, hang, are gone, or are lost in the middle of a write."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import ClassVar

import pytest

from feddns.errors import ProviderError, Throttled, Unauthorized, Unavailable
from feddns.model.changes import Create
from feddns.providers.base import Provider
from feddns.testing.pen import Pen, contents
from feddns.testing.proxy import Proxy
from feddns.testing.subject import Subject
from feddns.testing.writing import Writing

QUICKLY_S = 5.0


class RemoteContract(Subject):
    """What holds for a provider that writes to a server over TCP without TLS.

    Attributes:
        write_mark: octets that tell the request that writes, such as `POST /records`, for a provider that sends others
            before it; empty where a batch is the first that is sent.
    """

    write_mark: ClassVar[bytes] = b""

    @pytest.fixture
    async def address(self) -> tuple[str, int]:
        """Where the server of the fixture `provider` listens."""
        raise NotImplementedError

    @pytest.fixture
    async def open_at(self) -> Callable[[str, int], Provider]:
        """Opens a provider of the same zone at another address, with a patience of two seconds; the test closes it."""
        raise NotImplementedError

    @pytest.fixture
    async def stranger(self) -> Provider:
        """A provider of the same zone with credentials that are not allowed anything."""
        raise NotImplementedError

    async def test_without_permission_nothing_is_read_and_nothing_changes(
        self, pen: Pen, provider: Provider, stranger: Provider
    ) -> None:
        await pen.write()
        before = await contents(provider)
        with pytest.raises(Unauthorized):
            await stranger.read_zone()
        with pytest.raises(Unauthorized):
            await stranger.apply(pen.batch(Create(pen.set("www", "A", "192.0.2.1"))))
        assert await contents(provider) == before

    async def test_a_server_that_is_not_there_is_unavailable_at_once(
        self, pen: Pen, open_at: Callable[[str, int], Provider]
    ) -> None:
        async with Proxy("127.0.0.1", 9) as nobody:
            port = nobody.port
        lost = open_at("127.0.0.1", port)
        for attempt in (lost.read_zone, lambda: lost.apply(pen.batch())):
            assert not (await _unavailable(attempt)).outcome_unknown
        await lost.close()

    async def test_a_server_that_is_silent_is_unavailable_soon(
        self, pen: Pen, open_at: Callable[[str, int], Provider]
    ) -> None:
        async def ignore(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                with suppress(OSError):
                    await reader.read()
            finally:
                writer.transport.abort()

        silent = await asyncio.start_server(ignore, "127.0.0.1", 0)
        async with silent:
            lost = open_at("127.0.0.1", silent.sockets[0].getsockname()[1])
            await _unavailable(lost.read_zone)
            # Where something is asked first, nothing has been written yet.
            assert (await _unavailable(lambda: lost.apply(pen.batch()))).outcome_unknown is not bool(self.write_mark)
            await lost.close()

    @pytest.mark.parametrize("applied", [True, False], ids=["after-the-server-did-it", "before-the-server-got-it"])
    async def test_a_cut_while_writing_says_that_the_outcome_is_unknown(
        self,
        pen: Pen,
        provider: Provider,
        address: tuple[str, int],
        open_at: Callable[[str, int], Provider],
        applied: bool,  # noqa: FBT001  # a parameter of the test
    ) -> None:
        async with Proxy(*address) as proxy:
            behind = open_at("127.0.0.1", proxy.port)
            through = Pen(behind, self.zone)
            await through.write()
            before = await contents(provider)
            proxy.mark = self.write_mark
            proxy.cut_requests, proxy.most_answered = not applied, 0
            www = pen.set("www", "A", "192.0.2.1")
            batch = through.batch(Create(www))
            assert (await _unavailable(lambda: behind.apply(batch))).outcome_unknown
            assert batch.fence.desired is not None
            untouched = set(before.values())
            done = (untouched - {through.claim}) | {www, batch.fence.desired}
            assert set((await contents(provider)).values()) == (done if applied else untouched)
            proxy.cut_requests, proxy.most_answered = False, math.inf
            through.claim = batch.fence.desired if applied else through.claim
            await behind.apply(through.batch(Create(pen.set("next", "A", "192.0.2.2"))))
            await behind.close()

    @pytest.mark.parametrize("applied", [True, False], ids=["after-the-server-did-it", "before-the-server-got-it"])
    async def test_a_writer_goes_on_after_a_cut_whether_the_server_got_it_or_not(
        self,
        provider: Provider,
        address: tuple[str, int],
        open_at: Callable[[str, int], Provider],
        applied: bool,  # noqa: FBT001  # a parameter of the test
    ) -> None:
        async with Proxy(*address) as proxy:
            behind = open_at("127.0.0.1", proxy.port)
            async with Writing(behind, self.zone).running() as writing:
                writing.want(range(3), "192.0.2.1")
                await writing.end(provider)
                proxy.mark = self.write_mark
                proxy.cut_requests, proxy.most_answered = not applied, 0
                writing.want(range(2, 5), "192.0.2.2")
                await asyncio.sleep(0.5)
                proxy.cut_requests, proxy.most_answered = False, math.inf
                await writing.end(provider)
            await behind.close()


class HttpContract(RemoteContract):
    """What holds besides where the server is asked by HTTP.

    Attributes:
        busy: what the service answers to too many requests, as a whole HTTP response.
        broken: what it answers when it fails.
    """

    busy: ClassVar[bytes] = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
    broken: ClassVar[bytes] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"

    @pytest.mark.parametrize("trouble", ["busy", "broken"])
    async def test_a_service_that_is_busy_or_fails_is_told_apart_and_a_writer_goes_on_when_it_is_over(
        self, provider: Provider, address: tuple[str, int], open_at: Callable[[str, int], Provider], trouble: str
    ) -> None:
        async with Proxy(*address) as proxy:
            behind = open_at("127.0.0.1", proxy.port)
            pen = Pen(behind, self.zone)
            await pen.write()
            before = await contents(provider)
            proxy.mark, proxy.cut_requests, proxy.answer = self.write_mark, True, getattr(self, trouble)
            with pytest.raises(Throttled if trouble == "busy" else Unavailable) as failure:
                await behind.apply(pen.batch(Create(pen.set("www", "A", "192.0.2.1"))))
            assert getattr(failure.value, "outcome_unknown", False) is (trouble == "broken")
            assert await contents(provider) == before
            async with Writing(behind, self.zone).running() as writing:
                writing.want(range(3), "192.0.2.1")
                await asyncio.sleep(0.5)
                proxy.cut_requests = False
                await writing.end(provider)
            await behind.close()


async def _unavailable(attempt: Callable[[], Awaitable[object]]) -> Unavailable:
    async with asyncio.timeout(QUICKLY_S):
        with pytest.raises(ProviderError) as failure:
            await attempt()
    assert isinstance(failure.value, Unavailable)
    return failure.value
