"""The outcome of one thought about one service."""

import msgspec

from feddns.model.records import DnsName, RecordSet
from feddns.model.services import HostnameWish, Problem, ServiceKey
from feddns.model.topology import ClusterName, Scope
from feddns.model.verdicts import Verdict


class ShardMemory(msgspec.Struct, frozen=True, gc=False):
    """What the next thought about a shard must know of the last.

    Attributes:
        had: every address that the shard is known to have had since feddns started.
        wished: every wish for a hostname that it is known to have had since then.
    """

    had: frozenset[str] = frozenset()
    wished: frozenset[HostnameWish] = frozenset()


Memory = dict[ClusterName, ShardMemory]
"""What is remembered of one service, by cluster; replaced as a whole, never changed in place."""


class Reason(msgspec.Struct, frozen=True, gc=False):
    """Why a shard does or does not stand in a scope's answer."""

    cluster: ClusterName
    kept: bool
    text: str


class ScopeDecision(msgspec.Struct, frozen=True, gc=False):
    """The answer of one scope of a service.

    Attributes:
        name: the scope's DNS name.
        records: its record sets: addresses, or one CNAME or ALIAS, or none.
        concerned: the verdicts on the shards that stand in the scope; why each does or does not answer is told by
            `feddns.records.reasons`, when somebody asks.
        text: why the answer as a whole is what it is.
    """

    scope: Scope
    name: DnsName
    records: tuple[RecordSet, ...]
    concerned: tuple[Verdict, ...]
    text: str


class HostnameDecision(msgspec.Struct, frozen=True, gc=False):
    """What a hostname of the service's own has, as far as the service is concerned: another may own it.

    Attributes:
        scope: the one whose name it leads to.
        clusters: those whose Services ask for it; empty where it stays only because a cluster cannot be seen.
        records: its record sets: one CNAME, or at the zone's apex addresses or one ALIAS, or none.
        ownership: the record set that says whose it is.
        text: why the records are what they are.
    """

    hostname: DnsName
    scope: Scope
    clusters: tuple[ClusterName, ...]
    records: tuple[RecordSet, ...]
    ownership: RecordSet
    text: str


class Decision(msgspec.Struct, frozen=True, gc=False):
    """All that was decided for one service.

    Attributes:
        records: the record sets that should be in the zone for it, sorted.
        scopes: the story behind them, the global scope first.
        verdicts: by cluster name, in order.
        problems: what a person should put right, beside what the shards' own problems tell.
        memory: to be handed to the next decision.
        hostnames: the story behind those outside of the federation's pattern, sorted.
    """

    key: ServiceKey
    records: tuple[RecordSet, ...]
    scopes: tuple[ScopeDecision, ...]
    verdicts: tuple[Verdict, ...]
    problems: tuple[Problem, ...]
    memory: Memory
    hostnames: tuple[HostnameDecision, ...] = ()

    @property
    def standing(self) -> frozenset[DnsName]:
        """The names that the service has, with or without an answer."""
        return frozenset((*(scope.name for scope in self.scopes), *(found.hostname for found in self.hostnames)))
