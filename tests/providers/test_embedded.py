from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from feddns.providers.base import Provider
from feddns.providers.embedded import Embedded, EmbeddedSettings
from tests.providers.contract import ProviderContract


class TestEmbedded(ProviderContract):
    @pytest.fixture
    async def provider(self, tmp_path: Path) -> AsyncIterator[Provider]:
        provider = Embedded.open(EmbeddedSettings(), self.zone, tmp_path)
        yield provider
        await provider.close()

    @pytest.fixture
    async def rival(self, tmp_path: Path) -> AsyncIterator[Provider]:
        rival = Embedded.open(EmbeddedSettings(), self.zone, tmp_path)
        yield rival
        await rival.close()
