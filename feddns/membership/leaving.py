"""A cluster leaves: the host cluster forgets it first, then its account goes."""

from feddns.errors import ClusterError, MembershipError
from feddns.membership.account import Account, Claim
from feddns.membership.member import keeper_of, told, unmake
from feddns.membership.objects import Objects
from feddns.membership.registry import find_secret, host_uid, not_joined, read_entry
from feddns.membership.terms import Left, secret_name


async def leave(host: Objects, namespace: str, cluster: str, member: Objects | None, account: Account | None) -> Left:
    """Have a cluster leave, or finish what was begun of that.

    Args:
        host: the host cluster.
        namespace: of the Secrets in the host cluster.
        cluster: its name.
        member: the cluster, as who may delete accounts in it; None to leave the account there.
        account: in the cluster; None for what the Secret says.

    Raises:
        MembershipError: it has not joined; or the member is not the cluster of this name; or the host cluster cannot be
            used. Nothing was deleted then.
    """
    async with told(f"{host.place} cannot be used"):
        claim = Claim(cluster, await host_uid(host, namespace))
        found = await find_secret(host, namespace, cluster)
    said = None if found is None else read_entry(found).account
    account = account or said or Account()
    remains, is_there = await _obstacle(member, account, claim)
    async with told(f"{host.place} cannot be used"):
        if found is None and not is_there:
            raise await not_joined(host, namespace, cluster)
        if found is not None:
            await host.remove(found)
    failed = bool(remains) and member is not None
    if member is not None and not remains:
        try:
            await unmake(member, account, claim)
        except ClusterError as error:
            remains, failed = f"{member.place} does not let it go: {error}", True
    secret = "" if found is None else f"{namespace}/{secret_name(cluster)}"
    return Left(cluster, secret, str(account), remains, failed)


async def _obstacle(member: Objects | None, account: Account, claim: Claim) -> tuple[str, bool]:
    """Why the account will remain, and whether it is there at all.

    Raises:
        MembershipError: it is not the account of this cluster.
    """
    if member is None:
        return "no --context was given", False
    try:
        keeper = await keeper_of(member, account)
        if keeper:
            return f"it is kept by {keeper}; delete it there", False
        found = await member.find("ServiceAccount", account.name, account.namespace)
    except ClusterError as error:
        return f"{member.place} cannot be reached: {error}", False
    if found is None:
        return f"{member.place} has none of that name; it may be another cluster", False
    objection = claim.objection(found)
    if objection:
        text = f"the account {account} in {member.place} is not that of {claim.cluster!r}: {objection}"
        raise MembershipError(f"{text}; name the right context, or the right account by --namespace and --account")
    return "", True
