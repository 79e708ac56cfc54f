"""The state of a running federation as it is told to people and programs; all times in seconds since the epoch."""

import enum
from typing import Literal

import msgspec

from feddns.model.evidence import Sight
from feddns.model.orders import Drain, Eviction
from feddns.model.services import Problem


class Told(msgspec.Struct, frozen=True, rename="camel"):
    """A value that is told."""


class Ready(enum.StrEnum):
    """Whether a cluster can be seen, as Kubernetes has conditions."""

    TRUE = "True"
    """Everything of it is listed, and its API server answers."""
    FALSE = "False"
    """Not everything of it has been listed since feddns started."""
    UNKNOWN = "Unknown"
    """It was seen once, and has been silent for too long: what is known of it is a memory."""


class ServiceVerdict(enum.StrEnum):
    """What is believed of a service in all clusters together."""

    HEALTHY = "Healthy"
    """All of its shards are."""
    DEGRADED = "Degraded"
    """Some of its shards are healthy, and some are not."""
    UNHEALTHY = "Unhealthy"
    """None of its shards is healthy, and evidence speaks against at least one."""
    UNKNOWN = "Unknown"
    """None of its shards can be seen."""
    ABSENT = "Absent"
    """No cluster has it: what the zone still has for it waits to go."""


class Verdicts(Told, frozen=True, gc=False):
    """How many shards are believed to be what."""

    healthy: int
    unhealthy: int
    unknown: int


class Cluster(Told, frozen=True, gc=False):
    """A cluster as it is seen now.

    Attributes:
        ready: whether it can be seen.
        sight: the same in feddns' own words.
        since: when `sight` became what it is.
        origin: where it is said that it is a cluster of the federation.
        region: empty where it is not known.
        zones: empty where they are not known.
        heard_at: when its API server was last heard of, by the kind of objects that has been silent for longest; null
            where one of them never was.
        services: how many federated Services it has.
        verdicts: on its shards.
        drain: the order by which its clients are to leave; null where there is none.
        eviction: the order by which it is out of every answer; null where there is none.
        reason: why it cannot be seen; empty where it can.
        problems: what a person should put right.
    """

    name: str
    ready: Ready
    sight: Sight
    since: float
    origin: str
    region: str
    zones: tuple[str, ...]
    heard_at: float | None
    services: int
    verdicts: Verdicts
    drain: Drain | None
    eviction: Eviction | None
    reason: str
    problems: tuple[Problem, ...]


class ServiceCounts(Told, frozen=True, gc=False):
    """How many services there are, by verdict."""

    total: int
    healthy: int
    degraded: int
    unhealthy: int
    unknown: int
    absent: int


class Move(Told, frozen=True, gc=False):
    """A change of what a shard answers that evidence or an order asks for, and that has not been made.

    Attributes:
        service: as namespace/name.
        text: what will change, and why.
        since: when the evidence turned.
        due: when it takes effect if nothing changes until then; null where that is not a matter of time alone.
        is_withdrawal: whether it takes answers away; else it brings them back.
        brake: what holds it, where it would be due otherwise; null where nothing does.
    """

    service: str
    cluster: str
    text: str
    since: float
    due: float | None
    is_withdrawal: bool
    brake: Literal["panic", "clusters", "cut-off"] | None


class Hold(Told, frozen=True, gc=False):
    """Something that holds up what would be done otherwise.

    Attributes:
        kind: `freeze` stops all writing, `claim` all writing of one target; `deletions` is a budget, and the others are
            brakes on withdrawals.
        target: whose zone is concerned; empty where all are.
        cluster: whose withdrawals are held; empty where it is none's.
        count: how many deletions or shards are held; 0 where it is everything.
        text: the rule.
        release: the command that releases it; empty where none does.
    """

    kind: Literal["freeze", "claim", "deletions", "panic", "clusters", "cut-off"]
    target: str
    cluster: str
    count: int
    text: str
    release: str


