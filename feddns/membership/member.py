"""The account in a member: made, given a token, proved to be of use, and taken away."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final

import msgspec

from feddns.clusters.kubernetes.credentials import HeldKubeconfig
from feddns.clusters.kubernetes.failures import Refused, Unreachable
from feddns.errors import ClusterError, MembershipError
from feddns.membership.account import (
    LABELS,
    MANAGED_BY,
    OURS,
    SERVICE_ACCOUNT,
    Account,
    Claim,
    Grants,
    Manifest,
    manifests,
    namespace_manifest,
    token_names,
    token_secret,
)
from feddns.membership.objects import Objects, opened, path_of

PATIENCE_S: Final = 10.0
"""Seconds for a new token to be there, and for all API servers of the cluster to know of it and of its rights."""

KEPT_PATIENCE_S: Final = 2.0
"""The same where the account was there before."""

_PAUSE_S: Final = 0.2
_NOT_YET: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
_SELECTOR: Final = ",".join(f"{key}={value}" for key, value in LABELS.items())
_SEEN: Final = {
    "services": "/api/v1/services",
    "endpointslices": "/apis/discovery.k8s.io/v1/endpointslices",
    "nodes": "/api/v1/nodes",
}


class Token(msgspec.Struct, frozen=True):
    """A token of the account; secret.

    Attributes:
        text: what goes into the kubeconfig.
        ends: when, as the API server writes it; empty where it does not.
        stale: Secrets with older tokens, to be deleted once this one is in use.
    """

    text: str
    ends: str = ""
    stale: tuple[Manifest, ...] = ()

    def __repr__(self) -> str:
        return f"Token({self.ends})"


async def keeper_of(member: Objects, account: Account) -> str:
    """Who else keeps the account, such as `Helm`; empty where that is feddns, or nobody yet.

    Raises:
        ClusterError: it cannot be looked at.
    """
    found = await member.find("ServiceAccount", account.name, account.namespace)
    if found is None:
        return ""
    keeper = str((found["metadata"].get("labels") or {}).get(MANAGED_BY, "somebody else"))
    return "" if keeper == OURS else keeper


async def make(member: Objects, account: Account, grants: Grants, claim: Claim) -> None:
    """Make the account with these rights and no others; what is there already stays or is put right.

    Raises:
        ClusterError: that is not possible; what was made by then stays, and is of use the next time.
        MembershipError: an object of one of the names is another's.
    """
    if await member.find("Namespace", account.namespace) is None:
        await member.apply(namespace_manifest(account))
    wanted = list(manifests(account, grants, claim))
    for manifest in wanted:
        await member.apply_own(manifest, claim)
    paths = {path_of(manifest) for manifest in wanted}
    for found in await _header_roles(member, account, claim):
        if path_of(found) not in paths:
            await member.remove(found)


async def unmake(member: Objects, account: Account, claim: Claim) -> None:
    """Delete the account and all that belongs to it, the tokens first; the namespace stays.

    Raises:
        ClusterError: something could not be deleted, and stays with what comes after it.
    """
    own = [
        *[await member.find("Secret", name, account.namespace) for name in token_names(account)],
        await member.find("ClusterRoleBinding", account.name),
        *await _header_roles(member, account, claim),
        await member.find("ClusterRole", account.name),
        await member.find("ServiceAccount", account.name, account.namespace),
    ]
    for found in own:
        if found is not None and not claim.objection(found):
            await member.remove(found)


async def lasting_token(member: Objects, account: Account, claim: Claim, *, replaced: bool) -> Token:
    """A token that is good until its Secret is deleted.

    Args:
        member: the cluster.
        account: whose token it is.
        claim: whose account it is.
        replaced: whether it must be another one than there is now, which stays good until it is deleted.

    Raises:
        ClusterError: it cannot be had.
        MembershipError: a Secret of the name is another's, or stays without a token.
    """
    there = await _token_secrets(member, account)
    names = token_names(account)
    name = there[0]["metadata"]["name"] if there else names[0]
    if replaced and there:
        name = names[1 - names.index(name)]
        for each in there:
            if each["metadata"]["name"] == name and not claim.objection(each):
                await member.remove(each)
    await member.apply_own(token_secret(account, claim, name), claim)
    text = await _filled(member, account, name)
    return Token(text, stale=_stale(there, claim, name))


async def passing_token(member: Objects, account: Account, claim: Claim, lifetime_s: int) -> Token:
    """A token that ends; the API server may shorten its life.

    Raises:
        ClusterError: it cannot be had.
    """
    status = await member.request_token(account.namespace, account.name, lifetime_s)
    there = await _token_secrets(member, account)
    return Token(str(status["token"]), str(status["expirationTimestamp"]), _stale(there, claim))


async def given_token(member: Objects, account: Account, keeper: str) -> Token:
    """The token in the Secret that the account's keeper has made.

    Raises:
        ClusterError: it cannot be looked at.
        MembershipError: there is none.
    """
    name, _ = token_names(account)
    found = await member.find("Secret", name, account.namespace)
    of = {} if found is None else found["metadata"].get("annotations") or {}
    if of.get(SERVICE_ACCOUNT) != account.name:
        text = f"the account {account} is kept by {keeper}, and there is no Secret {name} with a token of it"
        raise MembershipError(f"{text}; have it made there, or ask for a token that ends by --token-lifetime")
    return Token(await _filled(member, account, name))


async def prove(kubeconfig: bytes, grants: Grants, account: Account, patience_s: float) -> None:
    """List what feddns will list, as the account itself.

    Args:
        kubeconfig: of the account, as it can be used from here.
        grants: what it may do.
        account: for people.
        patience_s: until it must be allowed, as not every API server of the cluster knows of it at once.

    Raises:
        MembershipError: it may not; or the API server does not answer it.
    """
    try:
        async with opened("", HeldKubeconfig(kubeconfig, "the kubeconfig of the account")) as member:
            for what, path in _SEEN.items():
                if what != "nodes" or grants.nodes:
                    await _allowed(member, path, patience_s)
    except Refused as error:
        text = f"the account {account} is there, but may not list {what}: {error}"
        hint = "without that right give region and zones by --region and --zones" if what == "nodes" else ""
        hint = hint or "an authorizer or a policy of that cluster stands in the way; allow it there, and join again"
        raise MembershipError(f"{text}; {hint}. Nothing was written to the host cluster") from None
    except ClusterError as error:
        text = f"the account {account} is there, but cannot be used: {error}"
        raise MembershipError(f"{text}. Nothing was written to the host cluster; join again") from None


@asynccontextmanager
async def told(doing: str) -> AsyncIterator[None]:
    """Say what was being done when a cluster could not be talked to.

    Raises:
        MembershipError: in the place of ClusterError.
    """
    try:
        yield
    except ClusterError as error:
        raise MembershipError(f"{doing}: {error}") from None


async def _allowed(member: Objects, path: str, patience_s: float) -> None:
    clock = asyncio.get_running_loop().time
    ends = clock() + patience_s
    while True:
        try:
            return await member.may_list(path)
        except (Refused, Unreachable) as error:
            if clock() >= ends or (isinstance(error, Refused) and error.status not in _NOT_YET):
                raise
        await asyncio.sleep(_PAUSE_S)


async def _filled(member: Objects, account: Account, name: str) -> str:
    """The token in a Secret, which Kubernetes puts there a moment after it was made."""
    clock = asyncio.get_running_loop().time
    ends = clock() + PATIENCE_S
    while clock() < ends:
        found = await member.find("Secret", name, account.namespace)
        token = ((found or {}).get("data") or {}).get("token")
        if token:
            return b64decode(token).decode()
        await asyncio.sleep(_PAUSE_S)
    text = f"{member.place} has put no token into the Secret {account.namespace}/{name} within {PATIENCE_S:g} s"
    raise MembershipError(f"{text}; its token controller does not run; ask for a token that ends by --token-lifetime")


async def _token_secrets(member: Objects, account: Account) -> list[Manifest]:
    found = [await member.find("Secret", name, account.namespace) for name in token_names(account)]
    return [each for each in found if each is not None]


def _stale(there: Sequence[Manifest], claim: Claim, kept: str = "") -> tuple[Manifest, ...]:
    return tuple(each for each in there if each["metadata"]["name"] != kept and not claim.objection(each))


async def _header_roles(member: Objects, account: Account, claim: Claim) -> list[dict[str, Any]]:
    """The Roles of all namespaces that let the account read Secrets, with their bindings first."""
    found = [each for kind in ("RoleBinding", "Role") for each in await member.listed(kind, _SELECTOR)]
    name = f"{account.name}-probe-headers"
    return [each for each in found if each["metadata"]["name"] == name and not claim.objection(each)]
