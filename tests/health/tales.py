"""What happens to one service in three or four clusters, in few words; each tale begins with all of it healthy."""

import msgspec

from feddns.model.orders import Drain, Eviction, drained, evicted
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Pending
from tests.health.federation import RULES, Federation, Place, address, key

S = key(0)
C1, C2, C3 = (("c1", S), ("c2", S), ("c3", S))
A1, A2, A3 = (address(cluster, 0) for cluster in ("c1", "c2", "c3"))
TTL_S = 180


def a_federation(clusters: int = 3, *, probed: bool = False, **rules: object) -> Federation:
    fed = Federation(clusters, 1, msgspec.structs.replace(RULES, **rules), probed=probed)
    fed.probe_all()
    fed.turn()
    assert len(fed.published(S)) == clusters
    return fed


def after(fed: Federation, seconds: float) -> frozenset[str]:
    fed.pass_time(seconds)
    return fed.published(S)


def fail(fed: Federation, *places: Place) -> None:
    for place in places:
        fed.set_unready(place)
    fed.turn()


def recover(fed: Federation, *places: Place) -> None:
    for place in places:
        fed.set_ready(place)
    fed.turn()


def refuse(fed: Federation, *places: Place) -> None:
    """Probes of all addresses fail, twice in a row."""
    for place in places:
        for which in fed.shards[place].addresses:
            fed.probe(place, which, succeeded=False, times=2)
    fed.turn()


def accept(fed: Federation, *places: Place) -> None:
    for place in places:
        for which in fed.shards[place].addresses:
            fed.probe(place, which, succeeded=True, times=2)
    fed.turn()


def evict(fed: Federation, *clusters: str, forced: bool = False) -> None:
    for cluster in clusters:
        fed.orders = evicted(fed.orders, ClusterName(cluster), Eviction(fed.now, "ann", forced))
    fed.turn()


def drain(fed: Federation, *clusters: str, lasts: float | None = None, forced: bool = False) -> None:
    until = None if lasts is None else fed.now + lasts
    for cluster in clusters:
        fed.orders = drained(fed.orders, ClusterName(cluster), Drain(fed.now, until, "ann", forced))
    fed.turn()


def pending(fed: Federation, place: Place) -> Pending:
    (found,) = fed.verdict(place).pending
    return found
