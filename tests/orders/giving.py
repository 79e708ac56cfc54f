"""Gives orders without end: `python -m tests.orders.giving FILE COUNT PREFIX` drains COUNT clusters of that prefix."""

import asyncio
import sys
from functools import partial
from pathlib import Path

from feddns.model.orders import Drain, drained
from feddns.model.topology import ClusterName
from feddns.orders.file import FileStore


async def give(file: Path, count: int, prefix: str) -> None:
    """Each drain says in `by` how many of this prefix there are with it."""
    store = FileStore(file, patience_s=60)
    for number in range(count):
        drain = Drain(number, by=str(number + 1))
        cluster = ClusterName(f"{prefix}{number}")
        await store.update(partial(drained, cluster=cluster, drain=drain))
        if not number:
            sys.stdout.write("going\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(give(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
