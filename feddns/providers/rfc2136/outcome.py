"""What a response code means for the one who asked (RFC 2136 section 2.2, RFC 5936 section 2.2.1)."""

from collections.abc import Mapping
from typing import Final

import dns.rcode

from feddns.errors import Conflict, ProviderError, Rejected, Unauthorized, Unavailable

_UPDATE_FAILURES: Final[Mapping[int, tuple[type[ProviderError], str]]] = {
    dns.rcode.FORMERR: (Rejected, "the server does not understand it; is it one that takes dynamic updates?"),
    dns.rcode.NOTIMP: (Rejected, "the server takes no dynamic updates"),
    dns.rcode.NOTZONE: (Rejected, "a name is not in the zone"),
    dns.rcode.SERVFAIL: (Unavailable, "the server could not carry it out; its log says why"),
    dns.rcode.REFUSED: (
        Unauthorized,
        "the server's update policy or ACL must allow our TSIG key (without one, our address) to change these records",
    ),
    dns.rcode.NOTAUTH: (
        Unauthorized,
        "the server is not the primary of the zone, or our TSIG key (without one, our address) may not update it",
    ),
    dns.rcode.YXDOMAIN: (Conflict, "a name that is to become a CNAME has records already"),
    dns.rcode.YXRRSET: (
        Conflict,
        "the claim or a record set that is to be created is there already, or one that it cannot stand beside",
    ),
    dns.rcode.NXRRSET: (
        Conflict,
        "the claim, or a record set that is to be replaced or deleted, is not as it was last read",
    ),
    dns.rcode.NXDOMAIN: (Conflict, "a name whose records are to be changed is gone"),
}


def update_failure(rcode: int, zone: str) -> ProviderError | None:
    """The error that an answer to an UPDATE means; None for success. After a failure nothing was changed."""
    if rcode == dns.rcode.NOERROR:
        return None
    kind, reason = _UPDATE_FAILURES.get(rcode, (Rejected, "the server will not carry it out"))
    return kind(f"the update of {zone} failed: {reason} ({_mnemonic(rcode)})")


def transfer_failure(rcode: int, zone: str, *, has_zone: bool) -> ProviderError:
    """The error that an answer to a request for a zone transfer means.

    Args:
        rcode: of the answer, not NOERROR.
        zone: the zone's name.
        has_zone: whether the server may hold the zone.
    """
    told = f"({_mnemonic(rcode)})"
    if rcode == dns.rcode.SERVFAIL:
        return Unavailable(f"the server could not transfer {zone}; its log says why {told}")
    if not has_zone:
        return Rejected(f"the server has no zone {zone} {told}")
    if rcode in {dns.rcode.REFUSED, dns.rcode.NOTAUTH}:
        return Unauthorized(
            f"the server refuses to transfer {zone}: its `allow-transfer` or ACL must allow our TSIG key (without one, "
            f"our address) {told}"
        )
    return Rejected(f"the server does not transfer {zone}: zone transfers (AXFR) must be enabled there {told}")


def _mnemonic(rcode: int) -> str:
    return dns.rcode.to_text(dns.rcode.Rcode.make(rcode))