class Stand(Told, frozen=True, gc=False):
    """What a shard answers with.

    Attributes:
        addresses: IP addresses and host names of its load balancers; empty where it does not answer.
        zones: those of its cluster that it answers for.
    """

    addresses: tuple[str, ...]
    zones: tuple[str, ...]


class Failover(Told, frozen=True, gc=False):
    """Answers of one cluster that moved, for one service or for many in a row.

    Attributes:
        cluster: whose answers moved.
        kind: `left` where it no longer answers, `joined` where it does again or for the first time, else `moved`.
        services: how many services moved so.
        service: the first of them, as namespace/name; the following is about this one.
        before: what its shard answered with.
        after: what it answers with now.
        others: the other clusters that answer then.
        because: why.
        at: when the first of them was decided.
        until: when the last of them was.
        written_at: when the zones of all targets held them all; null where they do not yet.
    """

    cluster: str
    kind: Literal["left", "joined", "moved"]
    services: int
    service: str
    before: Stand
    after: Stand
    others: tuple[str, ...]
    because: str
    at: float
    until: float
    written_at: float | None


class ChangeCounts(Told, frozen=True, gc=False):
    """How many record sets wait to be created, replaced and deleted, and how many deletions are held."""

    create: int
    replace: int
    delete: int
    held: int


class Target(Told, frozen=True, gc=False):
    """One zone that is written, and how that goes.

    Attributes:
        provider: where and as whom it is written.
        is_fenced: whether its provider carries the fence that keeps a second writer out.
        is_known: whether the zone has been read.
        record_sets: how many the federation has in the zone.
        claim_seq: the number of the last batch, as the claim in the zone has it; null where there is no claim.
        waiting: what is to be changed.
        read_at: when the zone was last read; null where it was not yet.
        written_at: when a batch was last taken; null where none was since the start.
        failed_at: when the provider last failed; null where it has not since the start.
        failure: in which way.
        refusal: why nothing may be written; empty where it may.
        frozen: whose word holds all writing up; empty where nothing does.
        problems: what a person should put right in the zone.
    """

    name: str
    zone: str
    provider: str
    is_fenced: bool
    is_known: bool
    record_sets: int
    claim_seq: int | None
    waiting: ChangeCounts
    read_at: float | None
    written_at: float | None
    failed_at: float | None
    failure: str
    refusal: str
    frozen: str
    problems: tuple[Problem, ...]


class Leadership(Told, frozen=True, gc=False):
    """Which replica writes.

    Attributes:
        role: `alone` where replicas do not elect a leader.
        identity: this replica's; empty where it is alone.
        leader: the identity of the replica that writes, as far as it is known; empty where it is alone.
        transitions: how often another replica became the leader, as far as is known.
    """

    role: Literal["leader", "standby", "alone"]
    identity: str
    leader: str
    transitions: int


class Configuration(Told, frozen=True, gc=False):
    """The configuration in force.

    Attributes:
        digest: of the file, the first 12 hexadecimal digits of its SHA-256.
        since: when it came into force.
        refusal: why what the file says now is not in force; empty where it is.
        waiting: the settings that count only from the next start, by their path in the file.
    """

    digest: str
    since: float
    refusal: str
    waiting: tuple[str, ...]


class Status(Told, frozen=True):
    """A running federation at a glance.

    Attributes:
        at: when this was so.
        version: of feddns.
        federation: the federation's name.
        owner: who holds the claim on the names.
        started_at: when this process started.
        unready: why no answer can be kept true yet; empty where one can.
        services: how many there are, by verdict.
        moves: how many changes of shards are pending.
        next_moves: the first of them, those that are due soonest.
        holds: what holds up what would be done otherwise.
        failovers: the last answers that moved, the newest first.
    """

    at: float
    version: str
    federation: str
    owner: str
    started_at: float
    unready: str
    leadership: Leadership
    configuration: Configuration
    clusters: tuple[Cluster, ...]
    services: ServiceCounts
    moves: int
    next_moves: tuple[Move, ...]
    holds: tuple[Hold, ...]
    failovers: tuple[Failover, ...]
    targets: tuple[Target, ...]
