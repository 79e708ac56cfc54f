"""A Lease (coordination.k8s.io/v1) as the API server has it: read, made and replaced by compare and swap."""

from http import HTTPStatus
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from feddns.clusters.kubernetes.access import Access
from feddns.clusters.kubernetes.bodies import read_at_most
from feddns.clusters.kubernetes.failures import Refused
from feddns.clusters.kubernetes.following import MOST_OCTETS, decoded
from feddns.clusters.wire import Metadata, Wire
from feddns.errors import ClusterError

COLLECTION: Final = "/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"


class Spec(Wire, omit_defaults=True):
    """What a Lease says.

    Attributes:
        holder_identity: who holds it; nobody, where it was released.
        lease_duration_seconds: how long after its last change others have to wait.
        acquire_time: since when; for people, as no two clocks agree.
        renew_time: when it was last renewed; likewise.
        lease_transitions: how often it went to another holder.
    """

    holder_identity: str | None = None
    lease_duration_seconds: int | None = None
    acquire_time: str | None = None
    renew_time: str | None = None
    lease_transitions: int | None = None


class _Lease(Wire):
    """The part of a Lease in use."""

    metadata: Metadata
    spec: Spec | None = None


class Lease(NamedTuple):
    """A Lease that was found.

    Attributes:
        whole: the object, with all that others may have put into it.
        version: of the object; it changes with each write.
        spec: what it says.
    """

    whole: dict[str, Any]
    version: str
    spec: Spec

    @property
    def holder(self) -> str:
        """Who holds it; empty where nobody does."""
        return self.spec.holder_identity or ""


class Leases(Protocol):
    """Where the one Lease is kept."""

    async def get(self) -> Lease | None:
        """The Lease; None where there is none.

        Raises:
            ClusterError: it cannot be known.
        """

    async def create(self, spec: Spec) -> Lease:
        """Make it.

        Raises:
            Refused: it was not made; with status 409 where there is one.
            ClusterError: it may or may not have been made.
        """

    async def replace(self, lease: Lease, spec: Spec) -> Lease:
        """Have it say something else, if it is still as it was found.

        Raises:
            Refused: it was not replaced; with status 409 where it had changed, and 404 where it is gone.
            ClusterError: it may or may not have been replaced.
        """


class ApiLeases:
    """See `Leases`.

    Args:
        access: the way to the API server.
        namespace: of the Lease; it must be there.
        name: of the Lease.
    """

    def __init__(self, access: Access, namespace: str, name: str) -> None:
        self._access = access
        self._collection = COLLECTION.format(namespace=namespace)
        self._path = f"{self._collection}/{name}"
        self._name = name

    async def get(self) -> Lease | None:
        """See `Leases`."""
        try:
            async with self._access.get(self._path, {}) as answer:
                return read_lease(await read_at_most(answer, MOST_OCTETS))
        except Refused as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    async def create(self, spec: Spec) -> Lease:
        """See `Leases`."""
        head = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": self._name}}
        return read_lease(await self._access.post(self._collection, {**head, "spec": msgspec.to_builtins(spec)}))

    async def replace(self, lease: Lease, spec: Spec) -> Lease:
        """See `Leases`; what it says beside `spec` stays."""
        said = {**(lease.whole.get("spec") or {}), **dict.fromkeys(Spec.__struct_encode_fields__)}
        body = {**lease.whole, "spec": said | msgspec.to_builtins(spec)}
        return read_lease(await self._access.put(self._path, body))


def read_lease(octets: bytes | None) -> Lease:
    """A Lease as an API server tells it.

    Raises:
        ClusterError: it is none.
    """
    whole = decoded(octets, dict[str, Any])
    try:
        typed = msgspec.convert(whole, _Lease)
    except msgspec.ValidationError as error:
        raise ClusterError(f"what should be a Lease is none: {error}") from None
    return Lease(whole, typed.metadata.resource_version, typed.spec or Spec())
