"""Notices clusters that have fallen silent or are seen again, which no event tells."""

import asyncio
from collections.abc import Callable
from typing import Final

from feddns.clusters.view import Touched
from feddns.controller.views import Views
from feddns.model.evidence import Sight
from feddns.telemetry.events import LogEvent, log

_GLANCE_S: Final = 0.5
"""How often it is looked whether a cluster has been silent for too long."""


async def watch_sight(views: Views, touched: Touched, clock: Callable[[], float]) -> None:
    """Look at the clusters' states again and again, until cancelled.

    Args:
        views: the clusters.
        touched: told of those whose state changed.
        clock: tells seconds since the epoch.
    """
    while True:
        for state in views.changed_states(clock()):
            event = LogEvent.CLUSTER_VISIBLE if state.sight is Sight.VISIBLE else LogEvent.CLUSTER_LOST
            if state.sight is not Sight.UNSEEN:
                log(event, cluster=state.name, region=state.topology.region, zones=state.topology.zones)
            touched.cluster(state.name)
        await asyncio.sleep(_GLANCE_S)
