"""Secrets that probes take headers from, read one by one as they are needed."""

import asyncio
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import msgspec

from feddns.clusters.kubernetes.access import Access
from feddns.clusters.kubernetes.bodies import read_at_most
from feddns.clusters.kubernetes.failures import Refused
from feddns.clusters.wire import Wire
from feddns.errors import ClusterError
from feddns.model.topology import ClusterName

KEPT_S: Final = 60.0
"""Seconds for which what was read counts."""

_FAILURE_KEPT_S: Final = 10.0
_FORGOTTEN_S: Final = 600.0
_FINAL: Final = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
"""Answers about the Secret; others, such as 500 without etcd and 401 with a token that has expired, are none."""
_MOST_OCTETS: Final = 4 * 2**20  # data has at most 1 MiB, in base64, and may stand twice with kubectl's annotation


class _Secret(Wire):
    """The part of a core/v1 Secret in use."""

    data: dict[str, str] | None = None


_DECODER: Final = msgspec.json.Decoder(_Secret)


@dataclass(slots=True)
class _Held:
    """What is known of one Secret; its data never stands in a text.

    Attributes:
        until: when it is read again, where it is asked for.
    """

    until: float = 0.0
    data: Mapping[str, bytes] | None = field(default=None, repr=False)
    error: ClusterError | None = None


class Secrets:
    """Reads Secrets of one cluster, each at most once a minute.

    What was read is given at once, and is meanwhile read again when it is old. While the API server cannot be reached,
    or is in no state to answer, what was read last goes on counting: probes must be able to speak for a cluster that is
    lost.

    Args:
        cluster: its name.
        access: the way to its API server.
        clock: gives seconds since the epoch.
    """

    def __init__(self, cluster: ClusterName, access: Access, clock: Callable[[], float]) -> None:
        self._cluster = cluster
        self._access = access
        self._clock = clock
        self._held: dict[tuple[str, str], _Held] = {}
        self._reading: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def data(self, namespace: str, name: str) -> Mapping[str, bytes]:
        """The data of a Secret, decoded.

        Raises:
            ClusterError: it cannot be read; tells what is missing.
        """
        key = (namespace, name)
        held = self._held.get(key)
        if held is None or self._clock() >= held.until:
            reading = self._read_soon(key)
            if held is None or held.data is None:
                await asyncio.wait([reading])  # which goes on if the one who waits gives up, as others may wait for it
                held = self._held.get(key)
        if held is not None and held.data is not None:
            return held.data
        what = f"cluster {self._cluster}: the Secret {namespace}/{name} was not read before the end"
        raise held.error if held is not None and held.error is not None else ClusterError(what)

    def close(self) -> None:
        """Stop reading."""
        for reading in self._reading.values():
            reading.cancel()

    def _read_soon(self, key: tuple[str, str]) -> asyncio.Task[None]:
        reading = self._reading.get(key)
        if reading is None:
            self._forget(key)
            reading = asyncio.create_task(self._read(key), name=f"{self._cluster}: Secret {'/'.join(key)}")
            self._reading[key] = reading
            reading.add_done_callback(lambda _: self._reading.pop(key, None))
        return reading

    async def _read(self, key: tuple[str, str]) -> None:
        try:
            data = await self._fetch(*key)
        except ClusterError as error:
            before = self._held.get(key)
            is_final = isinstance(error, Refused) and error.status in _FINAL
            last = before.data if before is not None and not is_final else None
            told = self._told(error, *key) if isinstance(error, Refused) else error
            self._held[key] = _Held(self._clock() + _FAILURE_KEPT_S, last, told)
        else:
            self._held[key] = _Held(self._clock() + KEPT_S, data)

    async def _fetch(self, namespace: str, name: str) -> Mapping[str, bytes]:
        async with self._access.get(f"/api/v1/namespaces/{namespace}/secrets/{name}", {}) as answer:
            body = await read_at_most(answer, _MOST_OCTETS)
        try:
            decoded = _DECODER.decode(body or b"").data or {}
            return {key: b64decode(text, validate=True) for key, text in decoded.items()}
        except (msgspec.MsgspecError, ValueError, RecursionError):
            what = f"cluster {self._cluster}: what should be the Secret {namespace}/{name} is none"
            raise ClusterError(what) from None  # the error itself might tell of what is in it

    def _told(self, error: Refused, namespace: str, name: str) -> ClusterError:
        what = f"the Secret {namespace}/{name}, whose keys are to be headers of probes"
        if error.status == HTTPStatus.FORBIDDEN:
            rule = f'{{apiGroups: [""], resources: [secrets], verbs: [get], resourceNames: [{name}]}}'
            text = f"cluster {self._cluster}: feddns may not read {what}; grant that by a Role in {namespace}: {rule}"
            return ClusterError(text)
        if error.status == HTTPStatus.NOT_FOUND:
            return ClusterError(f"cluster {self._cluster} does not have {what}; create it, or name another one")
        return ClusterError(f"cluster {self._cluster}: {what} cannot be read: {error}")

    def _forget(self, wanted: tuple[str, str]) -> None:
        """Drop what nobody has asked for in a long while."""
        late, kept = self._clock() - _FORGOTTEN_S, {wanted, *self._reading}
        for key in [key for key, held in self._held.items() if held.until < late and key not in kept]:
            del self._held[key]
