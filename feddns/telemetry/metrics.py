"""Every metric of feddns: its name, its labels and what it means.

Metrics are read off the parts when somebody asks, so that keeping them costs a change nothing.
"""

import enum
from collections.abc import Iterable


class Metric(enum.Enum):
    """One metric; names follow https://prometheus.io/docs/practices/naming. One that ends in `_total` only grows."""

    CLUSTER_VISIBLE = (
        "cluster_visible",
        ("cluster",),
        "1 while everything of the cluster is listed and heard, else 0.",
    )
    CLUSTER_SERVICES = ("cluster_services", ("cluster",), "Federated Services that the cluster has.")
    CLUSTER_HEARD = (
        "cluster_heard_seconds",
        ("cluster",),
        "Seconds since the cluster's API server was last heard, by what has been silent longest.",
    )
    SHARDS = ("shards", ("cluster", "verdict"), "Services of the cluster by what is believed of them.")
    WITHDRAWALS_HELD = (
        "withdrawals_held",
        ("brake",),
        "Shards that evidence speaks against and that a brake keeps in the answers.",
    )
    CLUSTERS_WITHDRAWN = ("clusters_withdrawn", (), "Clusters that health has withdrawn, as `budget.clusters` counts.")
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
        "How much later than planned the last probes began: the largest of the last few thousand.",
    )
    ZONE_KNOWN = ("zone_known", ("target", "zone"), "1 once the target's zone has been read, else 0.")
    ZONE_REFUSED = ("zone_refused", ("target", "zone"), "1 while nothing may be written, as the names are not ours.")
    RECORD_SETS = ("record_sets", ("target", "zone"), "Record sets that the federation has in the zone.")
    DELETIONS_HELD = (
        "deletions_held",
        ("target", "zone", "cause"),
        "Deletions that the cause's budget holds until a person allows them.",
    )
    TWIN_DIFFERENCES = (
        "twin_differences",
        ("zone", "target", "twin"),
        "Record sets that only one of two twins has so.",
    )

    def __init__(self, name: str, labels: tuple[str, ...], meaning: str) -> None:
        self.label_names = labels
        self.meaning = meaning
        self.full_name = f"feddns_{name}"


Sample = tuple[Metric, tuple[str, ...], float]
"""A metric, the values of its labels, and its own."""


def exposition(samples: Iterable[Sample], accept: str) -> tuple[bytes, str]:
    """The text in which metrics are scraped.

    Args:
        samples: in any order.
        accept: the scraper's `Accept` header: it may ask for OpenMetrics or for Prometheus' older text.

    Returns:
        The text, and its media type.
    """
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415 - only where they are served
    from prometheus_client.exposition import choose_encoder  # noqa: PLC0415 - likewise
    from prometheus_client.registry import CollectorRegistry  # noqa: PLC0415 - likewise

    families = {
        metric: (CounterMetricFamily if metric.full_name.endswith("_total") else GaugeMetricFamily)(
            metric.full_name, metric.meaning, labels=metric.label_names
        )
        for metric in Metric
    }
    for metric, labels, value in samples:
        families[metric].add_metric(labels, value)

    class Given(CollectorRegistry):
        def collect(self) -> Iterable[CounterMetricFamily | GaugeMetricFamily]:
            return families.values()

    encode, media_type = choose_encoder(accept)
    return encode(Given()), media_type
