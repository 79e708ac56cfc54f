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

from feddns.testing.batches import BatchContract
from feddns.testing.remote import RemoteContract
from feddns.testing.values import ValueContract

__all__ = ["ProviderContract", "RemoteProviderContract"]


class ProviderContract(BatchContract, ValueContract):
    """What holds for every provider whose batches are atomic."""


class RemoteProviderContract(ProviderContract, RemoteContract):
    """What holds besides for a provider that writes to a server over TCP without TLS."""
