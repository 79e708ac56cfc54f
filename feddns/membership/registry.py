"""The Secret in the host cluster by which feddns finds a member."""

import difflib
from base64 import b64decode, b64encode
from typing import Any, Final

from feddns.clusters.kubernetes.failures import CredentialsError
from feddns.clusters.kubernetes.kubeconfig import find_context
from feddns.clusters.kubernetes.roster import KEY, LABEL, REGION, ZONES
from feddns.errors import MembershipError
from feddns.membership.account import MANAGED_BY, OURS, Account, Manifest
from feddns.membership.objects import Objects
from feddns.membership.terms import Entry, secret_name

ACCOUNT: Final = "feddns.io/account"
"""Annotation: the account in the member, for `feddns leave`."""


async def host_uid(host: Objects, namespace: str) -> str:
    """The uid of the namespace that the Secrets are in: no other namespace, in whatever cluster, has the same.

    Raises:
        ClusterError: it cannot be looked at.
        MembershipError: it is not there.
    """
    found = await host.find("Namespace", namespace)
    if found is None:
        text = f"{host.place} has no namespace {namespace}; feddns should run there"
        raise MembershipError(f"{text}: make it, or name another by --host-namespace")
    return str(found["metadata"]["uid"])


async def find_secret(host: Objects, namespace: str, cluster: str) -> Manifest | None:
    """The Secret of a cluster.

    Raises:
        ClusterError: it cannot be looked at.
        MembershipError: the cluster comes from a Secret that people have made.
    """
    name = secret_name(cluster)
    for each in await host.listed("Secret", f"{LABEL}={cluster}", namespace):
        other = each["metadata"]["name"]
        if other != name:
            text = f"{host.place} has the cluster {cluster} already, by the Secret {namespace}/{other}"
            raise MembershipError(f"{text}, which feddns join did not make; delete it first, or choose another name")
    found = await host.find("Secret", name, namespace)
    if found is not None and (found["metadata"].get("labels") or {}).get(MANAGED_BY) != OURS:
        text = f"{host.place} has a Secret {namespace}/{name}, which feddns join did not make"
        raise MembershipError(f"{text}; delete it first, or choose another name")
    return found


async def not_joined(host: Objects, namespace: str, cluster: str) -> MembershipError:
    """The error for a cluster that there is no Secret of, with those that there are.

    Raises:
        ClusterError: they cannot be listed.
    """
    secrets = await host.listed("Secret", LABEL, namespace)
    names = sorted({str(each["metadata"]["labels"][LABEL]) for each in secrets})
    close = difflib.get_close_matches(cluster, names, 1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(names) or 'none'}"
    return MembershipError(
        f"no cluster {cluster!r} has joined: {host.place} has no Secret of it in {namespace}; {hint}"
    )


def read_entry(found: Manifest) -> Entry:
    """What a Secret says; of a kubeconfig that cannot be read, nothing."""
    annotations: dict[str, str] = found["metadata"].get("annotations") or {}
    try:
        octets = b64decode((found.get("data") or {}).get(KEY, ""))
        server = str(find_context(octets, secret_name(""), None).cluster["server"])
    except (ValueError, CredentialsError):
        server = ""
    namespace, _, name = annotations.get(ACCOUNT, "").partition("/")
    zones = tuple(filter(None, annotations.get(ZONES, "").split(",")))
    return Entry(server, Account(namespace, name) if name else None, annotations.get(REGION, ""), zones)


def secret(namespace: str, cluster: str, entry: Entry, kubeconfig: bytes) -> Manifest:
    """The Secret of a cluster, with its kubeconfig."""
    said = {ACCOUNT: str(entry.account), REGION: entry.region, ZONES: ",".join(entry.zones)}
    metadata: dict[str, Any] = {
        "name": secret_name(cluster),
        "namespace": namespace,
        "labels": {"app.kubernetes.io/name": "feddns-cluster", MANAGED_BY: OURS, LABEL: cluster},
        "annotations": {key: value for key, value in said.items() if value},
    }
    data = {KEY: b64encode(kubeconfig).decode()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": data}
