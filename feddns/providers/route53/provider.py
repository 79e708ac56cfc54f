"""The provider `route53`: change batches and listings of one hosted zone."""

import asyncio
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, ClassVar, Final, cast

import msgspec

from feddns.errors import ProviderError, Rejected
from feddns.model.changes import Batch, Limits
from feddns.model.records import DnsName, RecordSet, ZoneName
from feddns.model.zones import HostedZone
from feddns.providers.pacing import Gathering
from feddns.providers.route53 import loadbalancers
from feddns.providers.route53.api import Api, InvalidBatch
from feddns.providers.route53.batch import LIMITS, encode_batch
from feddns.providers.route53.hostedzones import HostedZones
from feddns.providers.route53.names import decode_name, encode_name
from feddns.providers.route53.outcome import Request, of_hosted_zone
from feddns.providers.route53.recordsets import Copy, Place, Raw, decode_sets
from feddns.providers.route53.refusal import refusal
from feddns.providers.route53.settings import Route53Settings

_PAGE: Final = "300"
"""The most that ListResourceRecordSets gives at once, whatever it is asked for."""
_SYNC_POLL_S: Final = 5.0
_SYNC_POLLS: Final = 24
"""Changes reach all servers within a minute as a rule; after two nobody waits any longer."""


class Route53:
    """Writes a hosted zone by ChangeResourceRecordSets and reads it by ListResourceRecordSets.

    A batch is one request, which Route 53 carries out whole or not at all. Deletions repeat the whole record set, and
    creations fail where there is one, so that each change is a compare-and-swap; the claim is one more of them.
    """

    Settings: ClassVar[type[msgspec.Struct]] = Route53Settings

    def __init__(
        self, settings: Route53Settings, zone: ZoneName, folder: Path, executor: Executor | None = None
    ) -> None:
        self._zone = zone
        self._settings = settings
        self._api = Api(settings, folder, executor)
        self._hosted_zones = HostedZones(self._api, zone, settings)
        self._gathering = Gathering(settings.gather)
        self._spellings: dict[RecordSet, tuple[Raw, ...]] = {}

    @classmethod
    def open(cls, settings: msgspec.Struct, zone: ZoneName, folder: Path) -> "Route53":
        """Make a provider; nothing is contacted yet, and no credentials are looked for."""
        return cls(cast("Route53Settings", settings), zone, folder)

    @property
    def limits(self) -> Limits:
        """What one request takes beside the fence."""
        return LIMITS

    @property
    def identity(self) -> str:
        """The zone, and where its credentials come from."""
        settings = self._settings
        where = f"hosted zone {settings.zone_id}" if settings.zone_id else "Route 53"
        source = f"profile {settings.profile}" if settings.profile else "the credentials of the environment"
        if settings.role_arn is None:
            return f"{self._zone} in {where} with {source}"
        source = "a web identity" if settings.web_identity_token_file else source
        return f"{self._zone} in {where} as {settings.role_arn}, assumed with {source}"

    @staticmethod
    def can_alias(hostname: DnsName) -> bool:
        """Whether it is the name of an AWS load balancer, as Kubernetes has it."""
        return loadbalancers.bare(hostname) == hostname and loadbalancers.hosted_zone_id(hostname) is not None

    def pause_s(self, *, is_full: bool) -> float:
        """Seconds until the account's pace allows a batch, and there has been time for it to fill."""
        return max(self._api.pause_s, self._gathering.pause_s(is_full=is_full))

    async def zones(self) -> tuple[HostedZone, ...]:
        """The hosted zones of the account; the one that is written has its name servers, if it is public."""
        return await self._hosted_zones.all()

    async def read_zone(self) -> tuple[RecordSet, ...]:
        """Every record set at and below the zone's name but the SOA.

        Raises:
            Throttled: too many requests were made in the account.
            Unavailable: Route 53 cannot be reached, or fails.
            Rejected: there is no such hosted zone, or more than one.
            Unauthorized: the credentials do not allow it.
        """
        place = await self._hosted_zones.place()
        raws = await self._list(place)
        try:
            copy: Copy = await self._api.run(decode_sets, raws, place)
        except ValueError as error:
            raise Rejected(f"what Route 53 lists of {self._zone} is no zone: {error}") from error
        self._spellings = copy.spellings
        return copy.record_sets

    async def apply(self, batch: Batch) -> None:
        """Carry out one batch.

        Raises:
            Conflict: the fence or a record set is not as the batch expects; nothing was changed.
            Throttled: too many requests were made in the account, or the zone is busy; nothing was changed.
            Unavailable: Route 53 cannot be reached, or it is unknown whether the batch was carried out.
            Rejected: the batch cannot be written; nothing was changed.
            Unauthorized: the credentials do not allow it.
        """
        place = await self._hosted_zones.place()
        changes = encode_batch(batch, place, self._spellings)
        if not changes:
            return
        self._gathering.begin()
        info = await self._change(place, changes)
        for written in batch.coming:
            self._spellings.pop(written, None)  # from now on it is spelled as we do
        if self._settings.wait_for_sync:
            await self._wait_for_sync(info)

    async def close(self) -> None:
        """Wait for a request in flight, and close the connections."""
        await self._api.close()

    async def _list(self, place: Place) -> list[Raw]:
        request = of_hosted_zone("ListResourceRecordSets", place.hosted_zone_id)
        start = {} if place.zone == place.hosted_zone else {"StartRecordName": encode_name(place.zone)}
        raws: list[Raw] = []
        while True:
            page = await self._of_zone(request, HostedZoneId=place.hosted_zone_id, MaxItems=_PAGE, **start)
            raws.extend(page["ResourceRecordSets"])
            if not page["IsTruncated"] or not place.has(_next_name(page)):
                return raws
            start = _next(page)

    async def _change(self, place: Place, changes: list[dict[str, Any]]) -> dict[str, Any]:
        request = of_hosted_zone("ChangeResourceRecordSets", place.hosted_zone_id, writes=True)
        try:
            answer = await self._of_zone(request, HostedZoneId=place.hosted_zone_id, ChangeBatch={"Changes": changes})
        except InvalidBatch as error:
            raise refusal(str(error), changes, self._zone) from error
        info: dict[str, Any] = answer["ChangeInfo"]
        return info

    async def _of_zone(self, request: Request, **parameters: Any) -> dict[str, Any]:
        try:
            return await self._api.call(request, **parameters)
        except Rejected:
            self._hosted_zones.forget()  # it may have been deleted, and be there again under another id
            raise

    async def _wait_for_sync(self, info: dict[str, Any]) -> None:
        """Wait until all servers have a change, or for long enough: the batch is written either way."""
        request = Request("GetChange", "change/*")
        for _ in range(_SYNC_POLLS):
            if info["Status"] == "INSYNC":
                return
            await asyncio.sleep(_SYNC_POLL_S)
            try:
                info = (await self._api.call(request, Id=info["Id"]))["ChangeInfo"]
            except ProviderError:
                return


def _next_name(page: dict[str, Any]) -> DnsName:
    return decode_name(page["NextRecordName"])


def _next(page: dict[str, Any]) -> dict[str, str]:
    """Where the next page starts: one name's sets may go over the end of a page."""
    told = {
        "StartRecordName": page["NextRecordName"],
        "StartRecordType": page["NextRecordType"],
        "StartRecordIdentifier": page.get("NextRecordIdentifier"),
    }
    return {key: value for key, value in told.items() if value}
