"""The cap on the values of one answer."""

import hashlib
from collections.abc import Collection

from feddns.model.services import ServiceKey


def cap_values(key: ServiceKey, values: Collection[str], most: int) -> tuple[str, ...]:
    """At most `most` of `values`, sorted.

    Which ones is decided by rendezvous hashing: each value has a rank of its own for the service, so that one that
    comes or goes moves at most one other, and services spread over the addresses.
    """
    if len(values) <= most:
        return tuple(sorted(values))
    ranked = sorted(values, key=lambda value: hashlib.blake2b(f"{key}|{value}".encode(), digest_size=8).digest())
    return tuple(sorted(ranked[:most]))
