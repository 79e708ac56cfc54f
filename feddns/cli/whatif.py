"""`feddns whatif`: what would become of the answers if clusters failed, and when clients would have moved."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options, target_option
from feddns.cli.ordering import chosen_cluster, cluster_names, warn_of_freeze
from feddns.cli.plan import painted
from feddns.cli.targets import check_targets, show_each
from feddns.cli.warnings import warn
from feddns.config.parse import Loaded
from feddns.errors import ProviderError
from feddns.model.few import few
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from feddns.whatif.outcome import Outcome
from feddns.whatif.render import outcome_lines, outcome_value
from feddns.whatif.scenario import Scenario

if TYPE_CHECKING:
    from feddns.controller.whatif import Standing

_NAMED: Final = 20

Bereft = Mapping[ClusterName, Sequence[ServiceKey]]
"""The services for which a drain would be refused, by cluster."""


@click.command("whatif")
@common_options
@target_option
@click.option("--down", multiple=True, metavar="CLUSTER", help="This cluster dies, API server and load balancers.")
@click.option("--drain", multiple=True, metavar="CLUSTER", help="This cluster is drained, as by `feddns drain`.")
@click.option("--unready", multiple=True, metavar="CLUSTER", help="No endpoint of this cluster is ready any more.")
def command(
    config: str,
    output: Output,
    target: tuple[str, ...],
    **clusters: tuple[str, ...],
) -> None:
    """Tell every answer that would change, and the seconds until clients have moved; nothing is done.

    All happens at one moment, and is played through by the code that judges, decides and plans when it does happen.
    Each option may be given more than once, and together with the others.
    """
    if not any(clusters.values()):
        raise click.UsageError("say what happens: --down, --drain or --unready, each with the name of a cluster")
    loaded = read_configuration(config)
    check_targets(loaded, target)
    scenario = asyncio.run(_scenario(loaded, Path(config).parent, clusters))
    outcomes, bereft = asyncio.run(_play(loaded, Path(config).parent, target, scenario))
    warn(*(_refusal(cluster, keys) for cluster, keys in bereft.items()))
    show_each(loaded, outcomes, output, partial(_value, scenario=scenario, bereft=bereft), _text)


async def _scenario(loaded: Loaded, folder: Path, clusters: Mapping[str, Collection[str]]) -> Scenario:
    names = await cluster_names(loaded, folder)
    down, drained, unready = (
        frozenset(chosen_cluster(name, names) for name in clusters[option]) for option in ("down", "drain", "unready")
    )
    return Scenario(down=down, drained=drained, unready=unready)


async def _play(
    loaded: Loaded, folder: Path, only: Collection[str], scenario: Scenario
) -> tuple[dict[str, Outcome | ProviderError], Bereft]:
    from feddns.cli.opening import acting  # noqa: PLC0415 - what watches clusters, only when it is needed
    from feddns.controller import once, whatif  # noqa: PLC0415 - likewise

    async with acting(loaded, folder, only=only) as federation:
        planned = await once.each(federation.targets, once.plan)
        warn(*once.troubles(federation.observatory, once.all_decisions(planned)))
        stands: Standing = whatif.standing(federation, loaded, planned)
    warn_of_freeze(stands.start.beliefs.circumstances.orders)
    bereft = whatif.bereft(planned, stands, scenario, loaded.settings.dns.ttl)
    outcomes = whatif.play(stands, scenario)
    return {name: outcomes[name] for name in planned}, bereft


def _refusal(cluster: ClusterName, keys: Sequence[ServiceKey]) -> str:
    return (
        f"`feddns drain {cluster}` would be refused, as without --force it leaves no service without a healthy shard, "
        f"and these have no other: {few(keys, _NAMED)}"
    )


def _value(outcome: Outcome, *, scenario: Scenario, bereft: Bereft) -> dict[str, Any]:
    return {
        **outcome_value(outcome),
        "down": sorted(scenario.down),
        "drained": sorted(scenario.drained),
        "unready": sorted(scenario.unready),
        "refused": [{"cluster": cluster, "services": list(map(str, keys))} for cluster, keys in bereft.items()],
    }


def _text(outcome: Outcome) -> str:
    return painted(outcome_lines(outcome))
