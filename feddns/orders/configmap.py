"""Orders in a ConfigMap, for feddns inside of a cluster: changed by compare and swap, and watched."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from typing import Any, Final

import msgspec

from feddns.clusters.backoff import Backoff
from feddns.clusters.kubernetes.access import Access
from feddns.clusters.kubernetes.bodies import read_at_most
from feddns.clusters.kubernetes.credentials import Credentials
from feddns.clusters.kubernetes.failures import Refused, Unreachable
from feddns.clusters.kubernetes.following import MOST_OCTETS, Objects, decoded, follow
from feddns.clusters.wire import Metadata, Wire
from feddns.config.settings import WatchSettings
from feddns.errors import ClusterError, OrdersError
from feddns.model.orders import Orders
from feddns.orders.bulletin import Bulletin
from feddns.orders.document import OrdersText, read_orders

KEY: Final = "orders.json"
"""Of the ConfigMap's data."""

_LONGEST_PAUSE_S: Final = 5.0
_PASSING: Final = frozenset({HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS})


class _ConfigMap(Wire):
    """The part of a core/v1 ConfigMap in use."""

    metadata: Metadata
    data: dict[str, str] | None = None


class ConfigMapStore:
    """See `feddns.orders.store.OrderStore`; no ConfigMap, or none with the key `orders.json`, is no orders.

    Args:
        namespace: of the ConfigMap, which must be there.
        name: of the ConfigMap, which is made with the first order.
        credentials: of the cluster.
        watch: time limits.
        patience_s: seconds for one change, however many others change it at the same time.
    """

    def __init__(
        self, namespace: str, name: str, credentials: Credentials, watch: WatchSettings, patience_s: float = 10.0
    ) -> None:
        self.known = asyncio.Event()
        self._namespace = namespace
        self._name = name
        self._path = f"/api/v1/namespaces/{namespace}/configmaps"
        self._credentials = credentials
        self._watch = watch
        self._patience_s = patience_s

    def describe(self) -> str:
        """See `OrderStore`."""
        return f"the ConfigMap {self._namespace}/{self._name}"

    async def read(self) -> Orders:
        """See `OrderStore`."""
        with self._explaining():
            async with self._access() as access:
                return self._text(await self._get(access)).orders

    async def update(self, change: Callable[[Orders], Orders]) -> Orders:
        """See `OrderStore`."""
        clock = asyncio.get_running_loop().time
        ends, backoff = clock() + self._patience_s, Backoff(_LONGEST_PAUSE_S)
        with self._explaining():
            async with self._access() as access:
                while True:
                    try:
                        return await self._swap(access, change)
                    except (Unreachable, Refused) as error:
                        # A write that no answer came to is tried again too: a change that is made changes no more.
                        asked_s = error.retry_after_s if isinstance(error, Refused) else 0.0
                        pause_s = backoff.failed(asked_s)
                        if not _is_passing(error) or clock() + pause_s > ends:
                            raise
                        await asyncio.sleep(pause_s)

    async def watch(self, seen: Callable[[Orders], None]) -> None:
        """See `OrderStore`.

        Each time that the watch ends, all is listed again; where watching is not allowed, that is what is left.
        """
        bulletin = Bulletin(self.describe(), self.known, seen)

        def trouble(error: ClusterError) -> None:
            bulletin.trouble(str(self._explained(error)))

        wanted = Objects(self._path, {"fieldSelector": f"metadata.name={self._name}"})
        async with self._access() as access:
            await follow(access, wanted, _Reading(self._text, bulletin), self._watch, trouble)

    @asynccontextmanager
    async def _access(self) -> AsyncIterator[Access]:
        access = Access(self._credentials, self._watch, time.time)
        try:
            yield access
        finally:
            await access.close()

    async def _get(self, access: Access) -> dict[str, Any] | None:
        """The whole object as it is; None where there is none."""
        try:
            async with access.get(f"{self._path}/{self._name}", {}) as answer:
                return decoded(await read_at_most(answer, MOST_OCTETS), dict[str, Any])
        except Refused as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    async def _swap(self, access: Access, change: Callable[[Orders], Orders]) -> Orders:
        found = await self._get(access)
        text = self._text(found)
        orders = change(text.orders)
        if orders == text.orders:
            return orders
        data = {KEY: OrdersText(orders, text.others).encoded().decode()}
        if found is None:
            meta = {"namespace": self._namespace, "name": self._name}
            await access.post(self._path, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data})
        else:
            # As a whole, so that its resourceVersion goes with it, which is what is compared.
            body = {**found, "data": {**(found.get("data") or {}), **data}}
            await access.put(f"{self._path}/{self._name}", body)
        return orders

    def _text(self, found: dict[str, Any] | None) -> OrdersText:
        if found is None:
            return OrdersText()
        try:
            data = msgspec.convert(found, _ConfigMap).data or {}
        except msgspec.ValidationError as error:
            raise OrdersError(f"{self.describe()} cannot be read: {error}") from None
        return read_orders(data[KEY].encode(), f"{self.describe()}, {KEY}") if KEY in data else OrdersText()

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except ClusterError as error:
            raise self._explained(error) from None

    def _explained(self, error: ClusterError) -> OrdersError:
        if isinstance(error, Refused) and error.status == HTTPStatus.FORBIDDEN:
            return OrdersError(
                f"{self.describe()} may not be used: {error}. A Role in the namespace {self._namespace} must allow "
                f"get, list, watch and update of configmaps with resourceNames: [{self._name}], and create of them"
            )
        return OrdersError(f"{self.describe()} cannot be used: {error}")


class _Reading:
    """What is told of the ConfigMap, as orders."""

    def __init__(self, text: Callable[[dict[str, Any] | None], OrdersText], bulletin: Bulletin) -> None:
        self._text = text
        self._bulletin = bulletin

    def listed(self, objects: Sequence[msgspec.Raw]) -> None:
        """See `Followed`."""
        self._take(objects[0] if objects else None)

    def put(self, each: msgspec.Raw) -> None:
        """See `Followed`."""
        self._take(each)

    def gone(self, each: msgspec.Raw) -> None:
        """See `Followed`."""
        del each
        self._take(None)

    def _take(self, item: msgspec.Raw | None) -> None:
        try:
            self._bulletin.tell(self._text(None if item is None else decoded(bytes(item), dict[str, Any])).orders)
        except OrdersError as error:
            self._bulletin.trouble(str(error))


def _is_passing(error: Unreachable | Refused) -> bool:
    return isinstance(error, Unreachable) or error.status in _PASSING or error.status >= 500
