"""What is told of a Lease: each trouble once, and who leads."""

import asyncio

import pytest
import structlog.testing

from feddns.clusters.kubernetes.failures import Refused
from feddns.leadership.lease import Lease, Spec
from feddns.leadership.lock import federation_of, identity_of
from feddns.telemetry.events import LogEvent
from tests.leadership.replicas import Line, Shelf, competing, replica, until_led

pytestmark = [pytest.mark.looptime, pytest.mark.servers]  # no servers, but seconds


async def test_trouble_is_told_once_and_who_leads_as_well() -> None:
    shelf = Shelf()
    one, other = replica(shelf, "one"), replica(shelf, "other")
    with structlog.testing.capture_logs() as lines:
        async with competing(shelf, one, other):
            await until_led(one, other)
            await asyncio.sleep(100)
            one.line.is_cut = other.line.is_cut = True
            await asyncio.sleep(100)
    told = [line["event"] for line in lines]
    assert told.count(LogEvent.LEADING.message) == 1
    assert told.count(LogEvent.STANDING_BY.message) == 1
    assert 1 <= told.count(LogEvent.LEASE_UNUSABLE.message) <= 2
    assert {line["lease"] for line in lines if "lease" in line} == {"feddns/feddns"}


class ReadOnly(Line):
    """A way to an API server whose rights have been taken away but for reading."""

    async def create(self, _spec: Spec) -> Lease:
        raise Refused("cannot create resource leases", 403)

    async def replace(self, _lease: Lease, _spec: Spec) -> Lease:
        raise Refused("cannot update resource leases", 403)


@pytest.mark.parametrize("held", [True, False])
async def test_a_lease_that_may_be_read_and_not_written_is_told_once(*, held: bool) -> None:
    shelf = Shelf()
    one = replica(shelf, "one")
    with structlog.testing.capture_logs() as lines:
        async with competing(shelf, one):
            if held:
                await until_led(one)
            one.line.__class__ = ReadOnly
            await asyncio.sleep(100)
            assert not one.leads()
            one.line.__class__ = Line
            await until_led(one)
            one.line.__class__ = ReadOnly
            await asyncio.sleep(100)
    assert [line["reason"][-6:] for line in lines if line["event"] == LogEvent.LEASE_UNUSABLE.message] == ["leases"] * 2


async def test_a_lease_that_another_federation_has_is_told_of() -> None:
    shelf = Shelf()
    one = replica(shelf, identity_of("shop", "feddns-1", "07"))
    two = replica(shelf, identity_of("shop", "feddns-2", "08"))
    other = replica(shelf, identity_of("bank", "feddns-1", "09"))
    with structlog.testing.capture_logs() as lines:
        async with competing(shelf, one):
            await until_led(one)
            async with competing(shelf, two, other):
                await asyncio.sleep(100)
    (told,) = [line for line in lines if line["event"] == LogEvent.LEASE_UNUSABLE.message]
    assert told["reason"].startswith("it is held for the federation shop, and nobody writes bank meanwhile")
    assert federation_of("feddns-1_09") == ""
