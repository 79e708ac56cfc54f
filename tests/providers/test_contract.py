"""Every provider of ours keeps the contract."""

from collections.abc import AsyncIterator, Callable

import pytest

from feddns.providers.base import Provider
from feddns.testing import RemoteProviderContract
from tests.providers.conftest import OpenAt
from tests.servers import DnsServer


class Rfc2136Contract(RemoteProviderContract):
    """The provider `rfc2136`, whatever the server."""

    @pytest.fixture
    def server(self) -> DnsServer:
        raise NotImplementedError

    @pytest.fixture
    async def provider(self, server: DnsServer, open_rfc2136: OpenAt) -> AsyncIterator[Provider]:
        provider = open_rfc2136(server)
        yield provider
        await provider.close()

    @pytest.fixture
    async def rival(self, server: DnsServer, open_rfc2136: OpenAt) -> AsyncIterator[Provider]:
        rival = open_rfc2136(server)
        yield rival
        await rival.close()

    @pytest.fixture
    async def stranger(self, server: DnsServer, open_rfc2136: OpenAt) -> AsyncIterator[Provider]:
        stranger = open_rfc2136(server, key_name=server.stranger)
        yield stranger
        await stranger.close()

    @pytest.fixture
    async def address(self, server: DnsServer) -> tuple[str, int]:
        return server.host, server.port

    @pytest.fixture
    async def open_at(self, server: DnsServer, open_rfc2136: OpenAt) -> Callable[[str, int], Provider]:
        return lambda host, port: open_rfc2136(server, host, port)


class TestRfc2136OnBind(Rfc2136Contract):
    @pytest.fixture
    def server(self, bind: DnsServer) -> DnsServer:
        return bind


class TestRfc2136OnKnot(Rfc2136Contract):
    @pytest.fixture
    def server(self, knot: DnsServer) -> DnsServer:
        return knot
