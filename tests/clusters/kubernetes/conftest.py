"""Servers that every test of the Kubernetes source can ask for."""

from collections.abc import AsyncIterator

import pytest

from tests.clusters.kubernetes.servers import ScriptedApi


@pytest.fixture
async def api() -> AsyncIterator[ScriptedApi]:
    async with ScriptedApi().serving() as serving:
        yield serving
