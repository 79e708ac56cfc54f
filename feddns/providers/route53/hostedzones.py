"""Which hosted zone is written, among those that the credentials can see."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from feddns.errors import Rejected, Unauthorized
from feddns.model.labels import is_within
from feddns.model.records import ZoneName
from feddns.model.zones import HostedZone
from feddns.providers.route53.api import Api
from feddns.providers.route53.names import decode_name
from feddns.providers.route53.outcome import Request, of_hosted_zone
from feddns.providers.route53.recordsets import Place
from feddns.providers.route53.settings import Route53Settings

_PAGE: Final = "100"
"""The most that ListHostedZones gives at once."""
_ID_PREFIX: Final = "/hostedzone/"


class HostedZones:
    """Finds the hosted zone once, and keeps it."""

    def __init__(self, api: Api, zone: ZoneName, settings: Route53Settings) -> None:
        self._api = api
        self._zone = zone
        self._settings = settings
        self._place: Place | None = None

    async def place(self) -> Place:
        """Where the zone's records are.

        Raises:
            Rejected: there is no such hosted zone, or more than one.
            ProviderError: as any call.
        """
        if self._place is None:
            found = await self._by_id() if self._settings.zone_id else await self._choose(await self._listed())
            self._place = Place(self._zone, found.id, found.name)
        return self._place

    def forget(self) -> None:
        """Look for it anew the next time."""
        self._place = None

    async def all(self) -> tuple[HostedZone, ...]:
        """Every hosted zone of the account; the one that is written is marked and has its name servers."""
        try:
            zones = await self._listed()
        except Unauthorized:
            if self._settings.zone_id is None:
                raise
            zones = ()  # who may use one zone alone need not be allowed to list them
        try:
            written = await self._by_id() if self._settings.zone_id else await self._choose(zones)
        except Rejected:
            return zones
        others = tuple(zone for zone in zones if zone.id != written.id)
        servers = (await self._get(written.id)).get("DelegationSet", {}).get("NameServers", ())
        names = tuple(sorted(decode_name(server) for server in servers))
        return (*others, msgspec.structs.replace(written, name_servers=names, written=True))

    async def _listed(self) -> tuple[HostedZone, ...]:
        zones: list[HostedZone] = []
        more: dict[str, str] = {}
        while True:
            page = await self._api.call(Request("ListHostedZones"), MaxItems=_PAGE, **more)
            zones.extend(_hosted_zone(raw) for raw in page["HostedZones"])
            if not page["IsTruncated"]:
                return tuple(zones)
            more = {"Marker": page["NextMarker"]}

    async def _by_id(self) -> HostedZone:
        zone_id = str(self._settings.zone_id)
        found = _hosted_zone((await self._get(zone_id))["HostedZone"])
        if not is_within(self._zone, found.name):
            raise Rejected(f"the hosted zone {zone_id} is {found.name}, and {self._zone} is not in it")
        if self._settings.private not in {None, found.private}:
            raise Rejected(
                f"the hosted zone {zone_id} is {_kind(found)}, and `private: {str(self._settings.private).lower()}` "
                f"asks for the other kind"
            )
        return found

    async def _choose(self, zones: Sequence[HostedZone]) -> HostedZone:
        wanted = True if self._settings.vpc else self._settings.private
        fitting = [zone for zone in zones if is_within(self._zone, zone.name) and wanted in {None, zone.private}]
        if self._settings.vpc:
            fitting = [zone for zone in fitting if await self._is_in_vpc(zone)]
        longest = max((len(zone.name) for zone in fitting), default=0)
        nearest = sorted(zone for zone in fitting if len(zone.name) == longest)
        if len(nearest) == 1:
            return nearest[0]
        if not nearest:
            kind = "" if wanted is None else "private " if wanted else "public "
            where = f" in {self._settings.vpc}" if self._settings.vpc else ""
            raise Rejected(
                f"the credentials see no {kind}hosted zone{where} that {self._zone} is in, among {len(zones)}: create "
                f"it, set `zoneId`, or use credentials of its account (`profile`, `roleArn`)"
            )
        told = ", ".join(f"{zone.id} ({_kind(zone)})" for zone in nearest)
        raise Rejected(
            f"there are {len(nearest)} hosted zones {nearest[0].name}: {told}; tell which by `zoneId`, "
            f"`private` or `vpc`"
        )

    async def _is_in_vpc(self, zone: HostedZone) -> bool:
        vpcs = (await self._get(zone.id)).get("VPCs", ())
        return any(vpc.get("VPCId") == self._settings.vpc for vpc in vpcs)

    async def _get(self, zone_id: str) -> dict[str, Any]:
        return await self._api.call(of_hosted_zone("GetHostedZone", zone_id), Id=zone_id)


def _hosted_zone(raw: dict[str, Any]) -> HostedZone:
    private = raw.get("Config", {}).get("PrivateZone", False)
    return HostedZone(ZoneName(decode_name(raw["Name"])), raw["Id"].removeprefix(_ID_PREFIX), private)


def _kind(zone: HostedZone) -> str:
    return "private" if zone.private else "public"
