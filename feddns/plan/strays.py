"""Record sets that others put at names of the federation while we looked on."""

from collections.abc import Iterable
from typing import Final

from feddns.model.records import DnsName, RecordSet
from feddns.model.services import ServiceKey

RecordKey = tuple[DnsName, str]

_NONE: Final[frozenset[RecordKey]] = frozenset()


class Strays:
    """Remembers which names and types of each service came into the zone without being wanted by us, ever since.

    Values that others gave to a record set of ours make no stray of it: what goes when it goes is our answer.
    """

    def __init__(self) -> None:
        self._of: dict[ServiceKey, frozenset[RecordKey]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._of.values()))

    def of(self, key: ServiceKey) -> frozenset[RecordKey]:
        """Names and types of a service's strays."""
        return self._of.get(key, _NONE)

    def found(self, key: ServiceKey, there: Iterable[RecordSet], ours: Iterable[RecordSet]) -> None:
        """Take note that a service's records turned out to be others than known.

        Args:
            key: the service.
            there: what is in the zone now.
            ours: what was known, and what we may have written since.
        """
        self._set(key, keys(there) - (keys(ours) - self.of(key)))

    def adopt(self, key: ServiceKey, wanted: Iterable[RecordSet]) -> None:
        """Take note of what a service should have: a stray that is wanted is none any more."""
        if key in self._of:
            self._set(key, self._of[key] - keys(wanted))

    def keep(self, key: ServiceKey, there: Iterable[RecordSet]) -> None:
        """Take note of what a service has after a write."""
        if key in self._of:
            self._set(key, self._of[key] & keys(there))

    def _set(self, key: ServiceKey, strays: frozenset[RecordKey]) -> None:
        if strays:
            self._of[key] = strays
        else:
            self._of.pop(key, None)


def keys(record_sets: Iterable[RecordSet]) -> frozenset[RecordKey]:
    """The names and types of record sets."""
    return frozenset((record_set.name, record_set.type) for record_set in record_sets)
