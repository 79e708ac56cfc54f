"""The one TTL of a service's names."""

from collections.abc import Iterable

from feddns.model.services import Problem, ServiceKey
from feddns.model.verdicts import Verdict


def service_ttl(key: ServiceKey, verdicts: Iterable[Verdict], default_s: int) -> tuple[int, tuple[Problem, ...]]:
    """The TTL in seconds, and a problem where clusters disagree.

    The shortest of the clusters' annotations decides: it is the promise that the owner of the service made about how
    soon clients move, and keeping it in one cluster only would break it in the others.
    """
    asked = {
        verdict.cluster: verdict.shard.ttl_s
        for verdict in verdicts
        if verdict.shard is not None and verdict.shard.ttl_s is not None
    }
    if not asked:
        return default_s, ()
    ttl_s = min(asked.values())
    if len(set(asked.values())) == 1:
        return ttl_s, ()
    told = ", ".join(f"{cluster} says {value}" for cluster, value in sorted(asked.items()))
    return ttl_s, (
        Problem("TTLsDiffer", f"{key}: clusters disagree on feddns.io/ttl ({told}); the shortest, {ttl_s}, is used"),
    )
