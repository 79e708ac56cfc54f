"""A way into a scripted API server, for tests of what it is shown there."""

import json
import stat
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from feddns.clusters.kubernetes.access import Access
from feddns.clusters.kubernetes.credentials import Credentials
from tests.clusters.observing import QUICK

SERVICES = "/api/v1/services"


class Entry:
    """A way in under test, with a clock that can be put forward."""

    def __init__(self, credentials: Credentials) -> None:
        self.late_s = 0.0
        self.access = Access(credentials, QUICK, lambda: time.time() + self.late_s)

    async def list(self) -> None:
        async with self.access.get(SERVICES, {}) as answer:
            await answer.read()

    def watch(self) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        return self.access.get(SERVICES, {"watch": "true"})


@asynccontextmanager
async def entering(credentials: Credentials) -> AsyncIterator[Entry]:
    entry = Entry(credentials)
    try:
        yield entry
    finally:
        await entry.access.close()


def a_plugin(folder: Path, status: Mapping[str, Any], then: str = "") -> dict[str, Any]:
    """The user of a kubeconfig whose plugin gives `status`, and notes each time what it was told."""
    program = folder / "plugin"
    answer = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": dict(status)}
    program.write_text(f"""#!{sys.executable}
import os, sys
with open({str(folder / "runs")!r}, "a") as runs:
    print(os.environ["KUBERNETES_EXEC_INFO"], os.environ.get("WHO"), *sys.argv[1:], file=runs)
{then}
print({json.dumps(answer)!r})
""")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "./plugin"}}


def runs(folder: Path) -> list[str]:
    return (folder / "runs").read_text().splitlines()
