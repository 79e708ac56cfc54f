"""A thin client of a kube-apiserver for the tests: paths and JSON, and the few verbs that scenarios are told in."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Self

import aiohttp

from tests.lab import objects

REQUEST_PATIENCE = aiohttp.ClientTimeout(total=30)
POLL_PAUSE_S = 0.05
MERGE = "application/merge-patch+json"
STRATEGIC_MERGE = "application/strategic-merge-patch+json"
CONCURRENT = 32  # requests at a time: more only queue in the server


class Refused(Exception):
    """The API server answered with an error.

    Attributes:
        status: the HTTP status.
    """

    def __init__(self, method: str, path: str, status: int, text: str) -> None:
        self.status = status
        super().__init__(f"{method} {path}: {status} {text}")


class Api:
    """The API of one cluster, as one user; open it by `async with`.

    Attributes:
        url: the API server's URL.
        token: the user's bearer token.
    """

    def __init__(self, url: str, token: str, ca: str) -> None:
        self.url = url
        self.token = token
        self._ca = ca
        self._session: aiohttp.ClientSession | None = None

    def as_user(self, token: str) -> "Api":
        """The same API as another user; open it by `async with`."""
        return Api(self.url, token, self._ca)

    async def __aenter__(self) -> Self:
        context = ssl.create_default_context(cafile=self._ca)
        connector = aiohttp.TCPConnector(ssl=context, limit=CONCURRENT)
        self._session = aiohttp.ClientSession(
            self.url,
            connector=connector,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=REQUEST_PATIENCE,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._session is not None
        await self._session.close()

    async def request(self, method: str, path: str, body: object = None, content: str = "application/json") -> Any:
        """Send one request; gives the decoded answer.

        Raises:
            Refused: the status is 400 or more.
            aiohttp.ClientError, TimeoutError: the API server cannot be reached.
        """
        assert self._session is not None, "the API is used inside `async with lab.connect()`"
        headers = {"Content-Type": content}
        async with self._session.request(method, path, json=body, headers=headers) as answer:
            if answer.status >= 400:
                raise Refused(method, path, answer.status, await answer.text())
            return await answer.json(content_type=None)

    async def ready(self) -> bool:
        """Whether the API server says that it is ready."""
        assert self._session is not None
        try:
            async with self._session.get("/readyz", timeout=aiohttp.ClientTimeout(total=2)) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def create(self, manifest: objects.Object) -> Any:
        """Create any object; its path follows from its kind and namespace."""
        return await self.request("POST", objects.collection(manifest), manifest)

    async def create_all(self, manifests: Iterable[objects.Object]) -> None:
        """Create many objects, `CONCURRENT` at a time."""
        await pooled(self.create(manifest) for manifest in manifests)

    async def delete(self, path: str) -> None:
        """Delete an object; that it is not there is fine."""
        try:
            await self.request("DELETE", path)
        except Refused as refused:
            if refused.status != 404:
                raise

    async def deploy(self, namespace: str, name: str, *, replicas: int = 1, zone: str) -> None:
        """Create a Deployment whose pods are placed in one zone and carry the label `app: NAME`."""
        await self.create(objects.deployment(namespace, name, replicas, zone))

    async def expose(self, namespace: str, name: str, *addresses: str, **more: Any) -> None:
        """Create a LoadBalancer Service in front of `app: NAME`, and give its load balancer addresses.

        Args:
            namespace: the Service's namespace.
            name: the Service's name.
            addresses: IP addresses or host names; none for a load balancer that is still pending.
            more: fields of the Service's metadata, such as `annotations`.
        """
        await self.create(objects.service(namespace, name, **more))
        if addresses:
            await self.set_load_balancer(namespace, name, *addresses)

    async def set_load_balancer(self, namespace: str, name: str, *addresses: str) -> None:
        """Give the Service's load balancer these addresses and no others."""
        path = f"/api/v1/namespaces/{namespace}/services/{name}/status"
        await self.request("PATCH", path, {"status": objects.load_balancer(addresses)}, MERGE)

    async def annotate(self, namespace: str, name: str, annotations: Mapping[str, str | None]) -> None:
        """Set annotations of a Service; None removes one."""
        path = f"/api/v1/namespaces/{namespace}/services/{name}"
        await self.request("PATCH", path, {"metadata": {"annotations": annotations}}, MERGE)

    async def scale(self, namespace: str, name: str, replicas: int) -> None:
        """Set the number of a Deployment's pods."""
        path = f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}"
        await self.request("PATCH", path, {"spec": {"replicas": replicas}}, MERGE)

    async def set_ready(self, namespace: str, name: str, *, ready: bool) -> None:
        """Make all pods of `app: NAME` ready or not, as a readiness probe would."""
        pods = await self.request("GET", f"/api/v1/namespaces/{namespace}/pods?labelSelector=app={name}")
        condition = {"type": "Ready", "status": "True" if ready else "False"}
        for pod in pods["items"]:
            path = f"/api/v1/namespaces/{namespace}/pods/{pod['metadata']['name']}/status"
            await self.request("PATCH", path, {"status": {"conditions": [condition]}}, STRATEGIC_MERGE)

    async def ready_endpoints(self, namespace: str, name: str) -> int:
        """How many ready endpoints the Service's EndpointSlices have."""
        selector = f"kubernetes.io/service-name={name}"
        path = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices?labelSelector={selector}"
        slices = await self.request("GET", path)
        endpoints = (endpoint for one in slices["items"] for endpoint in one["endpoints"] or ())
        return sum(endpoint["conditions"].get("ready", True) for endpoint in endpoints)

    async def endpoints_become(self, namespace: str, name: str, count: int, patience_s: float = 30.0) -> None:
        """Wait until the Service has exactly so many ready endpoints.

        Raises:
            TimeoutError: it has not, `patience_s` later.
        """

        async def reached() -> bool:
            return await self.ready_endpoints(namespace, name) == count

        await until(reached, patience_s)


async def until(reached: Callable[[], Awaitable[bool]], patience_s: float) -> None:
    """Wait until a condition of the world holds.

    Raises:
        TimeoutError: it does not, `patience_s` later.
    """
    async with asyncio.timeout(patience_s):
        while not await reached():  # noqa: ASYNC110 - the state is another process's
            await asyncio.sleep(POLL_PAUSE_S)


async def pooled(work: Iterable[Awaitable[object]]) -> None:
    """Do all of a stream of work, `CONCURRENT` pieces at a time."""
    pieces = iter(work)

    async def worker() -> None:
        for piece in pieces:
            await piece

    async with asyncio.TaskGroup() as group:
        for _ in range(CONCURRENT):
            group.create_task(worker())
