"""The account that feddns has in a member: what it is called, what it may do, and the objects that make it.

The chart `feddns-member` makes the same objects; tests hold the two together.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

Manifest = dict[str, Any]
"""An object as the Kubernetes API takes it."""

NAME: Final = "feddns-member"
"""Of an account, by default; `feddns` may be what the ServiceAccount of feddns itself is called."""
NAMESPACE: Final = "feddns"

CLUSTER: Final = "feddns.io/cluster"
"""Annotation of all objects: the name by which the cluster joins."""
HOST: Final = "feddns.io/host"
"""Annotation of all objects: the uid of the namespace in the host cluster whose Secret leads here."""
MANAGED_BY: Final = "app.kubernetes.io/managed-by"
OURS: Final = "feddns"
SERVICE_ACCOUNT: Final = "kubernetes.io/service-account.name"

LABELS: Final = {"app.kubernetes.io/name": "feddns-member", MANAGED_BY: OURS}

_RBAC: Final = "rbac.authorization.k8s.io"
_SEEN: Final = ("list", "watch")


class Account(msgspec.Struct, frozen=True, gc=False):
    """A ServiceAccount.

    Attributes:
        namespace: of the ServiceAccount, and of the Secret with its token.
        name: of the ServiceAccount and of all that it is bound by.
    """

    namespace: str = NAMESPACE
    name: str = NAME

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class Grants(msgspec.Struct, frozen=True, gc=False):
    """What the account may do beyond reading Services, their endpoints, and `/readyz`.

    Attributes:
        nodes: read nodes, which tell region and zones.
        events: create Events, and count them up, which tell the owners of Services about mistakes and failovers.
        headers: by namespace, the names of Secrets to read, which probes take headers from.
    """

    nodes: bool = True
    events: bool = False
    headers: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Claim(msgspec.Struct, frozen=True, gc=False):
    """Whose an account is, so that nobody takes it away from another.

    Attributes:
        cluster: the name by which the cluster joins.
        host: the uid of the namespace in the host cluster that its Secret is in; empty while that is not known.
        replaces: whether what another federation has may be taken over.
    """

    cluster: str
    host: str = ""
    replaces: bool = False

    def annotations(self) -> dict[str, str]:
        """As objects bear it."""
        return {CLUSTER: self.cluster} | ({HOST: self.host} if self.host else {})

    def objection(self, found: Mapping[str, Any]) -> str:
        """Why an object that is there is not this claim's; empty if it is."""
        metadata = found.get("metadata") or {}
        keeper = (metadata.get("labels") or {}).get(MANAGED_BY)
        if keeper != OURS:
            return f"it was not made by feddns, but by {keeper or 'somebody else'}"
        annotations = metadata.get("annotations") or {}
        cluster, host = annotations.get(CLUSTER, self.cluster), annotations.get(HOST, self.host)
        if host != self.host:
            return "" if self.replaces else f"it belongs to another federation, which calls this cluster {cluster!r}"
        return "" if cluster == self.cluster else f"the federation calls this cluster {cluster!r} already"


def token_names(account: Account) -> tuple[str, str]:
    """What the Secret with the token is called; the two take turns when the token is replaced."""
    return f"{account.name}-token", f"{account.name}-token-2"


def rules(grants: Grants) -> list[dict[str, Any]]:
    """The rules of the ClusterRole: Kubernetes has no way to list something of all namespaces with less."""
    made = [
        {"apiGroups": [""], "resources": ["services"], "verbs": list(_SEEN)},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": list(_SEEN)},
    ]
    if grants.nodes:
        made.append({"apiGroups": [""], "resources": ["nodes"], "verbs": list(_SEEN)})
    if grants.events:
        made.append({"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]})
    # Most clusters grant it to everyone (system:public-info-viewer); hardened ones take that away.
    return [*made, {"nonResourceURLs": ["/readyz"], "verbs": ["get"]}]


def manifests(account: Account, grants: Grants, claim: Claim) -> Iterator[Manifest]:
    """All objects but the namespace and the token, in the order in which they are to be made."""
    name = account.name
    yield {
        **_head("v1", "ServiceAccount", name, claim, account.namespace),
        "automountServiceAccountToken": False,  # no pod of the member is to be it
    }
    yield {**_head(f"{_RBAC}/v1", "ClusterRole", name, claim), "rules": rules(grants)}
    yield {**_head(f"{_RBAC}/v1", "ClusterRoleBinding", name, claim), **_bound("ClusterRole", account, name)}
    for namespace, secrets in grants.headers:
        role = f"{name}-probe-headers"
        rule = {"apiGroups": [""], "resources": ["secrets"], "resourceNames": list(secrets), "verbs": ["get"]}
        yield {**_head(f"{_RBAC}/v1", "Role", role, claim, namespace), "rules": [rule]}
        yield {**_head(f"{_RBAC}/v1", "RoleBinding", role, claim, namespace), **_bound("Role", account, role)}


def token_secret(account: Account, claim: Claim, name: str) -> Manifest:
    """The Secret that Kubernetes puts a token of the account into, which is good for as long as the Secret is there."""
    head = _head("v1", "Secret", name, claim, account.namespace)
    head["metadata"]["annotations"][SERVICE_ACCOUNT] = account.name
    return {**head, "type": "kubernetes.io/service-account-token"}


def namespace_manifest(account: Account) -> Manifest:
    """The namespace of the account; it may have been there before, and stays."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": account.namespace}}


def _head(version: str, kind: str, name: str, claim: Claim, namespace: str = "") -> Manifest:
    metadata: dict[str, Any] = {"name": name} | ({"namespace": namespace} if namespace else {})
    metadata |= {"labels": dict(LABELS), "annotations": claim.annotations()}
    return {"apiVersion": version, "kind": kind, "metadata": metadata}


def _bound(kind: str, account: Account, role: str) -> Manifest:
    return {
        "roleRef": {"apiGroup": _RBAC, "kind": kind, "name": role},
        "subjects": [{"kind": "ServiceAccount", "namespace": account.namespace, "name": account.name}],
    }
