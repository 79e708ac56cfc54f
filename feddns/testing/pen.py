"""How the contract writes and reads a zone."""

from collections.abc import Iterable

from feddns.model.changes import Batch, Change, Create, Fence
from feddns.model.records import DnsName, RecordSet, ZoneName
from feddns.plan.batching import cost
from feddns.providers.base import Provider

CLAIM = "_feddns.fed.svc"


class Pen:
    """Writes under the claim, as the writer of a zone does."""

    def __init__(self, provider: Provider, zone: ZoneName) -> None:
        self.provider = provider
        self.zone = zone
        self.claim: RecordSet | None = None
        self._seq = 0

    def set(self, name: str, kind: str, *values: str, ttl: int = 180) -> RecordSet:
        """A record set of a name under the zone."""
        return RecordSet(DnsName(f"{name}.{self.zone}"), kind, ttl, tuple(sorted(values)))

    def next_claim(self) -> RecordSet:
        """The claim that the next batch will leave."""
        return self.set(CLAIM, "TXT", f"heritage=feddns,federation=fed,owner=contract,seq={self._seq + 1}", ttl=60)

    def batch(self, *changes: Change) -> Batch:
        """The next batch, with its fence."""
        return Batch(changes, Fence(self.claim, self.next_claim()))

    async def write(self, *changes: Change) -> None:
        """Apply the next batch."""
        batch = self.batch(*changes)
        await self.provider.apply(batch)
        self.skip()

    def skip(self) -> None:
        """Take note that someone else wrote the next batch."""
        self.claim = self.next_claim()
        self._seq += 1

    async def write_all(self, sets: Iterable[RecordSet]) -> None:
        """Create many record sets, in batches as large as the provider takes."""
        waiting = list(map(Create, sets))
        limits = self.provider.limits
        while waiting:
            count = min(len(waiting), limits.changes, limits.additions, limits.values)
            while not cost(waiting[:count]).fits(limits):
                count //= 2
            await self.write(*waiting[:count])
            del waiting[:count]


async def contents(provider: Provider) -> dict[tuple[str, str], RecordSet]:
    """The zone as the provider reads it."""
    sets = await provider.read_zone()
    by_key = {(str(record_set.name), record_set.type): record_set for record_set in sets}
    assert len(by_key) == len(sets), "a name and type came twice"
    return by_key


async def among(provider: Provider, *sets: RecordSet) -> bool:
    """Whether each of the record sets is in the zone, exactly so."""
    return set(sets) <= set((await contents(provider)).values())
