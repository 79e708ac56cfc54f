"""`feddns leave`: a cluster is one of the federation no more."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from feddns.cli.hosting import Host, HostOptions, account_options, find_host, host_options, kubeconfig_option
from feddns.cli.leaving import losses
from feddns.cli.options import Output, common_options
from feddns.cli.ordering import force_option
from feddns.cli.output import emit
from feddns.cli.warnings import warn
from feddns.clock import STEADY
from feddns.config.host import ClusterSecretsSettings
from feddns.config.parse import Loaded
from feddns.errors import MembershipError, OrdersError
from feddns.membership.account import Account
from feddns.membership.contexts import Place, find_place, kubeconfig_files
from feddns.membership.terms import Left
from feddns.model.evidence import Sight
from feddns.model.orders import NO_ORDERS, Orders
from feddns.model.printable import printable
from feddns.model.topology import ClusterName
from feddns.orders.outlook import outlook
from feddns.orders.store import OrderStore


@click.command("leave")
@common_options
@click.argument("name")
@click.option("--context", metavar="CONTEXT", help="The cluster itself, to delete the account there as well.")
@kubeconfig_option
@account_options
@host_options
@force_option
def command(config: str, output: Output, name: str, context: str | None, **asked: Any) -> None:
    """Have the cluster NAME leave: delete its Secret in the host cluster, then the account in the cluster.

    feddns then takes its addresses out of every answer at once. `feddns drain` before has its clients leave in good
    order. It is refused where a service would be left without a healthy shard.
    """
    hosted = HostOptions(asked["host_context"], asked["host_kubeconfig"], asked["host_namespace"])
    host = find_host(config, hosted, asked["kubeconfig"])
    place = None if context is None else find_place(kubeconfig_files(asked["kubeconfig"]), context)
    objections = asyncio.run(_objections(host, Path(config).parent, ClusterName(name)))
    if objections and not asked["force"]:
        hint = f"`feddns leave {name} --force` does it all the same"
        raise MembershipError("\n".join([f"leave is refused: {objections[0]}", *objections[1:], hint]))
    warn(*objections)
    left = asyncio.run(_leave(host, name, place, _account(asked["namespace"], asked["account"])))
    emit(left, output, lambda _: "\n".join(map(printable, _lines(left))))
    if left.failed:
        raise MembershipError(f"the account {left.account} remains: {left.remains}; leave again once that is mended")


def _account(namespace: str | None, name: str | None) -> Account | None:
    """The account that the command line names; None where it does not."""
    default = Account()
    return None if namespace is name is None else Account(namespace or default.namespace, name or default.name)


async def _objections(host: Host, folder: Path, cluster: ClusterName) -> Sequence[str]:
    """Why the cluster had better stay."""
    if host.loaded is None:
        return ("there is no configuration here, so it is not known which services only this cluster has",)
    from feddns.cli.opening import looking  # noqa: PLC0415 - what watches clusters, only when it is needed
    from feddns.controller import once  # noqa: PLC0415 - likewise

    loaded = _hosted(host.loaded, host)
    async with looking(loaded, folder) as seen:
        states = seen.views.states(STEADY())
        orders = await _orders(seen.orders)
        found = outlook(once.decide_all(seen), cluster, orders, loaded.settings.dns.ttl, STEADY())
    hidden = [state for state in states if state.sight is not Sight.VISIBLE]
    unknown = [
        f"cluster {cluster} cannot be seen, so it is not known which services only it has: {state.reason}"
        for state in hidden
        if state.name == cluster
    ]
    return [*losses(found, (state for state in hidden if state.name != cluster)), *unknown]


async def _orders(store: OrderStore) -> Orders:
    try:
        return await store.read()
    except OrdersError:  # which is warned of already
        return NO_ORDERS


def _hosted(loaded: Loaded, host: Host) -> Loaded:
    """The configuration with the way to the host cluster that leads there from here."""
    if host.place is None:
        return loaded
    file, context = host.place
    secrets = ClusterSecretsSettings(namespace=host.namespace, kubeconfig=str(file.absolute()), context=context)
    return msgspec.structs.replace(loaded, settings=msgspec.structs.replace(loaded.settings, cluster_secrets=secrets))


async def _leave(host: Host, name: str, place: Place | None, account: Account | None) -> Left:
    from feddns.membership.leaving import leave  # noqa: PLC0415 - kubernetes costs a second
    from feddns.membership.objects import at  # noqa: PLC0415 - likewise

    async with at(host.place, "the host cluster") as hosting:
        if place is None:
            return await leave(hosting, host.namespace, name, None, account)
        async with at(place, "the cluster") as member:
            return await leave(hosting, host.namespace, name, member, account)


def _lines(left: Left) -> Iterator[str]:
    if left.secret:
        yield f"{left.cluster} has left: the Secret {left.secret} in the host cluster is deleted"
        yield "feddns takes its addresses out of the answers as soon as it sees all other clusters, within its budgets"
    if not left.remains:
        yield f"the account {left.account} and its token are deleted; its namespace stays"
    elif not left.failed:
        namespace, _, name = left.account.partition("/")
        named = "" if left.account == str(Account()) else f" --namespace {namespace} --account {name}"
        yield f"the account {left.account} may still be there: {left.remains}"
        yield f"`feddns leave {left.cluster} --context CONTEXT{named}` deletes it"
