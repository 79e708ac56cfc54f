"""A laptop with contexts of the lab's clusters, of which asia hosts feddns, and the command line on it."""

import asyncio
import base64
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from feddns.membership.account import Account
from tests.lab.api import Api, Refused
from tests.lab.cluster import Cluster
from tests.lab.federation import Lab

RBAC = "/apis/rbac.authorization.k8s.io/v1"
HOST = "asia"


class Done(NamedTuple):
    """What a verb has said."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """What it has said as JSON."""
        return json.loads(self.out)


@dataclass
class Laptop:
    """Where `feddns join` is typed; the account and the Secrets are in namespaces that no other test has.

    Attributes:
        files: what KUBECONFIG has.
    """

    lab: Lab
    namespace: str
    folder: Path
    files: list[Path]

    @property
    def account(self) -> Account:
        return Account(self.namespace, f"member-{self.namespace}")

    @property
    def options(self) -> tuple[str, ...]:
        """The host cluster and the account."""
        host = (f"--host-context={HOST}", f"--host-namespace={self.namespace}")
        return (*host, f"--namespace={self.namespace}", f"--account={self.account.name}")

    async def feddns(self, *arguments: str) -> Done:
        """Run a verb as a process."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "feddns", *arguments),
            cwd=self.folder,
            env={**os.environ, "KUBECONFIG": os.pathsep.join(map(str, self.files)), "FEDDNS_LOG": "json"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 60)
        return Done(process.returncode or 0, out.decode(), err.decode())

    async def join(self, cluster: str, *more: str) -> Done:
        """Have a cluster of the lab join under its own name, unless `more` has another `--name`."""
        name = () if any(each.startswith("--name=") for each in more) else (f"--name={cluster}",)
        return await self.feddns("join", cluster, *name, *self.options, *more)

    async def leave(self, cluster: str, *more: str) -> Done:
        """Have a cluster leave, although nothing here tells what is lost by that."""
        return await self.feddns("leave", cluster, *self.options, "--force", *more)

    async def secret(self, cluster: str) -> dict[str, Any] | None:
        """The Secret of a cluster in the host cluster."""
        return await found(self.lab[HOST].api, f"/api/v1/namespaces/{self.namespace}/secrets/feddns-cluster-{cluster}")

    async def kubeconfig(self, cluster: str) -> dict[str, Any]:
        """The kubeconfig in that Secret."""
        secret = await self.secret(cluster)
        assert secret is not None
        config: dict[str, Any] = yaml.safe_load(base64.b64decode(secret["data"]["kubeconfig"]))
        return config

    async def token(self, cluster: str) -> str:
        """The account's token, as feddns gets it."""
        token: str = (await self.kubeconfig(cluster))["users"][0]["user"]["token"]
        return token

    async def objects(self, cluster: str) -> set[str]:
        """What there is of the account in a cluster."""
        name, inside = self.account.name, f"/api/v1/namespaces/{self.namespace}"
        paths = {
            "ServiceAccount": f"{inside}/serviceaccounts/{name}",
            "Secret": f"{inside}/secrets/{name}-token",
            "Secret 2": f"{inside}/secrets/{name}-token-2",
            "ClusterRole": f"{RBAC}/clusterroles/{name}",
            "ClusterRoleBinding": f"{RBAC}/clusterrolebindings/{name}",
            "Role": f"{RBAC}/namespaces/{self.namespace}/roles/{name}-probe-headers",
            "RoleBinding": f"{RBAC}/namespaces/{self.namespace}/rolebindings/{name}-probe-headers",
        }
        api = self.lab[cluster].api
        return {what for what, path in paths.items() if await found(api, path) is not None}


async def found(api: Api, path: str) -> dict[str, Any] | None:
    """One object; None where there is none."""
    try:
        value: dict[str, Any] = await api.request("GET", path)
    except Refused as refused:
        if refused.status != 404:
            raise
        return None
    return value


async def status(api: Api, token: str, *request: Any) -> int:
    """The HTTP status that the bearer of a token gets for a method, a path and perhaps a body."""
    async with api.as_user(token) as bearer:
        return await status_of(bearer, *request)


async def status_of(bearer: Api, method: str, path: str, body: object = None) -> int:
    """The same of an API that is open."""
    content = "application/merge-patch+json" if method == "PATCH" else "application/json"
    try:
        await bearer.request(method, path, body, content)
    except Refused as refused:
        return refused.status
    return 200


def contexts(folder: Path, *clusters: Cluster, token: str | None = None) -> Path:
    """A kubeconfig with one context for each of these clusters, as their administrator or with another token."""
    config: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "clusters": [], "users": [], "contexts": []}
    for cluster in clusters:
        own = yaml.safe_load(cluster.kubeconfig.read_text())
        for part in ("clusters", "users", "contexts"):
            config[part] += own[part]
    for user in config["users"] if token is not None else ():
        user["user"] = {"token": token}
    file = folder / f"{'-'.join(cluster.name for cluster in clusters)}.contexts"
    file.write_text(yaml.safe_dump(config))
    return file


@pytest.fixture
async def laptop(lab: Lab, namespace: str, tmp_path: Path) -> AsyncIterator[Laptop]:
    """KUBECONFIG names two files, one with us and asia, one with eu."""
    files = [contexts(tmp_path, lab["us"], lab["asia"]), contexts(tmp_path, lab["eu"])]
    made = Laptop(lab, namespace, tmp_path, files)
    yield made
    await lab.heal()
    for cluster in lab.clusters.values():
        for kind in ("clusterrolebindings", "clusterroles"):
            await cluster.api.delete(f"{RBAC}/{kind}/{made.account.name}")
