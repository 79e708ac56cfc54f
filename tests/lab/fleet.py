"""Thousands of services in every cluster at once, made without a controller-manager; for measurements."""

import asyncio
import ipaddress
from collections.abc import Iterable

from tests.lab import objects
from tests.lab.api import Api, Refused, pooled
from tests.lab.federation import Lab

NAMESPACE = "fleet"
FIRST_ADDRESS = ipaddress.IPv4Address("198.18.0.0")  # RFC 2544: for benchmarks; 131,072 addresses
PER_CLUSTER = 32_768


def name(number: int) -> str:
    """The name of a service of the fleet."""
    return f"s{number:05}"


def address(cluster: int, number: int) -> str:
    """The address of a service's load balancer, different in each cluster.

    Args:
        cluster: the cluster's place in the lab, from 0 to 3.
        number: the service's number, up to 32,767.
    """
    return str(FIRST_ADDRESS + cluster * PER_CLUSTER + number)


async def populate(lab: Lab, numbers: Iterable[int]) -> None:
    """Create these services in every cluster, each with an address and one ready endpoint.

    It is to be called inside `async with lab.connect()`.
    """
    wanted = tuple(numbers)
    async with asyncio.TaskGroup() as group:
        for place, cluster in enumerate(lab.clusters.values()):
            group.create_task(_populate(cluster.api, place, cluster.zones[0], wanted))


async def _populate(api: Api, place: int, zone: str, numbers: tuple[int, ...]) -> None:
    try:
        await api.create(objects.namespace(NAMESPACE))
    except Refused as refused:
        if refused.status != 409:  # it is there from a smaller fleet
            raise
    await pooled(_publish(api, name(number), zone, address(place, number)) for number in numbers)


async def _publish(api: Api, service: str, zone: str, its_address: str) -> None:
    await api.create(objects.service(NAMESPACE, service, selector=False))
    await api.set_load_balancer(NAMESPACE, service, its_address)
    await api.create(objects.endpoint_slice(NAMESPACE, service, zone))
