"""The provider keeps feddns' contract."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from feddns.providers.base import Provider
from feddns.testing import ProviderContract
from feddns_zonefile import ZoneFile
from feddns_zonefile.provider import ZoneFileSettings


class TestZoneFile(ProviderContract):
    @pytest.fixture
    async def provider(self, file: Path) -> AsyncIterator[Provider]:
        provider = ZoneFile.open(ZoneFileSettings(file.name), self.zone, file.parent)
        yield provider
        await provider.close()

    @pytest.fixture
    async def rival(self, file: Path) -> AsyncIterator[Provider]:
        """As another process would open it: what they share is the file and its lock."""
        rival = ZoneFile.open(ZoneFileSettings(file.name), self.zone, file.parent)
        yield rival
        await rival.close()
