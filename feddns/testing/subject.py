"""What a contract needs of a provider."""

from typing import ClassVar

import pytest

from feddns.model.records import ZoneName
from feddns.providers.base import Provider
from feddns.testing.pen import Pen


class Subject:
    """The fixtures that a provider's own test class overrides.

    Attributes:
        zone: the zone that the provider is opened for; empty but for what the provider puts there itself.
    """

    zone: ClassVar[ZoneName] = ZoneName("example.com.")

    @pytest.fixture
    async def provider(self) -> Provider:
        """The provider under test, on a zone without records."""
        raise NotImplementedError

    @pytest.fixture
    async def rival(self, provider: Provider) -> Provider:
        """The same zone as another process of feddns would open it; the provider itself where there can be no other."""
        return provider

    @pytest.fixture
    async def pen(self, provider: Provider) -> Pen:
        return Pen(provider, self.zone)
