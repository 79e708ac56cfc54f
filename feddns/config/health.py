"""How health is judged, and the limits that stop a mass mistake."""

from typing import Annotated, Literal

import msgspec

from feddns.config.probing import ProbeSettings, ProbingSettings
from feddns.config.scalars import Pause, Seconds, Section, Share


class HealthSettings(Section, frozen=True):
    """How the shards of a service are judged.

    Attributes:
        probe: what the addresses of every service are asked; nothing by default. The annotation `feddns.io/probe` of a
            service goes before it.
        probing: how probes are sent.
        settle: seconds that a shard, or a zone of it, must have been without ready endpoints before it is withdrawn.
        load_balancer_hold: seconds that the last addresses of a load balancer stay after its status was emptied, while
            the Service exists.
        hold_down: seconds that a shard must have been healthy again before it returns; doubled each time it goes.
            One that no other shard could stand in for returns at once.
        longest_hold_down: the most seconds that it may wait.
        hold_down_decay: seconds in which one doubling is forgiven.
        witness: seconds that the probes of an Unknown cluster's shard must have failed before it is withdrawn.
        unknown_limit: seconds after which an Unknown cluster is withdrawn even so; never by default.
        panic: what is done where fewer than `panic_share` of a scope's shards would stay: withdraw no more (`keep`), or
            withdraw all the same (`drop`); the annotation `feddns.io/panic` of a service goes before it.
        panic_share: of the shards of a scope, between 0 and 1.
        panic_scope: the smallest scopes that are watched for that.
        panic_evidence: which withdrawals are stopped by it: those on probes alone (`probes`), or all (`all`).
    """

    probe: ProbeSettings | None = None
    probing: ProbingSettings = ProbingSettings()
    settle: Pause = 2.0
    load_balancer_hold: Pause = 300.0
    hold_down: Pause = 2.0
    longest_hold_down: Pause = 300.0
    hold_down_decay: Seconds = 600.0
    witness: Pause = 60.0
    unknown_limit: Seconds | None = None
    panic: Literal["keep", "drop"] = "keep"
    panic_share: Share = 0.5
    panic_scope: Literal["global", "region", "zone"] = "global"
    panic_evidence: Literal["probes", "all"] = "probes"


class DeletionBudget(Section, frozen=True):
    """How many record sets may be deleted for one cause (health, specification or drift) before a person is asked.

    Attributes:
        share: of the record sets that the federation owns in the zone, between 0 and 1.
        at_least: so many may be deleted whatever the share says.
        window: seconds over which deletions are added up.
    """

    share: Share = 0.34
    at_least: Annotated[int, msgspec.Meta(ge=0)] = 30
    window: Seconds = 600.0


class ClusterBudget(Section, frozen=True):
    """How many clusters health may withdraw before it waits.

    A cluster counts as withdrawn where more than half of its services lose it, or any while it is Unknown.

    Attributes:
        interval: seconds between the withdrawals of two clusters.
        share: of all clusters that may be withdrawn within the window, between 0 and 1; one may in any case.
        window: seconds over which withdrawals are added up.
        at_least: so many services of a visible cluster may lose it without its counting as withdrawn.
    """

    interval: Pause = 60.0
    share: Share = 0.34
    window: Seconds = 600.0
    at_least: Annotated[int, msgspec.Meta(ge=0)] = 5


class BudgetSettings(Section, frozen=True):
    """Limits that stop a mass mistake.

    Attributes:
        deletions: how many record sets may be deleted.
        clusters: how many clusters health may withdraw.
    """

    deletions: DeletionBudget = DeletionBudget()
    clusters: ClusterBudget = ClusterBudget()
