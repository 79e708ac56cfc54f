"""What is told of one service; all times in seconds since the epoch."""

from typing import Literal

from feddns.model.changeset import Change
from feddns.model.services import Problem
from feddns.model.status import ServiceVerdict, Told
from feddns.model.verdicts import Evidence, Health


class Records(Told, frozen=True, gc=False):
    """All records of one type that a name has.

    Attributes:
        ttl: in seconds.
    """

    type: str
    ttl: int
    values: tuple[str, ...]


class Answer(Told, frozen=True, gc=False):
    """What the zone has for a service at one scope.

    Attributes:
        target: whose zone.
        scope: for people.
        region: the scope's; empty for the global one.
        zone: the scope's; empty for a region's or the global one.
        records: empty where the name has none.
        leads_to: the scope that its CNAME leads to, for people; empty where it has none.
    """

    target: str
    scope: str
    region: str
    zone: str
    name: str
    records: tuple[Records, ...]
    leads_to: str


class Service(Told, frozen=True, gc=False):
    """A service in brief.

    Attributes:
        healthy: how many of its shards are.
        clusters: how many clusters have a shard of it.
        moves: how many changes of its shards are pending.
        answers: what the zones have for it.
    """

    namespace: str
    name: str
    verdict: ServiceVerdict
    healthy: int
    clusters: int
    moves: int
    answers: tuple[Answer, ...]


class Pending(Told, frozen=True, gc=False):
    """A change of what a shard answers that evidence or an order asks for, and that has not been made.

    Attributes:
        text: what will change, and why.
        since: when the evidence turned.
        due: when it takes effect if nothing changes until then; null where that is not a matter of time alone.
        brake: what holds it, where it would be due otherwise; null where nothing does.
    """

    text: str
    since: float
    due: float | None
    brake: Literal["panic", "clusters", "cut-off"] | None


class Shard(Told, frozen=True, gc=False):
    """A service in one cluster, the verdict on it and all that this rests on.

    Attributes:
        verdict: what is believed.
        since: when the shard got this verdict, as far as this process knows.
        region: its cluster's; empty where it is not known.
        zones: its cluster's.
        addresses: what it brings to the answers.
        evidence: what the verdict rests on.
        problems: what a person should put right.
    """

    cluster: str
    verdict: Health
    since: float
    region: str
    zones: tuple[str, ...]
    addresses: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    pending: tuple[Pending, ...]
    problems: tuple[str, ...]


class Candidate(Told, frozen=True, gc=False):
    """Why a shard does or does not stand in an answer.

    Attributes:
        kept: whether it does.
    """

    cluster: str
    kept: bool
    reason: str


class ScopeStory(Told, frozen=True, gc=False):
    """Why a name has the answer that it has.

    Attributes:
        scope: for people.
        records: what it should have.
        published: what the zone has; null where that is not known.
        because: why the answer as a whole is what it is.
        shards: those that stand in the scope.
    """

    name: str
    scope: str
    records: tuple[Records, ...]
    published: tuple[Records, ...] | None
    because: str
    shards: tuple[Candidate, ...]


class HostnameStory(Told, frozen=True, gc=False):
    """A hostname of the service's own, as far as the service is concerned: another may own it.

    Attributes:
        scope: the one whose name it leads to, for people.
        clusters: those whose Services ask for it.
        records: what it should have.
        because: why.
    """

    hostname: str
    scope: str
    clusters: tuple[str, ...]
    records: tuple[Records, ...]
    because: str


class TargetStory(Told, frozen=True, gc=False):
    """A service at one target.

    Attributes:
        is_known: whether its zone has been read.
        answers: by scope, the global one first.
        waiting: what is to be changed in the zone for it.
        holds: what holds up changes for it, and what releases it.
        problems: what a person should put right.
    """

    target: str
    zone: str
    is_known: bool
    answers: tuple[ScopeStory, ...]
    hostnames: tuple[HostnameStory, ...]
    waiting: tuple[Change, ...]
    holds: tuple[str, ...]
    problems: tuple[Problem, ...]


class ServiceStory(Told, frozen=True):
    """All that is known of one service, as `feddns explain` tells it.

    Attributes:
        at: when this was so.
        healthy: how many of its shards are.
        clusters: how many clusters have a shard of it.
        shards: one in each cluster that has it, as far as is known.
    """

    at: float
    namespace: str
    name: str
    verdict: ServiceVerdict
    healthy: int
    clusters: int
    shards: tuple[Shard, ...]
    targets: tuple[TargetStory, ...]
