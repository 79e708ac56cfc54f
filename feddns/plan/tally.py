"""How many record sets the federation has in a zone, by the scope of their names and by their type."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from feddns.model.records import DnsName, RecordSet
from feddns.naming import Names

Reach = Literal["zone", "region", "global", "hostname"]
"""The scope that a name is for; `hostname` where it is outside of the federation's pattern."""

_REACHES: Final[Mapping[int, Reach]] = {4: "global", 5: "region", 6: "zone"}
"""By the number of labels before the DNS zone's name (see `feddns.naming`)."""


class Tally:
    """Counts as the zone changes, since a zone may have more record sets than anybody could count at each look.

    Attributes:
        total: all that there are.
    """

    def __init__(self, names: Names) -> None:
        self.total = 0
        self._end = len(names.zone) + 1
        self._middle = [names.federation, "svc"]
        self._counts = Counter[tuple[Reach, str]]()

    @property
    def counts(self) -> Mapping[tuple[Reach, str], int]:
        """How many of each scope and type there are; none of what there is nothing of."""
        return {kind: count for kind, count in self._counts.items() if count}

    def replace(self, before: Iterable[RecordSet], after: Iterable[RecordSet]) -> None:
        """Take note that a service has other record sets than before."""
        for record_set in before:
            self._counts[self._reach(record_set.name), record_set.type] -= 1
            self.total -= 1
        for record_set in after:
            self._counts[self._reach(record_set.name), record_set.type] += 1
            self.total += 1

    def _reach(self, name: DnsName) -> Reach:
        """As `Names.parse` would tell, of names that are known to be the federation's: this is done for every one."""
        labels = name[: -self._end].split(".")
        return _REACHES.get(len(labels), "hostname") if labels[2:4] == self._middle else "hostname"
