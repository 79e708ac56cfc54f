"""`feddns clusters`: every cluster as it is seen now."""

import asyncio
import time
from pathlib import Path
from typing import Any

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options
from feddns.cli.output import Painted, emit, table
from feddns.config.parse import Loaded
from feddns.model.evidence import Sight


@click.command("clusters")
@common_options
def command(config: str, output: Output) -> None:
    """Show every cluster: whether it can be seen and why not, its region and zones, and how many services it has."""
    emit(asyncio.run(_clusters(read_configuration(config, with_provider=False), Path(config).parent)), output, _text)


async def _clusters(loaded: Loaded, folder: Path) -> list[dict[str, Any]]:
    from feddns.cli.opening import looking  # noqa: PLC0415 - what watches clusters, only when it is needed

    async with looking(loaded, folder) as seen:
        states = seen.views.states(time.time())
        return [
            {
                "name": state.name,
                "sight": state.sight.value,
                "region": state.topology.region,
                "zones": list(state.topology.zones),
                "services": len(source.view.keys()),
                "reason": state.reason,
                "problems": [{"reason": problem.reason, "text": problem.text} for problem in state.problems],
            }
            for state, source in zip(states, seen.sources, strict=True)
        ]


def _text(clusters: list[dict[str, Any]]) -> str:
    rows = [
        (
            cluster["name"],
            Painted(cluster["sight"], "green" if cluster["sight"] == Sight.VISIBLE else "red"),
            cluster["region"] or "-",
            ", ".join(cluster["zones"]) or "-",
            str(cluster["services"]),
            cluster["reason"],
        )
        for cluster in clusters
    ]
    lines = [table(("cluster", "sight", "region", "zones", "services", "reason"), rows)]
    lines.extend(
        f"{cluster['name']}: {problem['reason']}: {problem['text']}"
        for cluster in clusters
        for problem in cluster["problems"]
    )
    return "\n".join(lines)
