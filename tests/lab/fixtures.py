"""The lab as pytest fixtures: the clusters run once a session, each test gets a namespace of its own."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.lab import objects
from tests.lab.api import Api
from tests.lab.federation import Lab

CONTENT = (  # in this order nothing is made anew
    "/apis/apps/v1/namespaces/{namespace}/deployments",
    "/apis/apps/v1/namespaces/{namespace}/replicasets",
    "/api/v1/namespaces/{namespace}/services",
    "/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices",
    "/api/v1/namespaces/{namespace}/pods?gracePeriodSeconds=0",
)


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
    """A namespace in every cluster that no other test has; it is gone before the next test begins."""
    name = f"t-{uuid.uuid4().hex[:8]}"
    for cluster in lab.clusters.values():
        await cluster.api.create(objects.namespace(name))
    yield name
    await lab.heal()
    async with asyncio.TaskGroup() as group:
        for cluster in lab.clusters.values():
            group.create_task(remove(cluster.api, name))


async def remove(api: Api, namespace: str) -> None:
    """Delete a namespace, its content first: left to itself, that goes 5 s later, in the midst of another test."""
    for content in CONTENT:
        await api.delete(content.format(namespace=namespace))
    await api.delete(f"/api/v1/namespaces/{namespace}")
