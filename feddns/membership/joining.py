"""A cluster joins: its account is made, proved, and told to the host cluster."""

import msgspec

from feddns.errors import MembershipError
from feddns.membership.account import Claim
from feddns.membership.contexts import Endpoint, sealed
from feddns.membership.member import (
    KEPT_PATIENCE_S,
    PATIENCE_S,
    Token,
    given_token,
    keeper_of,
    lasting_token,
    make,
    passing_token,
    prove,
    told,
)
from feddns.membership.objects import Objects
from feddns.membership.registry import find_secret, host_uid, read_entry, secret
from feddns.membership.terms import Entry, Joined, Wish, secret_name


async def join(member: Objects, host: Objects, namespace: str, wish: Wish) -> Joined:
    """Have a cluster join, or put right what is there of it already.

    Nothing is written to the host cluster before the account is proved to be of use; older tokens go when the new one
    is there.

    Args:
        member: the cluster, as who may make accounts in it.
        host: the host cluster.
        namespace: of the Secrets in the host cluster.
        wish: what is asked for.

    Raises:
        MembershipError: it cannot join, or not under this name.
    """
    async with told(f"{host.place} cannot be used"):
        claim = Claim(wish.cluster, await host_uid(host, namespace), wish.replace)
        found = await find_secret(host, namespace, wish.cluster)
    before = None if found is None else read_entry(found)
    _check(before, wish)
    entry = _entry(before, wish)
    async with told(f"the account cannot be made in {member.place}"):
        keeper = await keeper_of(member, wish.account)
        if not keeper:
            await make(member, wish.account, wish.grants(entry), claim)
        token = await _token(member, wish, claim, keeper)
    patience_s = KEPT_PATIENCE_S if keeper else PATIENCE_S
    await prove(_kubeconfig(wish, wish.near, token), wish.grants(entry), wish.account, patience_s)
    async with told(f"the Secret cannot be written to {host.place}"):
        kubeconfig = _kubeconfig(wish, msgspec.structs.replace(wish.far, proxy=""), token)
        await host.apply(secret(namespace, wish.cluster, entry, kubeconfig))
    async with told("the cluster has joined, but its older token could not be deleted"):
        for each in token.stale:
            await member.remove(each)
    return Joined(
        cluster=wish.cluster,
        server=entry.server,
        account=str(wish.account),
        secret=f"{namespace}/{secret_name(wish.cluster)}",
        region=entry.region,
        zones=entry.zones,
        kept_by=keeper,
        token_ends=token.ends,
        again=before is not None,
        left_behind=_left_behind(before, entry),
    )


def _check(before: Entry | None, wish: Wish) -> None:
    if before is None or wish.replace:
        return
    if before.server and before.server != wish.far.server:
        text = f"{wish.cluster!r} is the cluster at {before.server}, and this one is at {wish.far.server}"
        hint = f"say --server {before.server} if that leads here, choose another name, or give it to this one"
        place = ", and say its --region and --zones again" if before.region else ""
        raise MembershipError(f"{text}; {hint} by --replace{place}")
    if before.account is not None and before.account != wish.account:
        text = f"{wish.cluster!r} has joined by the account {before.account}, which would be left behind"
        raise MembershipError(f"{text}; `feddns leave {wish.cluster} --context ...` first, or go on by --replace")


def _entry(before: Entry | None, wish: Wish) -> Entry:
    """What the Secret is to say: a place that was said once stays until another is said."""
    region, zones = ("", ()) if before is None or wish.replace else (before.region, before.zones)
    region = region if wish.region is None else wish.region
    zones = zones if wish.zones is None else wish.zones
    if zones and not region:
        raise MembershipError("zones without a region have no names; give --region, too")
    return Entry(wish.far.server, wish.account, region, zones)


def _left_behind(before: Entry | None, now: Entry) -> str:
    """The account that had the name until now, where it is another one."""
    if before is None or not before.server or (before.server, before.account) == (now.server, now.account):
        return ""
    return f"{before.account or 'an account'} in the cluster at {before.server}"


async def _token(member: Objects, wish: Wish, claim: Claim, keeper: str) -> Token:
    if wish.lifetime_s is not None:
        return await passing_token(member, wish.account, claim, wish.lifetime_s)
    if not keeper:
        return await lasting_token(member, wish.account, claim, replaced=wish.new_token)
    if wish.new_token:
        text = (
            f"the account {wish.account} is kept by {keeper}; delete the Secret with its token, and have it made anew"
        )
        raise MembershipError(f"{text} there")
    return await given_token(member, wish.account, keeper)


def _kubeconfig(wish: Wish, endpoint: Endpoint, token: Token) -> bytes:
    return sealed(wish.cluster, endpoint, wish.account.namespace, wish.account.name, token.text)
