"""The last answers of a service without a healthy shard, as far as there still is a Service behind them."""

from collections.abc import Iterable

import msgspec

from feddns.model.records import RecordSet
from feddns.model.topology import GLOBAL
from feddns.records.leftovers import leftovers
from feddns.records.scopes import Service, answer_scopes


def last_answers(service: Service, published: tuple[RecordSet, ...], had: Iterable[str]) -> tuple[RecordSet, ...]:
    """What stays of a service's published record sets, sorted.

    Where a cluster no longer has the Service its load balancer is given back, and a cloud hands the address to somebody
    else: what led there goes, and so do the names of regions and zones that no cluster has the Service in any more.

    Args:
        service: none of whose shards answers.
        published: all that the zone has at its names.
        had: addresses and host names of the clusters that have the Service.
    """
    every = leftovers(service.names, published, frozenset())
    gone = (every[GLOBAL].addresses | every[GLOBAL].hostnames).difference(had)
    scopes = {GLOBAL, *(scope for verdict in service.verdicts for scope in verdict.topology.scopes())}
    if not gone and every.keys() <= scopes:
        return tuple(sorted(published))
    left = leftovers(service.names, published, gone)
    if not (left[GLOBAL].addresses or left[GLOBAL].hostnames):
        return ()
    kept = {scope: leftover for scope, leftover in left.items() if scope in scopes}
    answers = answer_scopes(msgspec.structs.replace(service, leftovers=kept))
    return tuple(sorted(record_set for answer in answers for record_set in answer.records))
