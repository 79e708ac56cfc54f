"""What `feddns drain` and `feddns evict` have in common: they look first, and leave no service without a shard."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from feddns.cli.ordering import Ordered, chosen_cluster, cluster_names, opened, order, warn_of_freeze
from feddns.cli.warnings import warn
from feddns.clock import STEADY
from feddns.config.parse import Loaded
from feddns.errors import OrdersError, ProviderError
from feddns.model.decisions import Decision
from feddns.model.evidence import ClusterState, Sight
from feddns.model.few import few
from feddns.model.orders import Orders
from feddns.model.topology import ClusterName
from feddns.orders.outlook import Outlook, outlook

_NAMED: Final = 20


class Look(NamedTuple):
    """What was found when a person asked to leave a cluster.

    Attributes:
        decisions: on every service, of all targets.
        hidden: the clusters that cannot be seen.
        unread: why a zone could not be read, so that services which hidden clusters alone have are not known.
    """

    decisions: Sequence[Decision]
    hidden: tuple[ClusterState, ...]
    unread: tuple[str, ...]


class Leave(NamedTuple):
    """An order that a cluster be left.

    Attributes:
        verb: of the command line.
        cluster: as typed.
        forced: whether it holds also where a service is left without a healthy shard.
        given: the orders with it, of those without it, the cluster, and the time.
    """

    verb: str
    cluster: str
    forced: bool
    given: Callable[[Orders, ClusterName, float], Orders]


def leave(loaded: Loaded, folder: Path, asked: Leave) -> tuple[Ordered, Outlook]:
    """Look at all clusters, and give the order where no service is left without a healthy shard, or it is forced.

    Returns:
        What is ordered then, and what depends on the cluster.

    Raises:
        OrdersError: the order is refused; names the services.
        ClusterError: it cannot be found out which clusters there are.
    """
    return asyncio.run(_leave(loaded, folder, asked))


async def _leave(loaded: Loaded, folder: Path, asked: Leave) -> tuple[Ordered, Outlook]:
    cluster = chosen_cluster(asked.cluster, await cluster_names(loaded, folder))
    store = opened(loaded, folder)
    await store.read()  # whatever is wrong with it is better told before the long look
    look = await _look(loaded, folder)
    now = round(time.time(), 3)

    def seen(orders: Orders) -> Outlook:
        return outlook(look.decisions, cluster, orders, loaded.settings.dns.ttl, now)

    def objections(orders: Orders) -> list[str]:
        others = (state for state in look.hidden if state.name != cluster and not orders.is_leaving(state.name, now))
        return [*losses(seen(orders), others), *_gaps(cluster, look)]

    def change(orders: Orders) -> Orders:
        reasons = objections(orders)
        if reasons and not asked.forced:
            raise OrdersError(_refusal(asked, reasons))
        return asked.given(orders, cluster, now)

    ordered = await order(store, change, now)
    warn(*objections(ordered.before))
    warn_of_freeze(ordered.after)
    return ordered, seen(ordered.before)


async def _look(loaded: Loaded, folder: Path) -> Look:
    from feddns.cli.opening import acting  # noqa: PLC0415 - what watches clusters, only when it is needed
    from feddns.controller import once  # noqa: PLC0415 - likewise

    async with acting(loaded, folder, told=True) as federation:
        planned = await once.each(federation.targets, once.plan)
        states = federation.observatory.views.states(STEADY())
        hidden = tuple(state for state in states if state.sight is not Sight.VISIBLE)
        unread = tuple(
            f"the zone of {name} cannot be read: {found}"
            for name, found in planned.items()
            if isinstance(found, ProviderError)
        )
        decisions = once.all_decisions(planned) or once.decide_all(federation.observatory)
        return Look(decisions, hidden, unread)


def losses(found: Outlook, hidden: Iterable[ClusterState]) -> Iterator[str]:
    """Which services would be left alone, and which clusters might help if they could be seen."""
    keys = found.bereft
    if not keys:
        return
    services = "service" if len(keys) == 1 else "services"
    yield f"{len(keys)} {services} would be left without a healthy shard: {few(keys, _NAMED)}"
    for state in hidden:
        yield f"cluster {state.name} cannot be seen, so its shards are not known to be healthy: {state.reason}"


def _gaps(cluster: ClusterName, look: Look) -> Iterator[str]:
    """Why it is not known which services the cluster alone has."""
    if any(state.name == cluster for state in look.hidden):
        yield from (f"services that only {cluster} has are not known: {text}" for text in look.unread)


def _refusal(asked: Leave, reasons: Sequence[str]) -> str:
    first, *rest = reasons
    hint = f"`feddns {asked.verb} {asked.cluster} --force` does it all the same"
    return "\n".join([f"{asked.verb} is refused: {first}", *rest, hint])
