"""What every provider must do: subclass a contract, say how to reach yours, and be done when it is green.

Needs nothing but pytest with pytest-asyncio in auto mode, and feddns; so it works in other packages as well. For
failures that tell values, let a `conftest.py` say `pytest.register_assert_rewrite("feddns.testing")` first.

    class TestMine(ProviderContract):
        @pytest.fixture
        async def provider(self) -> AsyncIterator[Provider]:
            provider = Mine.open(Mine.Settings(...), self.zone, Path())
            yield provider
            await provider.close()
"""

from feddns.providers.base import Provider
from feddns.testing.batches import BatchContract
from feddns.testing.fences import FenceContract
from feddns.testing.pen import Pen
from feddns.testing.remote import HttpContract, RemoteContract
from feddns.testing.values import ValueContract
from feddns.testing.writing import WritingContract

__all__ = [
    "HttpContract",
    "Pen",
    "ProviderContract",
    "RemoteContract",
    "RemoteProviderContract",
    "UnfencedProviderContract",
]


class ProviderContract(BatchContract, FenceContract, ValueContract, WritingContract):
    """What holds for every provider whose batches are atomic."""


class UnfencedProviderContract(BatchContract, ValueContract, WritingContract):
    """What holds for a provider whose service has no compare-and-swap: it looks before it writes."""

    async def test_the_limits_say_that_batches_are_not_atomic(self, provider: Provider) -> None:
        assert not provider.limits.atomic


class RemoteProviderContract(ProviderContract, RemoteContract):
    """What holds besides for a provider that writes to a server over TCP without TLS."""
