"""What is asked for when a cluster joins or leaves, and what came of it."""

import msgspec

from feddns.membership.account import Account, Grants
from feddns.membership.contexts import Endpoint


class Entry(msgspec.Struct, frozen=True, gc=False):
    """What the Secret says, but for the credentials.

    Attributes:
        server: the URL of the member's API server; empty where the kubeconfig cannot be read.
        account: in the member; None where that is not said.
        region: of the member; empty for what its nodes say.
        zones: of the member; empty for what its nodes say.
    """

    server: str
    account: Account | None
    region: str = ""
    zones: tuple[str, ...] = ()


class Wish(msgspec.Struct, frozen=True, gc=False):
    """What a person asks for.

    Attributes:
        cluster: the name by which it joins.
        account: in the cluster.
        near: the API server as it is reached from here.
        far: the same as the host cluster reaches it.
        events: whether the account may create Events.
        headers: by namespace, Secrets that it may read.
        region: where the cluster is; None for what was said before, or what its nodes say.
        zones: likewise.
        lifetime_s: of the token; None for one without end.
        new_token: whether the token is to be another one than before.
        replace: whether the name may be taken from another cluster.
    """

    cluster: str
    account: Account
    near: Endpoint
    far: Endpoint
    events: bool = False
    headers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    region: str | None = None
    zones: tuple[str, ...] | None = None
    lifetime_s: int | None = None
    new_token: bool = False
    replace: bool = False

    def grants(self, entry: Entry) -> Grants:
        """What the account may do."""
        return Grants(not (entry.region and entry.zones), self.events, self.headers)


class Joined(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What there is now.

    Attributes:
        secret: in the host cluster.
        kept_by: who else keeps the account, such as `Helm`; empty for feddns.
        token_ends: when, as the API server writes it; empty where it does not.
        again: whether the name had joined before.
        left_behind: the account that had the name until now, and is still there; empty for none.
    """

    cluster: str
    server: str
    account: str
    secret: str
    region: str
    zones: tuple[str, ...]
    kept_by: str
    token_ends: str
    again: bool
    left_behind: str


class Left(msgspec.Struct, frozen=True, gc=False):
    """What was done.

    Attributes:
        cluster: that has left.
        secret: that was deleted in the host cluster; empty where it was gone already.
        account: in the cluster.
        remains: why the account is still there; empty if it is not.
        failed: whether it was to be deleted.
    """

    cluster: str
    secret: str
    account: str
    remains: str = ""
    failed: bool = False


def secret_name(cluster: str) -> str:
    """What the Secret of a cluster is called."""
    return f"feddns-cluster-{cluster}"
