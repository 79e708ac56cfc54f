"""Notices clusters that have fallen silent or are seen again, which no event tells."""

import asyncio
from collections.abc import Callable
from typing import Final

from feddns.clusters.view import Touched
from feddns.controller.views import Views
from feddns.model.evidence import Sight
from feddns.model.topology import ClusterName
from feddns.telemetry.events import LogEvent, log

GLANCE_S: Final = 0.5
"""How often it is looked whether a cluster has been silent for too long."""


async def watch_sight(views: Views, touched: Touched, clock: Callable[[], float]) -> None:
    """Look at the clusters' states again and again, until cancelled.

    Args:
        views: the clusters.
        touched: told of those whose state changed.
        clock: tells seconds since the epoch.
    """
    lost_at: dict[ClusterName, float] = {}
    while True:
        now = clock()
        for state in views.changed_states(now):
            event = LogEvent.CLUSTER_VISIBLE if state.sight is Sight.VISIBLE else LogEvent.CLUSTER_LOST
            if state.sight is not Sight.UNSEEN:
                facts: dict[str, object] = {"reason": state.reason} if state.reason else {}
                if state.sight is Sight.LOST:
                    lost_at[state.name] = state.since
                elif state.name in lost_at:
                    facts["lost_for_s"] = round(now - lost_at.pop(state.name), 1)
                log(event, cluster=state.name, region=state.topology.region, zones=state.topology.zones, **facts)
            touched.cluster(state.name)
        await asyncio.sleep(GLANCE_S)
