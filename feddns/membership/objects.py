"""Objects of one cluster, looked at, made and deleted by whoever runs the command."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from http import HTTPStatus
from typing import Final

import msgspec

from feddns.clock import STEADY
from feddns.clusters.kubernetes.access import Access
from feddns.clusters.kubernetes.bodies import read_at_most
from feddns.clusters.kubernetes.credentials import Credentials, InCluster, Kubeconfig
from feddns.clusters.kubernetes.failures import Refused
from feddns.clusters.kubernetes.following import MOST_OCTETS, decoded, list_objects
from feddns.config.settings import WatchSettings
from feddns.errors import MembershipError
from feddns.membership.account import Claim, Manifest
from feddns.membership.contexts import Place

FIELD_MANAGER: Final = "feddns"

_RBAC: Final = "/apis/rbac.authorization.k8s.io/v1"
_ROOTS: Final = {
    "Namespace": ("/api/v1", "namespaces"),
    "Secret": ("/api/v1", "secrets"),
    "ServiceAccount": ("/api/v1", "serviceaccounts"),
    "ClusterRole": (_RBAC, "clusterroles"),
    "ClusterRoleBinding": (_RBAC, "clusterrolebindings"),
    "Role": (_RBAC, "roles"),
    "RoleBinding": (_RBAC, "rolebindings"),
}
_PATIENT: Final = WatchSettings(connect_timeout=15.0)  # a credential plugin may have to think; a person waits


class Objects:
    """Reads, applies and deletes objects of one cluster.

    Args:
        place: the cluster, for people, such as `the cluster of context us`.
        access: the way to its API server.
    """

    def __init__(self, place: str, access: Access) -> None:
        self.place = place
        self._access = access

    async def find(self, kind: str, name: str, namespace: str = "") -> Manifest | None:
        """One object; None where there is none.

        Raises:
            ClusterError: it cannot be read.
        """
        try:
            async with self._access.get(f"{collection(kind, namespace)}/{name}", {}) as answer:
                return decoded(await read_at_most(answer, MOST_OCTETS), Manifest)
        except Refused as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    async def listed(self, kind: str, selector: str, namespace: str = "") -> list[Manifest]:
        """All objects of a kind that a label selector selects, in one namespace or in all.

        Raises:
            ClusterError: they cannot be listed.
        """
        found, _ = await list_objects(self._access, collection(kind, namespace), {"labelSelector": selector})
        return [{**decoded(bytes(each), Manifest), "kind": kind} for each in found]  # which items of a list do not have

    async def apply(self, manifest: Manifest) -> Manifest:
        """Have an object be as it should; gives it as it is then.

        Raises:
            ClusterError: it cannot be applied.
        """
        return decoded(await self._access.apply(path_of(manifest), manifest, FIELD_MANAGER), Manifest)

    async def apply_own(self, manifest: Manifest, claim: Claim) -> Manifest:
        """The same for an object of an account, which may be there already, but then as part of the same.

        Raises:
            ClusterError: it cannot be read or applied.
            MembershipError: it is another's.
        """
        metadata = manifest["metadata"]
        found = await self.find(manifest["kind"], metadata["name"], metadata.get("namespace", ""))
        objection = claim.objection(found) if found is not None else ""
        if objection:
            text = f"{self.place} has the {named(manifest)} already, and {objection}"
            hint = "give the account another name by --account, or let that one leave first"
            if found is not None and not msgspec.structs.replace(claim, replaces=True).objection(found):
                hint += ", or, if that federation is no more, take it over by --replace"
            raise MembershipError(f"{text}; {hint}")
        return await self.apply(manifest)

    async def remove(self, found: Manifest) -> None:
        """Delete an object that was found; that it is gone already is fine.

        Raises:
            ClusterError: it cannot be deleted.
        """
        try:
            await self._access.delete(path_of(found), found["metadata"]["uid"])
        except Refused as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise

    async def request_token(self, namespace: str, name: str, lifetime_s: int) -> Manifest:
        """Ask for a token of a ServiceAccount that ends; gives the answer's status, which is secret.

        Raises:
            ClusterError: there is none.
        """
        spec = {"expirationSeconds": lifetime_s}
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        path = f"{collection('ServiceAccount', namespace)}/{name}/token"
        status: Manifest = decoded(await self._access.post(path, body), Manifest)["status"]
        return status

    async def may_list(self, path: str) -> None:
        """List one object, for nothing but to see whether that is allowed.

        Raises:
            ClusterError: it is not, or the API server cannot be asked.
        """
        async with self._access.get(path, {"limit": "1"}) as answer:
            await read_at_most(answer, MOST_OCTETS)


@asynccontextmanager
async def opened(place: str, credentials: Credentials) -> AsyncIterator[Objects]:
    """The objects of a cluster, for as long as the context lasts."""
    access = Access(credentials, _PATIENT, STEADY)
    try:
        yield Objects(place, access)
    finally:
        await access.close()


def at(place: Place | None, what: str) -> AbstractAsyncContextManager[Objects]:
    """The objects of the cluster that a context leads to; None for the cluster of the pod that this runs in.

    Args:
        place: the context.
        what: the cluster, for people.
    """
    if place is None:
        return opened(what, InCluster())
    return opened(f"{what} (context {place.context})", Kubeconfig(*place))


def collection(kind: str, namespace: str = "") -> str:
    """The path of all objects of a kind."""
    root, plural = _ROOTS[kind]
    return f"{root}/namespaces/{namespace}/{plural}" if namespace else f"{root}/{plural}"


def path_of(manifest: Manifest) -> str:
    """The path of one object."""
    metadata = manifest["metadata"]
    return f"{collection(manifest['kind'], metadata.get('namespace', ''))}/{metadata['name']}"


def named(manifest: Manifest) -> str:
    """An object for people, such as `ServiceAccount feddns/feddns-member`."""
    metadata = manifest["metadata"]
    return f"{manifest['kind']} {'/'.join(filter(None, (metadata.get('namespace'), metadata['name'])))}"
