"""`feddns check`: whether the configuration can be used, before anything is done with it."""

import click
import msgspec

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options
from feddns.cli.output import emit, table
from feddns.config.parse import Loaded
from feddns.config.schema import schema
from feddns.config.settings import ClusterSettings
from feddns.providers.installed import provider_class, provider_names


class ClusterFound(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """One cluster of the configuration.

    Attributes:
        source: how it is read.
        region: as set; empty where its nodes tell.
        zones: as set; empty where its nodes tell.
    """

    name: str
    source: str
    region: str = ""
    zones: tuple[str, ...] = ()


class TargetFound(msgspec.Struct, frozen=True, rename="camel"):
    """One zone that is written."""

    name: str
    zone: str
    provider: str


class Found(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What a configuration amounts to.

    Attributes:
        cluster_secrets: where further clusters come from, for people; empty where there are none.
    """

    file: str
    federation: str
    targets: tuple[TargetFound, ...]
    clusters: tuple[ClusterFound, ...]
    cluster_secrets: str = ""


@click.command("check")
@common_options
@click.option("--schema", "wants_schema", is_flag=True, help="Print the JSON Schema of the configuration instead.")
def command(config: str, output: Output, *, wants_schema: bool) -> None:
    """Check the configuration and the files that it names; no cluster and no provider is contacted."""
    if wants_schema:
        kinds = {name: provider_class(name).Settings for name in provider_names()}
        emit(schema(kinds), "yaml" if output == "yaml" else "json", str)
        return
    emit(_found(read_configuration(config)), output, _text)


def _found(loaded: Loaded) -> Found:
    settings, secrets = loaded.settings, loaded.settings.cluster_secrets
    return Found(
        file=loaded.document.file,
        federation=settings.federation,
        targets=tuple(
            TargetFound(target.name, target.zone.removesuffix("."), target.provider) for target in loaded.targets
        ),
        clusters=tuple(
            ClusterFound(cluster.name, _source(cluster), cluster.region or "", cluster.zones or ())
            for cluster in settings.clusters
        ),
        cluster_secrets="" if secrets is None else f"the Secrets in the namespace {secrets.namespace}",
    )


def _source(cluster: ClusterSettings) -> str:
    if cluster.in_cluster:
        return "in cluster"
    if cluster.manifests is not None:
        return f"manifests {cluster.manifests}"
    context = f", context {cluster.context}" if cluster.context else ""
    return f"kubeconfig {cluster.kubeconfig}{context}"


def _text(found: Found) -> str:
    rows = [
        (cluster.name, cluster.source, cluster.region or "from its nodes", ", ".join(cluster.zones) or "from its nodes")
        for cluster in found.clusters
    ]
    count = len(found.clusters)
    further = f", and those of {found.cluster_secrets}" if found.cluster_secrets else ""
    places = " and ".join(f"{target.zone} through {target.provider}" for target in found.targets)
    return (
        f"{found.file} is valid.\n"
        f"Federation {found.federation} writes into {places}, "
        f"from {count} cluster{'' if count == 1 else 's'}{further}{':' if rows else '.'}"
    ) + ("\n\n" + table(("cluster", "source", "region", "zones"), rows) if rows else "")
