"""Metrics as text: OpenMetrics, or Prometheus' older form."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from feddns.telemetry.histogram import Histogram
from feddns.telemetry.metrics import Metric, Sample

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric as Family


def exposition(samples: Iterable[Sample], accept: str) -> tuple[bytes, str]:
    """The text in which metrics are scraped: ours, and what prometheus_client tells of the process and of Python.

    Args:
        samples: in any order.
        accept: the scraper's `Accept` header: it may ask for OpenMetrics or for Prometheus' older text.

    Returns:
        The text, and its media type.
    """
    from prometheus_client import GC_COLLECTOR, PLATFORM_COLLECTOR, PROCESS_COLLECTOR  # noqa: PLC0415 - only where served
    from prometheus_client.exposition import choose_encoder  # noqa: PLC0415 - likewise
    from prometheus_client.registry import CollectorRegistry  # noqa: PLC0415 - likewise

    class Given(CollectorRegistry):
        def collect(self) -> "Iterable[Family]":
            yield from _families(samples)
            for collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
                yield from collector.collect()

    encode, media_type = choose_encoder(accept)
    return encode(Given()), media_type


def _families(samples: Iterable[Sample]) -> "Iterable[Family]":
    """Our metrics, those without a sample too."""
    from prometheus_client.core import (  # noqa: PLC0415 - only where they are served
        CounterMetricFamily,
        GaugeMetricFamily,
        HistogramMetricFamily,
    )

    kinds = {"counter": CounterMetricFamily, "gauge": GaugeMetricFamily, "histogram": HistogramMetricFamily}
    families = {
        metric: kinds[metric.kind](metric.full_name, metric.meaning, labels=metric.label_names) for metric in Metric
    }
    for metric, labels, value in samples:
        if isinstance(value, Histogram):
            buckets = [("+Inf" if bound == math.inf else str(bound), count) for bound, count in value.cumulative()]
            families[metric].add_metric(labels, buckets, value.sum)
        else:
            families[metric].add_metric(labels, value)
    return families.values()
