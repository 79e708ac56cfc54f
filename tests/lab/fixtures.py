"""The lab as pytest fixtures: the clusters run once a session, each test gets a namespace of its own."""

import uuid
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.lab import objects
from tests.lab.federation import Lab


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def clusters() -> AsyncIterator[Lab]:
    """The lab's processes, started once; `lab` is what tests ask for."""
    started = Lab()
    try:
        await started.start()
        yield started
    finally:
        started.close()


@pytest.fixture
async def lab(clusters: Lab) -> AsyncIterator[Lab]:
    """The classic federation us, eu and asia, all of it healthy; outages are over when the test is."""
    async with clusters.connect():
        yield clusters
        await clusters.heal()


@pytest.fixture
async def namespace(lab: Lab) -> AsyncIterator[str]:
    """A namespace in every cluster that no other test has."""
    name = f"t-{uuid.uuid4().hex[:8]}"
    for cluster in lab.clusters.values():
        await cluster.api.create(objects.namespace(name))
    yield name
    await lab.heal()
    for cluster in lab.clusters.values():
        await cluster.api.delete(f"/api/v1/namespaces/{name}")
