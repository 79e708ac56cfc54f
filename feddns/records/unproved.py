"""Addresses that should wait for better evidence: they answer where they did before, but are not led to anew."""

from collections.abc import Collection, Iterable

import msgspec

from feddns.model.verdicts import Health, Verdict
from feddns.records.leftovers import Leftover


def without_unproved(
    verdicts: tuple[Verdict, ...], published: Iterable[str], left: Collection[Leftover]
) -> tuple[Verdict, ...]:
    """The verdicts without the addresses that should wait, most often for a probe.

    A restart forgets what probes have found, so an address that it finds withdrawn may be a dead one. Where nothing
    else answers, or nothing but what a brake holds, they need not wait: no client is led there who could have been led
    to a better one.

    Args:
        verdicts: on all shards of a service.
        published: the values that the zone has for the service.
        left: what stays published because a cluster cannot be seen: it answers too.
    """
    if not any(verdict.unproved for verdict in verdicts):
        return verdicts
    known = frozenset(published)
    proved = tuple(_proved(verdict, known) for verdict in verdicts)
    # A host name alone may lead to nothing, and what is Unhealthy is known not to serve.
    is_answered = any(verdict.addresses and verdict.health is not Health.UNHEALTHY for verdict in proved)
    return proved if is_answered or any(each.addresses or each.hostnames for each in left) else verdicts


def _proved(verdict: Verdict, known: frozenset[str]) -> Verdict:
    waiting = set(verdict.unproved) - known
    if not waiting:
        return verdict
    addresses = tuple(address for address in verdict.addresses if address not in waiting)
    return msgspec.structs.replace(
        verdict,
        addresses=addresses,
        zones=verdict.zones if addresses else (),
        hostnames=verdict.hostnames if addresses else (),
    )
