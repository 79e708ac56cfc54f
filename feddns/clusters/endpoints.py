"""The EndpointSlices of one cluster, added up by service."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from feddns.clusters.decode import SliceFacts
from feddns.model.services import ReadyEndpoints, ServiceKey


class Slices:
    """What is kept of every EndpointSlice, and which of them belong to a service.

    Slices of services that are not federated are kept too: a Service may become one of type LoadBalancer, or be seen
    after its slices, and they are not told again then.
    """

    def __init__(self) -> None:
        self._slices: dict[str, SliceFacts] = {}
        self._of_service: dict[ServiceKey, tuple[str, ...]] = {}

    def get(self, ident: str) -> SliceFacts | None:
        """What is kept of one slice."""
        return self._slices.get(ident)

    def put(self, ident: str, facts: SliceFacts | None) -> set[ServiceKey]:
        """Take in one slice, or that it is gone; returns the services that it changes."""
        before = self._slices.get(ident)
        if facts == before:
            return set()
        changed = set()
        if before is not None:
            del self._slices[ident]
            self._unlink(ident, before.service)
            changed.add(before.service)
        if facts is not None:
            self._slices[ident] = facts
            self._of_service[facts.service] = (*self._of_service.get(facts.service, ()), ident)
            changed.add(facts.service)
        return changed

    def replace(self, slices: Mapping[str, SliceFacts]) -> set[ServiceKey]:
        """Take in all slices; returns the services that this changes."""
        before, self._slices = self._slices, dict(slices)
        of_service: defaultdict[ServiceKey, tuple[str, ...]] = defaultdict(tuple)
        for ident, facts in slices.items():
            of_service[facts.service] += (ident,)
        self._of_service = dict(of_service)
        differing = [ident for ident in {*before, *slices} if before.get(ident) != slices.get(ident)]
        return {side[ident].service for side in (before, slices) for ident in differing if ident in side}

    def ready(self, key: ServiceKey) -> ReadyEndpoints:
        """The endpoints of a service.

        A pod with two address families stands in one slice of each; per zone the family with more counts. While slices
        are rearranged an endpoint may stand in two of one family and then counts twice.
        """
        slices = [self._slices[ident] for ident in self._of_service.get(key, ())]
        if len(slices) == 1:  # nearly every service, and five times as fast
            return _ready_of_one(slices[0])
        ready: defaultdict[str, Counter[str]] = defaultdict(Counter)
        not_ready: Counter[str] = Counter()
        terminating: Counter[str] = Counter()
        for facts in slices:
            ready[facts.family].update(dict(facts.ready))
            not_ready[facts.family] += facts.not_ready
            terminating[facts.family] += facts.terminating
        zones: Counter[str] = Counter()
        for counts in ready.values():
            zones |= counts
        return ReadyEndpoints(
            total=zones.total(),
            by_zone=tuple(sorted((zone, count) for zone, count in zones.items() if zone)),
            not_ready=max(not_ready.values(), default=0),
            changed_at=max((facts.changed_at for facts in slices if facts.changed_at is not None), default=None),
            terminating=max(terminating.values(), default=0),
        )

    def _unlink(self, ident: str, service: ServiceKey) -> None:
        rest = tuple(other for other in self._of_service[service] if other != ident)
        if rest:
            self._of_service[service] = rest
        else:
            del self._of_service[service]


def _ready_of_one(facts: SliceFacts) -> ReadyEndpoints:
    return ReadyEndpoints(
        total=sum(count for _, count in facts.ready),
        by_zone=tuple(sorted(counted for counted in facts.ready if counted[0])),
        not_ready=facts.not_ready,
        changed_at=facts.changed_at,
        terminating=facts.terminating,
    )
