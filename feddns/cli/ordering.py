"""What the verbs that give orders, or take them back, have in common."""

import asyncio
import difflib
import getpass
import os
import socket
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.warnings import warn
from feddns.clusters.roster import open_roster
from feddns.config.parse import Loaded
from feddns.errors import OrdersError
from feddns.model.orders import Orders, current
from feddns.model.topology import ClusterName
from feddns.orders.store import OrderStore, open_store
from feddns.orders.telling import freeze_notice

PERSON_VARIABLE: Final = "FEDDNS_USER"

Call = TypeVar("Call", bound=Callable[..., Any])
T = TypeVar("T")


class Ordered(NamedTuple):
    """What was ordered before a change, and what is then."""

    before: Orders
    after: Orders


def cluster_argument(function: Call) -> Call:
    """Give a verb the argument `cluster: str`."""
    return click.argument("cluster")(function)


def force_option(function: Call) -> Call:
    """Give a verb `--force`, as the argument `force: bool`."""
    text = "Do it also where services are left without a healthy shard."
    return click.option("--force", is_flag=True, help=text)(function)


def person() -> str:
    """Who gives an order: what `FEDDNS_USER` says, or the user and the machine."""
    named = os.environ.get(PERSON_VARIABLE)
    if named:
        return named
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # KeyError until Python 3.13: containers often run as a number that has no name
        user = f"uid {os.getuid()}"
    return f"{user}@{socket.gethostname()}"


async def cluster_names(loaded: Loaded, folder: Path) -> tuple[str, ...]:
    """The clusters of the federation.

    Raises:
        ClusterError: it cannot be found out which Secrets bring in.
    """
    configured = tuple(cluster.name for cluster in loaded.settings.clusters)
    roster = open_roster(loaded.settings, folder)
    found = () if roster is None else await roster.read()
    return tuple(dict.fromkeys((*configured, *(member.name for member in found))))


def chosen_cluster(name: str, names: Collection[str], ordered: Iterable[ClusterName] = ()) -> ClusterName:
    """The cluster that a person means.

    Args:
        name: as typed.
        names: of the clusters of the federation.
        ordered: clusters that orders are there for, which may have left.

    Raises:
        OrdersError: there is none of that name; says which there are.
    """
    if name in names or name in set(ordered):
        return ClusterName(name)
    close = difflib.get_close_matches(name, names, 1)
    hint = f'did you mean "{close[0]}"? ' if close else ""
    raise OrdersError(f'there is no cluster "{name}" in the federation; {hint}it has {", ".join(names) or "none"}')


def opened(loaded: Loaded, folder: Path) -> OrderStore:
    """The store that the configuration names."""
    return open_store(loaded.settings.state, folder, loaded.settings.watch)


async def order(store: OrderStore, change: Callable[[Orders], Orders], now: float) -> Ordered:
    """Change what is ordered; drains that have ended by themselves go on the way.

    Raises:
        OrdersError: it could not be changed, or `change` refuses it.
    """
    seen: list[Orders] = []

    def noted(orders: Orders) -> Orders:
        seen.append(current(orders, now))
        return change(seen[-1])

    after = await store.update(noted)
    return Ordered(seen[-1], after)


def order_at_once(loaded: Loaded, folder: Path, change: Callable[[Orders], Orders]) -> Ordered:
    """Carry out an order that needs no look at the clusters."""
    return asyncio.run(order(opened(loaded, folder), change, time.time()))


def take_back(
    config: str,
    cluster: str,
    change: Callable[[Orders, ClusterName], Orders],
    standing: Callable[[Orders], Mapping[ClusterName, T]],
) -> T | None:
    """Take back what is ordered for one cluster.

    Args:
        config: the configuration file.
        cluster: as typed.
        change: the orders without it.
        standing: orders of its kind, by cluster.

    Returns:
        What was ordered; None where nothing was.
    """
    loaded, folder = read_configuration(config, with_provider=False), Path(config).parent
    names = asyncio.run(cluster_names(loaded, folder))
    before, after = order_at_once(
        loaded, folder, lambda orders: change(orders, chosen_cluster(cluster, names, standing(orders)))
    )
    warn_of_freeze(after)
    return standing(before).get(ClusterName(cluster))


def warn_of_freeze(orders: Orders) -> None:
    """Say so where nothing of an order will be seen for now."""
    if orders.freeze is not None:
        warn(f"no answer changes for now: {freeze_notice(orders.freeze)}")
