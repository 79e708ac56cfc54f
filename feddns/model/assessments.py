"""What is believed of one service in all clusters, and what the next belief must know of it."""

from collections.abc import Mapping
from typing import Final

import msgspec

from feddns.model.evidence import NOT_PROBED, Sight, Sighting
from feddns.model.probing import Track
from feddns.model.services import Problem, ServiceKey, Shard
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Verdict


class Damper(msgspec.Struct, frozen=True, gc=False):
    """How often one thing that a shard answers with, a zone or an address, has gone lately.

    Attributes:
        turned_at: since when evidence speaks against what stands, in seconds since the epoch; None where it agrees.
        level: withdrawals that are not forgiven yet.
        left_at: when the last one was.
    """

    turned_at: float | None = None
    level: int = 0
    left_at: float = 0.0


class ShardHistory(msgspec.Struct, frozen=True, gc=False):
    """What is remembered of one shard.

    Attributes:
        shard: as last seen, or with the load balancer's last addresses while these are held.
        resolved: addresses of its host names.
        places: the zones that stand, and the empty text where the shard stands at all.
        addresses: those that stand.
        dampers: of places and addresses; those that never went have none.
        emptied_at: since when the load balancer's status has been empty; None where it is not.
        verdict: the last one.
        blind_at: when its failing probes last proved nothing, as it may have been we who were cut off, in seconds since
            the epoch; infinite while that is so, 0 where it never was.
        is_presumed: whether no probe has spoken for what stands since feddns started, so that the zone may not have it.
        is_at_rest: whether the same sighting would come to the same again.
        probed: what probes had found then.
    """

    shard: Shard
    resolved: tuple[str, ...]
    places: tuple[str, ...]
    addresses: tuple[str, ...]
    dampers: dict[str, Damper]
    emptied_at: float | None
    verdict: Verdict
    blind_at: float = 0.0
    is_presumed: bool = False
    is_at_rest: bool = False
    probed: Mapping[str, Track] = NOT_PROBED

    def resolved_by(self, sighting: Sighting) -> tuple[str, ...]:
        """Addresses of the shard's host names: as DNS tells now, or as it told last while it tells nothing.

        What DNS tells is no less true while the cluster cannot be seen; and a name that a status has again, after it
        was emptied, is not known anew at once.
        """
        shard = sighting.shard
        if shard is not None and shard.hostnames == self.shard.hostnames:
            return sighting.resolved or self.resolved
        return self.resolved if sighting.cluster.sight is Sight.LOST else sighting.resolved


class History(msgspec.Struct, frozen=True, gc=False):
    """What is remembered of one service.

    Attributes:
        shards: by cluster; those without the service have none.
        lowered_until: until when its TTL stays lowered after a withdrawal was pending, in seconds since the epoch;
            infinite while one is.
    """

    shards: dict[ClusterName, ShardHistory]
    lowered_until: float = 0.0

    def shard_of(self, sighting: Sighting) -> Shard | None:
        """The shard that a cluster shows, or that is remembered of one that is lost."""
        if sighting.shard is not None or sighting.cluster.sight is not Sight.LOST:
            return sighting.shard
        remembered = self.shards.get(sighting.cluster.name)
        return None if remembered is None else remembered.shard


NO_HISTORY: Final = History({})
NO_HOLDS: Final[Mapping[ClusterName, Problem]] = {}


class Assessment(msgspec.Struct, frozen=True, gc=False):
    """What is believed of one service.

    Attributes:
        sightings: what the clusters show of it, in order of the clusters' names.
        verdicts: in the same order; none on clusters that, as far as is known, do not have it.
        ttl_s: seconds that answers about it may be kept now.
        problems: what a person should put right.
        history: to be handed to the next assessment.
        due: when it is to be assessed again though nothing happens; None where it need not be.
        is_blind: whether published answers may be those of clusters that do not show them.
        holds: those of the problems that are withdrawals which a brake holds, by cluster.
    """

    key: ServiceKey
    sightings: tuple[Sighting, ...]
    verdicts: tuple[Verdict, ...]
    ttl_s: int
    problems: tuple[Problem, ...]
    history: History
    due: float | None = None
    is_blind: bool = False
    holds: Mapping[ClusterName, Problem] = NO_HOLDS
