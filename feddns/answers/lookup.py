"""What a zone says about a name and type: the algorithm of RFC 1034 section 4.3.2 for a zone without delegations."""

from typing import Final

import msgspec

from feddns.answers.names import ancestors, is_within
from feddns.answers.rdata import AAAA, ANY, CNAME, NS, SOA, A, RRset
from feddns.answers.zone import Node, Zone

NOERROR: Final = 0
SERVFAIL: Final = 2
NXDOMAIN: Final = 3
REFUSED: Final = 5

Owned = tuple[bytes, RRset]
"""A record set with its name."""

_LONGEST_CHAIN: Final = 16
"""CNAMEs followed in one answer; a resolver asks on for what a longer chain leads to."""
_WILDCARD: Final = b"\x01*"


class Reply(msgspec.Struct, frozen=True, gc=False):
    """The content of an answer.

    Attributes:
        rcode: as in the header.
        authoritative: the AA bit.
        answer: record sets of the answer section.
        authority: record sets of the authority section.
        additional: record sets of the additional section, which may be left out where there is no room.
        names: every name in the zone that the answer section rests on.
        is_lasting: whether the answer stays true until a record set of `names` changes; what tells the serial, or
            rests on a name's absence, may be untrue after any change.
    """

    rcode: int
    authoritative: bool = True
    answer: tuple[Owned, ...] = ()
    authority: tuple[Owned, ...] = ()
    additional: tuple[Owned, ...] = ()
    names: tuple[bytes, ...] = ()
    is_lasting: bool = False


OUT_OF_ZONE: Final = Reply(REFUSED, authoritative=False)
UNKNOWN: Final = Reply(SERVFAIL, authoritative=False)


def look_up(zone: Zone, name: bytes, type_: int) -> Reply:
    """Answer a question.

    Args:
        zone: where to look.
        name: on the wire, in lower case.
        type_: what is asked for.
    """
    node = zone.nodes.get(name)
    if node is None and not is_within(name, zone.apex):
        return OUT_OF_ZONE
    chain: list[Owned] = []
    names: list[bytes] = []
    is_lasting = True
    while True:
        if node is None:
            node = _synthesized(zone, name)
            is_lasting = False
        names.append(name)
        found = None if node is None else _choose(node, type_)
        if found is None or found.type != CNAME or type_ in (CNAME, ANY):
            break
        chain.append((name, found))
        name = found.rdatas[0].names[0]
        node = zone.nodes.get(name)
        if name in names or len(chain) == _LONGEST_CHAIN or (node is None and not is_within(name, zone.apex)):
            return Reply(NOERROR, answer=tuple(chain), names=tuple(names), is_lasting=is_lasting)
    if found is None:
        rcode = NXDOMAIN if node is None else NOERROR
        return Reply(rcode, answer=tuple(chain), authority=(_negative_soa(zone),), names=tuple(names))
    chain.append((name, found))
    additional = _addresses(zone, found) if found.type == NS else ()
    return Reply(
        NOERROR,
        answer=tuple(chain),
        additional=additional,
        names=tuple(names),
        is_lasting=is_lasting and found.type != SOA,
    )


def _choose(node: Node, type_: int) -> RRset | None:
    """The record set of a name that answers a question for a type."""
    if type_ == ANY:
        # One set is a full answer to ANY (RFC 8482 section 4.1), and no bait for reflection attacks.
        return node[min(node)] if node else None
    found = node.get(type_)
    return node.get(CNAME) if found is None else found


def _synthesized(zone: Zone, name: bytes) -> Node | None:
    """What a wildcard lends to a name without records (RFC 4592 section 3.3.1); None where there is no such name."""
    if not zone.exists(name):
        encloser = next(above for above in ancestors(name) if zone.exists(above))
        name = _WILDCARD + encloser
    return zone.nodes.get(name, {}) if zone.exists(name) else None


def _negative_soa(zone: Zone) -> Owned:
    # The TTL is how long the resolver may believe it (RFC 2308 section 3).
    return zone.apex, RRset(SOA, zone.negative_ttl_s, zone.soa.rdatas)


def _addresses(zone: Zone, servers: RRset) -> tuple[Owned, ...]:
    return tuple(
        (server, zone.nodes[server][type_])
        for (server,) in (rdata.names for rdata in servers.rdatas)
        for type_ in (A, AAAA)
        if type_ in zone.nodes.get(server, {})
    )
