"""What `feddns join` and `feddns leave` have in common: whose kubeconfig is read, and where the host cluster is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.options import DEFAULT_CONFIG
from feddns.cli.warnings import warn
from feddns.config.parse import Loaded
from feddns.errors import MembershipError
from feddns.membership.account import NAMESPACE, Account
from feddns.membership.contexts import Place, find_place, kubeconfig_files
from feddns.model.labels import is_label

Call = TypeVar("Call", bound=Callable[..., Any])

_KUBECONFIG: Final = "The file with your contexts.  [default: those of KUBECONFIG, else ~/.kube/config]"


class HostOptions(NamedTuple):
    """The host cluster as the command line names it; None for what it does not."""

    context: str | None
    kubeconfig: str | None
    namespace: str | None


class Host(NamedTuple):
    """The host cluster.

    Attributes:
        namespace: of the Secrets.
        place: how to get there; None for the cluster of the pod that this runs in.
        loaded: the configuration; None where there is none.
    """

    namespace: str
    place: Place | None
    loaded: Loaded | None


def kubeconfig_option(function: Call) -> Call:
    """Give a verb `--kubeconfig`, as the argument `kubeconfig: str | None`."""
    return click.option("--kubeconfig", type=click.Path(), metavar="FILE", help=_KUBECONFIG)(function)


def host_options(function: Call) -> Call:
    """Give a verb the options that name the host cluster: `host_context`, `host_kubeconfig` and `host_namespace`."""
    place = click.option(
        "--host-context",
        metavar="CONTEXT",
        help="The cluster that feddns runs in.  [default: what clusterSecrets in the configuration says]",
    )
    file = click.option("--host-kubeconfig", type=click.Path(), metavar="FILE", help="The file with that context.")
    namespace = click.option("--host-namespace", metavar="NAME", help="The namespace of the Secrets there.")
    return place(file(namespace(function)))


def account_options(function: Call) -> Call:
    """Give a verb the options that name the account: `namespace` and `account`, each None where it is not said."""
    default = Account()
    namespace = click.option(
        "--namespace",
        metavar="NAME",
        callback=_object_name,
        help=f"The account's namespace in the cluster.  [default: {default.namespace}]",
    )
    name = click.option(
        "--account",
        metavar="NAME",
        callback=_object_name,
        help=f"What the account and its roles are called.  [default: {default.name}]",
    )
    return namespace(name(function))


def find_host(config: str, asked: HostOptions, kubeconfig: str | None) -> Host:
    """Where the Secrets of clusters are.

    Args:
        config: the configuration file, which need not be there where the command line says it all.
        asked: what the command line says, which goes first.
        kubeconfig: the file with contexts that the command line names.

    Raises:
        ConfigError: the configuration cannot be used.
        MembershipError: nothing says where the host cluster is, or there is no such context.
        CredentialsError: a kubeconfig cannot be read.
    """
    is_asked = asked.context is not None or asked.kubeconfig is not None
    optional = is_asked and config == DEFAULT_CONFIG and not Path(config).exists()
    loaded = None if optional else read_configuration(config, with_provider=False)
    secrets = None if loaded is None else loaded.settings.cluster_secrets
    namespace = asked.namespace or (secrets.namespace if secrets else NAMESPACE)
    if loaded is not None and secrets is None and is_asked:
        warn(f"{config} has no clusterSecrets; feddns finds the Secret only where its configuration has them")
    if is_asked:
        files = kubeconfig_files(asked.kubeconfig if asked.kubeconfig is not None else kubeconfig)
        return Host(namespace, find_place(files, asked.context), loaded)
    if secrets is None:
        text = f"{config} has no clusterSecrets, which say where feddns finds the Secrets of clusters"
        raise MembershipError(f"{text}; add them, or name the host cluster by --host-context")
    if secrets.kubeconfig is None:
        _check_is_pod(config)
        return Host(namespace, None, loaded)
    file = Path(config).parent / Path(secrets.kubeconfig).expanduser()
    return Host(namespace, find_place((file,), secrets.context), loaded)


def check_label(text: str) -> str:
    """The text, if it is a DNS label, as what goes into names and labels of objects has to be.

    Raises:
        click.BadParameter: it is none.
    """
    if not is_label(text):
        raise click.BadParameter(f"{text!r} is not a DNS label: up to 63 lower-case letters, digits and hyphens")
    return text


def _check_is_pod(config: str) -> None:
    from feddns.clusters.kubernetes.credentials import SERVICE_ACCOUNT  # noqa: PLC0415 - kubernetes costs much

    if not SERVICE_ACCOUNT.exists():
        text = f"clusterSecrets in {config} mean the cluster of the pod that feddns runs in, and this is no pod"
        raise MembershipError(f"{text}; name that cluster by --host-context")


def _object_name(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    return None if value is None else check_label(value)
