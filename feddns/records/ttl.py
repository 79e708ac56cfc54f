"""The one TTL of a service's names."""

from collections.abc import Iterable

from feddns.model.services import Problem, ServiceKey, Shard


def service_ttl(key: ServiceKey, shards: Iterable[Shard], default_s: int) -> tuple[int, tuple[Problem, ...]]:
    """The TTL in seconds, and a problem where clusters disagree.

    The shortest of the clusters' annotations decides: it is the promise that the owner of the service made about how
    soon clients move, and keeping it in one cluster only would break it in the others.
    """
    asked = {shard.cluster: shard.ttl_s for shard in shards if shard.ttl_s is not None}
    if not asked:
        return default_s, ()
    ttl_s = min(asked.values())
    if len(set(asked.values())) == 1:
        return ttl_s, ()
    told = ", ".join(f"{cluster} says {value}" for cluster, value in sorted(asked.items()))
    return ttl_s, (
        Problem("TTLsDiffer", f"{key}: clusters disagree on feddns.io/ttl ({told}); the shortest, {ttl_s}, is used"),
    )


def lowered_ttl(ttl_s: int, floor_s: int, *, halved: bool, least: bool) -> int:
    """The TTL in seconds while clients should move soon.

    Args:
        ttl_s: the service's own.
        floor_s: it is never lowered below this.
        halved: whether an address may soon be withdrawn.
        least: whether one certainly will be.
    """
    if least:
        return min(ttl_s, floor_s)
    return min(ttl_s, max(floor_s, ttl_s // 2)) if halved else ttl_s
