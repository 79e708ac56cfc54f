"""A cluster's region and zones, from its nodes' labels and from what the configuration says."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from feddns.clusters.decode import NodeFacts
from feddns.config.settings import ClusterSettings
from feddns.model.labels import is_label
from feddns.model.services import Problem
from feddns.model.topology import Topology

GRACE_S: Final = 900.0
"""How long in seconds a region or zone is remembered after its last node went: long enough to replace a node pool."""

_MOST_REGIONS_NAMED: Final = 5
_MOST_ZONES: Final = 32
"""Each zone is a name of every service. Whoever has a node may write its labels, and so could make any number."""
_MOST_GONE: Final = 256


class Nodes:
    """Where the nodes of one cluster stand.

    A place whose last node is gone counts for `GRACE_S` more seconds. An upgrade or an autoscaler takes the last node
    of a zone away for minutes, and the zone's names would go with it and come back; meanwhile they lead to the region,
    as the zone has no ready endpoint. After that the zone is gone. What a process that starts now reads is what is
    there now.
    """

    def __init__(self) -> None:
        self._nodes: dict[str, NodeFacts] = {}
        self._gone: dict[NodeFacts, float] = {}

    def get(self, name: str) -> NodeFacts | None:
        """Where one node stands."""
        return self._nodes.get(name)

    def put(self, name: str, facts: NodeFacts | None, now: float) -> bool:
        """Take in one node, or that it is gone; returns whether anything is different."""
        before = self._nodes.get(name)
        if facts == before:
            return False
        if facts is None:
            self._nodes.pop(name, None)
        else:
            self._nodes[name] = facts
        if before is not None:
            self._remember((before,), now)
        return True

    def replace(self, nodes: Mapping[str, NodeFacts], now: float) -> bool:
        """Take in all nodes; returns whether anything is different."""
        if nodes == self._nodes:
            return False
        self._remember(self._nodes.values(), now)
        self._nodes = dict(nodes)
        return True

    def forget(self, now: float) -> bool:
        """Drop the places whose time is up; returns whether there were any."""
        over = [place for place, since in self._gone.items() if now - since >= GRACE_S]
        for place in over:
            del self._gone[place]
        return bool(over)

    def _remember(self, places: Iterable[NodeFacts], now: float) -> None:
        self._gone.update(dict.fromkeys(places, now))
        while len(self._gone) > _MOST_GONE:
            del self._gone[next(iter(self._gone))]

    def places(self) -> Counter[NodeFacts]:
        """How many nodes stand at each place; 0 for one that is only remembered."""
        counts = Counter(self._nodes.values())
        for place in self._gone:
            counts.setdefault(place, 0)
        return counts


def needs_nodes(settings: ClusterSettings) -> bool:
    """Whether the configuration leaves anything for the nodes to tell."""
    return settings.region is None or settings.zones is None


def locate(places: Counter[NodeFacts], settings: ClusterSettings) -> tuple[Topology, tuple[Problem, ...]]:
    """The region and zones of a cluster.

    The configuration's region goes before the nodes'. Of several regions among the nodes the one with the most nodes
    counts, the first by name where they tie, and a problem says so. The zones are those of the nodes of that region;
    where the configuration names a region that no node has, those of all nodes. Of too many zones those with the most
    nodes count. A label that is no DNS label counts as absent, with a problem: the cluster then counts for the wider
    scopes alone.
    """
    problems: set[Problem] = set()
    region = _region(places, settings, problems)
    if not region:
        return Topology(), tuple(sorted(problems))
    found = settings.zones if settings.zones is not None else _zones(places, region, settings.name, problems)
    zones = {_checked(zone.lower(), "zone", settings.name, problems) for zone in found}
    return Topology(region, tuple(sorted(zones - {""}))), tuple(sorted(problems))


def _region(places: Counter[NodeFacts], settings: ClusterSettings, problems: set[Problem]) -> str:
    if settings.region is not None:
        return _checked(settings.region.lower(), "region", settings.name, problems)
    counts: Counter[str] = Counter()
    for place, count in places.items():
        region = _checked(place.region, "region", settings.name, problems)
        if region:
            counts[region] += count
    ranked = sorted(counts, key=lambda region: (-counts[region], region))
    populated = [region for region in ranked if counts[region]]
    if len(populated) > 1:
        problems.add(_several(populated, settings.name))
    return ranked[0] if ranked else ""


def _zones(places: Counter[NodeFacts], region: str, cluster: str, problems: set[Problem]) -> list[str]:
    of_region = [place for place in places if place.region == region]
    counts: Counter[str] = Counter()
    for place in of_region or places:
        counts[place.zone] += places[place]
    ranked = sorted(counts, key=lambda zone: (-counts[zone], zone))
    if len(ranked) > _MOST_ZONES:
        problems.add(_too_many(len(ranked), cluster))
    return ranked[:_MOST_ZONES]


def _checked(label: str, what: str, cluster: str, problems: set[Problem]) -> str:
    if not label or is_label(label):
        return label
    setting = {"region": "region", "zone": "zones"}[what]
    text = (
        f"cluster {cluster}: {what} {label!r} is no DNS label (RFC 1123: at most 63 letters, digits and hyphens), so "
        f"its services have no names in it; set `{setting}` of the cluster in the configuration"
    )
    problems.add(Problem(f"Invalid{what.capitalize()}", text))
    return ""


def _too_many(count: int, cluster: str) -> Problem:
    text = (
        f"cluster {cluster}: its nodes stand in {count} zones, of which the {_MOST_ZONES} with the most nodes count. "
        "Look who labels its nodes, or set `zones` of the cluster in the configuration"
    )
    return Problem("TooManyZones", text)


def _several(regions: list[str], cluster: str) -> Problem:
    named = ", ".join(regions[:_MOST_REGIONS_NAMED])
    more = ", ..." if len(regions) > _MOST_REGIONS_NAMED else ""
    text = (
        f"cluster {cluster}: its nodes stand in several regions ({named}{more}); it counts for {regions[0]}, which has "
        "the most nodes. Set region and zones of the cluster in the configuration"
    )
    return Problem("SeveralRegions", text)
