"""The provider `webhook`: any DNS service that has a webhook for ExternalDNS."""

import asyncio
from pathlib import Path
from typing import ClassVar, Final, cast

import msgspec

from feddns.errors import ProviderError, Rejected, Unavailable
from feddns.model.changes import Batch, Limits
from feddns.model.records import DnsName, RecordSet, ZoneName
from feddns.model.zones import HostedZone, written_zone
from feddns.providers.impossible import refuse_impossible
from feddns.providers.webhook.client import WebhookClient
from feddns.providers.webhook.domains import DomainFilter
from feddns.providers.webhook.endpoints import Changes, Key, Listed, key, listing
from feddns.providers.webhook.expectations import refuse_stale, refuse_undone, refuse_unserved
from feddns.providers.webhook.posts import posts, refuse_changed, wished
from feddns.providers.webhook.renditions import Renditions
from feddns.providers.webhook.settings import WebhookSettings

_CHARACTERS: Final = 1_000_000
"""Far below the 32 MiB that ExternalDNS takes in one request, whatever the names' lengths."""


class Webhook:
    """Reads and writes a zone through ExternalDNS' webhook provider protocol.

    The protocol has no compare-and-swap, and success does not mean that something was done. So the zone is read before
    a batch, which is not sent where it does not fit, and after it, which tells whether it was carried out. A writer
    that comes in between is noticed, not stopped.
    """

    Settings: ClassVar[type[msgspec.Struct]] = WebhookSettings

    def __init__(self, settings: WebhookSettings, zone: ZoneName, folder: Path) -> None:
        self._zone = zone
        self._client = WebhookClient(settings, folder)
        self._limits = Limits(changes=settings.max_changes, characters=_CHARACTERS, atomic=False)
        self._domains: DomainFilter | None = None
        self._renditions = Renditions()
        self._one_at_a_time = asyncio.Lock()

    @classmethod
    def open(cls, settings: msgspec.Struct, zone: ZoneName, folder: Path) -> "Webhook":
        """Make a provider; nothing is contacted yet.

        Raises:
            Unauthorized: a file that the settings name cannot be read.
        """
        return cls(cast("WebhookSettings", settings), zone, folder)

    @property
    def limits(self) -> Limits:
        """What one batch may hold; it takes effect in parts."""
        return self._limits

    @property
    def identity(self) -> str:
        """The zone and the webhook."""
        return f"{self._zone} through the webhook at {self._client.url}, without a fence"

    async def zones(self) -> tuple[HostedZone, ...]:
        """The domains that the webhook says it serves, and the zone where it is among or below them."""
        domains = await self._client.negotiate()
        others = tuple(HostedZone(name) for name in sorted(domains.zones() - {self._zone}))
        if not domains.covers(self._zone):
            return others
        return (written_zone(self._zone, await self.read_zone()), *others)

    async def read_zone(self) -> tuple[RecordSet, ...]:
        """Every record set that the webhook tells of in the zone; it need not know of all.

        Raises:
            Throttled: later.
            Unavailable: it cannot be reached, or broke off.
            Rejected: it does not serve the zone, or does not speak the protocol.
            Unauthorized: it asks for credentials, or for others.
        """
        self._domains = None
        await self._negotiated()
        endpoints = await self._client.records()
        found = await asyncio.to_thread(listing, endpoints, self._zone)
        return tuple([self._renditions.as_asked(listed.record_set) for listed in found.values()])

    async def apply(self, batch: Batch) -> None:
        """Carry out one batch, as far as the protocol goes.

        Raises:
            Conflict: a record set or the claim is not as the batch expects; nothing was sent.
            Throttled: nothing was changed.
            Unavailable: nothing was sent, unless it says `outcome_unknown`: then some or all of it may have been done.
            Rejected: nothing was changed, and this batch never will be taken.
            Unauthorized: it asks for credentials, or for others.
        """
        async with self._one_at_a_time:
            refuse_impossible(batch, self._zone)
            refuse_unserved(batch, await self._negotiated())
            there = await self._there(batch)
            refuse_stale(batch, {each: self._renditions.as_asked(found.record_set) for each, found in there.items()})
            kept = listing(await self._client.adjust(wished(batch)), self._zone)
            refuse_changed(batch, kept)
            await self._send(posts(batch, there, kept))
            try:
                there = await self._there(batch)
            except ProviderError as error:
                raise Unavailable(
                    f"a batch was sent, and not seen afterwards: {error}", outcome_unknown=True
                ) from error
            refuse_undone(batch, kept, there)
            self._note(batch, there)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _negotiated(self) -> DomainFilter:
        if self._domains is None:
            domains = await self._client.negotiate()
            if not domains.covers(self._zone):
                raise Rejected(f"the webhook at {self._client.url} does not serve {self._zone}, but {domains}")
            self._domains = domains
        return self._domains

    async def _there(self, batch: Batch) -> dict[Key, Listed]:
        """Every record set at the names that a batch touches."""
        names: frozenset[DnsName] = frozenset(record_set.name for record_set in (*batch.going, *batch.coming))
        endpoints = await self._client.records()
        return await asyncio.to_thread(listing, endpoints, self._zone, names)

    async def _send(self, requests: tuple[Changes, ...]) -> None:
        for number, changes in enumerate(requests):
            try:
                await self._client.change(changes)
            except ProviderError as error:
                if number == 0:
                    raise
                raise Unavailable(f"the second half of a batch failed: {error}", outcome_unknown=True) from error

    def _note(self, batch: Batch, there: dict[Key, Listed]) -> None:
        for record_set in batch.coming:
            self._renditions.note(record_set, there[key(record_set)].record_set)
