"""The provider `clouddns`: Google Cloud DNS by its REST API."""

import asyncio
import functools
from concurrent.futures import Executor
from pathlib import Path
from typing import ClassVar, Final, cast

import msgspec

from feddns.errors import ProviderError, Rejected, Unauthorized
from feddns.model.changes import Batch, Limits
from feddns.model.records import RecordSet, ZoneName
from feddns.model.zones import HostedZone
from feddns.providers.clouddns import choice
from feddns.providers.clouddns.calls import Call
from feddns.providers.clouddns.change import build_change, limits_of
from feddns.providers.clouddns.keyfile import read_keyfile
from feddns.providers.clouddns.paths import MANAGED_ZONES, PROJECT, change_path, changes_path, rrsets_path, zone_path
from feddns.providers.clouddns.rdata import canonical_name
from feddns.providers.clouddns.resources import (
    AcceptedChange,
    ManagedZone,
    ManagedZones,
    Project,
    Quota,
    ResourceRecordSets,
)
from feddns.providers.clouddns.service import Service
from feddns.providers.clouddns.settings import CloudDnsSettings
from feddns.providers.clouddns.spelling import Spellings
from feddns.providers.pacing import Gathering

_PENDING: Final = "pending"
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 8.0
_LONGEST_WAIT_S: Final = 60.0
"""A change is on all name servers within seconds, or else a minute; what takes longer is committed all the same."""


class CloudDns:
    """Writes a managed zone by changes, each of which is carried out whole or not at all.

    Every set that a batch takes away, the old claim among them, is a deletion of exactly what was read, and every set
    that it brings an addition of what must not be there: that is the fence.
    """

    Settings: ClassVar[type[msgspec.Struct]] = CloudDnsSettings

    def __init__(
        self, settings: CloudDnsSettings, zone: ZoneName, folder: Path, thread: Executor | None = None
    ) -> None:
        self._settings = settings
        self._zone = zone
        self._service = Service(settings, folder, thread)
        self._found: ManagedZone | None = None
        self._limits = limits_of(Quota())
        self._knows_limits = False
        self._gathering = Gathering(settings.gather)
        self._spellings = Spellings()

    @classmethod
    def open(cls, settings: msgspec.Struct, zone: ZoneName, folder: Path) -> "CloudDns":
        """Make a provider; nothing is contacted yet.

        Raises:
            Unauthorized: the file of credentials cannot be read.
        """
        settings = cast("CloudDnsSettings", settings)
        if settings.credentials_file is not None:
            read_keyfile(folder / settings.credentials_file)
        return cls(settings, zone, folder)

    @property
    def limits(self) -> Limits:
        """What one batch may hold: as documented, and by the project's quota once the zone has been read."""
        return self._limits

    @property
    def identity(self) -> str:
        """Zone, project and account, as far as they are known already."""
        name = self._settings.managed_zone or (self._found.name if self._found else "")
        return f"{self._zone} in Cloud DNS, {f'managed zone {name} of ' if name else ''}{self._service}"

    def pause_s(self, *, is_full: bool) -> float:
        """Seconds until the project's pace allows a batch, and there has been time for it to fill."""
        return max(self._service.pause_s, self._gathering.pause_s(is_full=is_full))

    async def zones(self) -> tuple[HostedZone, ...]:
        """The managed zones of the project, whichever of them hold records."""
        pages = self._service.pages(Call.LIST_ZONES, MANAGED_ZONES, ManagedZones)
        found = [each async for page in pages for each in page.managed_zones]
        try:
            written = (await self._managed_zone()).name
        except Rejected:
            written = ""
        return tuple(_hosted(each, written=each.name == written) for each in found)

    async def read_zone(self) -> tuple[RecordSet, ...]:
        """Every record set at and under the zone but the SOA; one with a routing policy has no values.

        Raises:
            ProviderError: as the contract says.
        """
        managed = await self._managed_zone()
        await self._learn_limits()
        spellings, found = Spellings(), list[RecordSet]()
        pages = self._service.pages(Call.LIST_RECORD_SETS, rrsets_path(managed.name), ResourceRecordSets)
        async for page in pages:
            found += await self._service.in_thread(functools.partial(spellings.learn, page.rrsets))
        self._spellings = spellings
        within = f".{self._zone}"
        return tuple(each for each in found if f".{each.name}".endswith(within) and each.type != "SOA")

    async def apply(self, batch: Batch) -> None:
        """Carry out one batch as one change.

        Raises:
            ProviderError: as the contract says.
        """
        change = build_change(self._zone, batch, self._spellings)
        if not change.additions and not change.deletions:
            return  # the service would refuse it, and nothing is what was asked
        # A zone that the settings name need not be looked for, so that a batch is one request.
        name = self._settings.managed_zone or (await self._managed_zone()).name
        self._gathering.begin()
        try:
            accepted = await self._service.create_change(changes_path(name), change)
        except Rejected:
            self._found, self._knows_limits = None, False  # zone or quota may be others than was thought
            raise
        self._spellings.learn(accepted.additions)
        if self._settings.wait_for_done and accepted.status == _PENDING:
            await self._wait(change_path(name, accepted.id))

    async def close(self) -> None:
        """Close the connections, once a request under way has ended."""
        await self._service.close()

    async def _managed_zone(self) -> ManagedZone:
        if self._found is None:
            self._found = await (self._look_up() if self._settings.managed_zone else self._search())
        return self._found

    async def _look_up(self) -> ManagedZone:
        """The managed zone that the settings name."""
        named = await self._service.get(Call.GET_ZONE, zone_path(self._settings.managed_zone or ""), ManagedZone)
        choice.check(self._zone, named, self._settings.private)
        return named

    async def _search(self) -> ManagedZone:
        """The managed zone of the longest DNS name that the zone ends in."""
        for suffix in choice.suffixes(self._zone):
            pages = self._service.pages(Call.LIST_ZONES, MANAGED_ZONES, ManagedZones, {"dnsName": suffix})
            found = [each async for page in pages for each in page.managed_zones]
            chosen = choice.choose(self._zone, found, self._settings.private)
            if chosen is not None:
                return chosen
        kind = {None: "", True: "private ", False: "public "}[self._settings.private]
        raise Rejected(
            f"no {kind}managed zone that holds records has {self._zone}, or what is above it, as DNS name: "
            f"{self._service}"
        )

    async def _learn_limits(self) -> None:
        """Ask for the quota; who may not see it goes by the documented one."""
        if self._knows_limits:
            return
        try:
            project = await self._service.get(Call.GET_PROJECT, PROJECT, Project)
            self._limits = limits_of(project.quota)
        except Unauthorized:
            self._limits = limits_of(Quota())
        self._knows_limits = True

    async def _wait(self, path: str) -> None:
        """Wait until all name servers have a change; it is committed anyway, so that passing failures end the wait.

        Raises:
            Unauthorized: nobody may ask.
        """
        pause_s = _FIRST_PAUSE_S
        try:
            async with asyncio.timeout(_LONGEST_WAIT_S):
                while True:
                    await asyncio.sleep(pause_s)
                    pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
                    change = await self._service.get(Call.GET_CHANGE, path, AcceptedChange)
                    if change.status != _PENDING:
                        return
        except Unauthorized:
            raise
        except (ProviderError, TimeoutError):
            return


def _hosted(zone: ManagedZone, *, written: bool) -> HostedZone:
    servers = tuple(sorted(canonical_name(server) for server in zone.name_servers))
    return HostedZone(ZoneName(canonical_name(zone.dns_name)), zone.name, zone.private, servers, written)
