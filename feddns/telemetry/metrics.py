"""Every metric of feddns: its name, its labels and what it means.

Nearly all are read off the parts when somebody asks, so that keeping them costs a change nothing; only how long things
take must be noted as they happen.
"""

import enum
from typing import Final

from feddns.telemetry.histogram import Histogram

_DELAYS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
_LAGS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metric(enum.Enum):
    """One metric; names follow https://prometheus.io/docs/practices/naming. One that ends in `_total` only grows.

    No label is ever a service or a name of DNS: a federation may have ten thousand of them.
    """

    BUILD_INFO = ("build_info", ("version",), "Always 1; which version runs.")
    CONFIG_RELOADED = (
        "config_last_reload_successful",
        (),
        "1 while what the configuration's file says counts, 0 while it cannot be used and what it said before counts.",
    )
    CONFIG_SINCE = (
        "config_last_reload_success_timestamp_seconds",
        (),
        "Since when the configuration counts that counts now.",
    )
    CONFIG_WAITING = (
        "config_settings_waiting",
        (),
        "Settings that have changed in the file and count only from the next start.",
    )
    LEADER = ("leader", (), "1 on the replica that writes, 0 on one that stands by; 1 where there is but one.")
    LEADER_TRANSITIONS = (
        "leader_transitions_total",
        (),
        "How often another replica has become the leader, as the Lease tells; 0 where there is but one.",
    )
    EVENT_LOOP_LAG = (
        "event_loop_lag_seconds",
        (),
        "How much later than planned the event loop came round, looked at twice a second.",
        _LAGS_S,
    )
    TASKS = ("tasks", (), "Tasks of the event loop; no more after any number of changes and failures than before.")
    CLUSTER_VISIBLE = (
        "cluster_visible",
        ("cluster",),
        "1 while everything of the cluster is listed and heard, else 0.",
    )
    CLUSTER_SERVICES = ("cluster_services", ("cluster",), "Federated Services that the cluster has.")
    CLUSTER_PROBLEMS = (
        "cluster_problems",
        ("cluster",),
        "Problems of the cluster itself that a person should put right, as `feddns clusters` tells them.",
    )
    WATCH_AGE = (
        "watch_age_seconds",
        ("cluster", "kind"),
        "Seconds since the watch of one kind of objects was last heard; none before it first was.",
    )
    SHARDS = ("shards", ("cluster", "verdict"), "Services of the cluster by what is believed of them.")
    WITHDRAWALS_HELD = (
        "withdrawals_held",
        ("brake",),
        "Shards that evidence speaks against and that a brake keeps in the answers.",
    )
    CLUSTERS_WITHDRAWN = ("clusters_withdrawn", (), "Clusters that health has withdrawn, as `budget.clusters` counts.")
    CLUSTER_BUDGET_LEFT = (
        "cluster_budget_left",
        (),
        "Clusters that health may still withdraw in the window of `budget.clusters`.",
    )
    FROZEN = (
        "frozen",
        (),
        "1 while a person, or missing word of what is ordered, keeps everything from being written.",
    )
    PROBE_TARGETS = ("probe_targets", (), "Addresses that are probed, each question to one counted apart.")
    PROBES = ("probes_total", ("result",), "Probes so far by what came of them.")
    PROBE_LATENESS = (
        "probe_lateness_seconds",
        (),
        "How much later than planned probes began: the largest of the last minute, or of the last 4,096 of it.",
    )
    ZONE_KNOWN = ("zone_known", ("target", "zone"), "1 once the target's zone has been read, else 0.")
    ZONE_REFUSED = ("zone_refused", ("target", "zone"), "1 while nothing may be written, as the names are not ours.")
    ZONE_READ = (
        "zone_last_read_timestamp_seconds",
        ("target", "zone"),
        "When the zone was last read whole; none before it first was.",
    )
    ZONE_WRITTEN = (
        "zone_last_write_timestamp_seconds",
        ("target", "zone"),
        "When a batch was last taken; none before one first was.",
    )
    RECORD_SETS = (
        "record_sets",
        ("target", "zone", "scope", "type"),
        (
            "Record sets that the federation has in the zone, by what their names stand for: a zone, a region, all "
            "(global), or a hostname of its own."
        ),
    )
    SERVICES_TOUCHED = ("services_touched", ("target", "zone"), "Services that have changed and are not decided yet.")
    SERVICES_WAITING = ("services_waiting", ("target", "zone"), "Services with changes that wait to be written.")
    CHANGES_WAITING = ("changes_waiting", ("target", "zone"), "Changes of record sets that wait to be written.")
    SERVICES_REFUSED = (
        "services_refused",
        ("target", "zone"),
        "Services that are left out, as the provider refuses their records.",
    )
    DELETIONS_HELD = (
        "deletions_held",
        ("target", "zone", "cause"),
        "Deletions that the cause's budget holds until a person allows them.",
    )
    DELETION_BUDGET_LEFT = (
        "deletion_budget_left",
        ("target", "zone", "cause"),
        "Record sets that may still be deleted for the cause in the window of `budget.deletions`.",
    )
    CHANGE_TO_WRITE = (
        "change_to_write_seconds",
        ("target", "zone"),
        (
            "From the moment that a change of a service was seen, or a verdict on it was due, until the batch with "
            "what follows from it was taken. What a freeze, a budget or a refusal has held is left out, as is what "
            "feddns finds at its start."
        ),
        _DELAYS_S,
    )
    WRITE_TO_VISIBLE = (
        "write_to_visible_seconds",
        ("target", "zone"),
        (
            "From the moment that a batch was taken until all authoritative servers gave the new answer. One name of a "
            "batch is asked for, and of one batch at a time."
        ),
        _DELAYS_S,
    )
    VISIBILITY_CHECKS = (
        "visibility_checks_total",
        ("target", "zone", "result"),
        (
            "Batches whose visibility was looked at: `visible`; `stale` where a server still gave another answer at "
            "the end of `write.visible.within`; `unanswered` where one did not answer and none was stale."
        ),
    )
    PROVIDER_CALLS = (
        "provider_calls_total",
        ("target", "zone", "operation", "result"),
        "Calls of the provider by what came of them.",
    )
    PROVIDER_CALL_DURATION = (
        "provider_call_duration_seconds",
        ("target", "zone", "operation"),
        "How long calls of the provider took, whatever came of them; waiting for one's turn included.",
        _DELAYS_S,
    )
    TWIN_DIFFERENCES = (
        "twin_differences",
        ("zone", "target", "twin"),
        "Record sets that only one of two twins has so, as compared every 15 seconds.",
    )
    DNS_QUERIES = (
        "dns_queries_total",
        ("target", "zone", "transport", "rcode"),
        (
            "Messages that the embedded DNS server took, by the RCODE in the answer's header; `none` where no answer "
            "was given."
        ),
    )

    DNS_TURNED_AWAY = (
        "dns_turned_away_total",
        ("target", "zone", "what"),
        (
            "What limits of the embedded DNS server have turned away: queries by UDP without an answer (`dropped`) or "
            "with one that says to come by TCP (`cut`), connections closed to make room for another (`evicted`)."
        ),
    )

    def __init__(self, name: str, labels: tuple[str, ...], meaning: str, bounds: tuple[float, ...] = ()) -> None:
        """Make one.

        Args:
            name: without the prefix that all have in common.
            labels: their names.
            meaning: one or two sentences.
            bounds: of the buckets, where it is a histogram.
        """
        self.label_names = labels
        self.meaning = meaning
        self.bounds = bounds
        self.full_name = f"feddns_{name}"

    @property
    def kind(self) -> str:
        """Its type, as OpenMetrics calls it."""
        if self.bounds:
            return "histogram"
        return "counter" if self.full_name.endswith("_total") else "gauge"


Sample = tuple[Metric, tuple[str, ...], "float | Histogram"]
"""A metric, the values of its labels, and its own."""
