"""Fleets, zones and histories for property tests: small enough to collide, odd enough to surprise."""

import msgspec
from hypothesis import strategies as st

from feddns.model.evidence import ClusterState, Sight, Sighting
from feddns.model.records import AAAA, CNAME, A, DnsName, RecordSet
from feddns.model.services import HostnameWish, ReadyEndpoints, ServiceKey, Shard
from feddns.model.topology import ClusterName, Topology
from tests.builders import NGINX, NOW

REGIONS = ("eu", "us")
ZONES = ("a", "b")
ADDRESSES = ("192.0.2.1", "192.0.2.2", "192.0.2.3", "198.51.100.7", "2001:db8::1", "2001:db8::2")
HOSTNAMES = ("lb1.cloud.test.", "lb2.cloud.test.")

labels = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,6}[a-z0-9])?", fullmatch=True)
keys = st.builds(ServiceKey, labels, labels)

topologies = st.one_of(
    st.just(Topology()),
    st.builds(Topology, st.sampled_from(REGIONS), st.lists(st.sampled_from(ZONES), unique=True).map(sorted).map(tuple)),
)


@st.composite
def ready_endpoints(draw: st.DrawFn) -> ReadyEndpoints:
    by_zone = draw(st.dictionaries(st.sampled_from((*ZONES, "elsewhere")), st.integers(1, 3), max_size=2))
    unplaced = draw(st.integers(0, 2))
    return ReadyEndpoints(sum(by_zone.values()) + unplaced, tuple(sorted(by_zone.items())), draw(st.integers(0, 2)))


@st.composite
def shards(draw: st.DrawFn, cluster: ClusterName, key: ServiceKey = NGINX) -> Shard:
    return Shard(
        key=key,
        cluster=cluster,
        addresses=tuple(sorted(draw(st.sets(st.sampled_from(ADDRESSES), max_size=3)))),
        hostnames=tuple(sorted(draw(st.sets(st.sampled_from(HOSTNAMES), max_size=1)))),
        ready=draw(ready_endpoints()),
        ttl_s=draw(st.none() | st.sampled_from((30, 60))),
    )


@st.composite
def sightings(draw: st.DrawFn, name: str, sights: tuple[Sight, ...] = tuple(Sight)) -> Sighting:
    cluster = ClusterState(ClusterName(name), draw(st.sampled_from(sights)), NOW - 10, draw(topologies))
    if cluster.sight is Sight.UNSEEN:
        return Sighting(cluster, None)
    shard = draw(st.none() | shards(cluster.name))
    if shard is None or not shard.hostnames:
        return Sighting(cluster, shard)
    if draw(st.booleans()):
        return Sighting(cluster, shard, resolved=("203.0.113.99",))
    return Sighting(cluster, shard, unresolved=shard.hostnames)


def fleets(sights: tuple[Sight, ...] = tuple(Sight)) -> st.SearchStrategy[tuple[Sighting, ...]]:
    return st.tuples(*(sightings(name, sights) for name in ("one", "two", "three")))


WISHES = (
    HostnameWish("www.example.com."),
    HostnameWish("www.example.com.", "eu"),
    HostnameWish("eu.www.example.com.", "eu"),
    HostnameWish("us.www.example.com.", "us"),
    HostnameWish("{region}.www.example.com."),
    HostnameWish("example.com."),
)


@st.composite
def wishing(
    draw: st.DrawFn, fleet: st.SearchStrategy[tuple[Sighting, ...]], wishes: tuple[HostnameWish, ...] = WISHES
) -> tuple[Sighting, ...]:
    """A fleet whose Services ask for hostnames."""
    return tuple(
        sighting
        if sighting.shard is None
        else msgspec.structs.replace(
            sighting,
            shard=msgspec.structs.replace(
                sighting.shard, wishes=tuple(sorted(draw(st.sets(st.sampled_from(wishes), max_size=3))))
            ),
        )
        for sighting in draw(fleet)
    )


_names = st.sampled_from([DnsName(f"{label}.example.com.") for label in ("x", "y", "z")])


@st.composite
def zones(draw: st.DrawFn) -> tuple[RecordSet, ...]:
    """Record sets of a zone in which no CNAME has a neighbour."""
    sets: list[RecordSet] = []
    for name in draw(st.sets(_names)):
        ttl = draw(st.sampled_from((60, 180)))
        if draw(st.booleans()):
            sets.append(RecordSet(name, CNAME, ttl, (draw(_names),)))
            continue
        for family, values in ((A, ADDRESSES[:4]), (AAAA, ADDRESSES[4:])):
            chosen = draw(st.sets(st.sampled_from(values)))
            if chosen:
                sets.append(RecordSet(name, family, ttl, tuple(sorted(chosen))))
    return tuple(sorted(sets))
