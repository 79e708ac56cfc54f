"""Queries in, answers out, and the answers that are ready to be given again."""

import struct
from collections.abc import Callable, Iterable
from typing import Final

from feddns.answers.lookup import NXDOMAIN, OUT_OF_ZONE, UNKNOWN, Reply, look_up
from feddns.answers.message import encode_bad_version, encode_reply
from feddns.answers.query import FORMERR, Query
from feddns.answers.rdata import AXFR, IN, IXFR, OPT, SOA
from feddns.answers.zone import Entry, Key, Zone

MOST_READY: Final = 131_072
"""Answers kept, about 400 octets each: what a hostile client can make us remember has an end."""
MOST_ABSENT: Final = 8_192
"""Of these, answers about names that do not exist, of which a hostile client can ask for as many as it likes."""

NO_TRANSFER: Final = Reply(FORMERR, authoritative=False)
"""There are no zone transfers by UDP (RFC 5936 section 4.2), and those by TCP are not made here."""

_FRONT: Final = {
    (recursion_desired, has_edns): struct.pack("!5H", 0x0100 if recursion_desired else 0, 1, 0, 0, int(has_edns))
    for recursion_desired in (False, True)
    for has_edns in (False, True)
}


_OPT: Final = struct.Struct("!BHHHHH")


class Responder:
    """Answers queries from one zone.

    An answer is a function of the zone and of the query's octets after its first two, the ID. So what was answered once
    is found again by one look into a dict, without reading the query. The dict's keys are queries in one plain form, to
    which others are brought that mean the same: names in lower case, no EDNS options, no bits that do not matter. So
    neither clients that play with the case of letters nor those that send cookies fill it.

    Attributes:
        ready: the answer's octets after the ID, by the query's octets after the ID; others may look things up in it and
            must not keep it, since a change takes away what is no longer true.
        knows_absence: whether what the zone does not have is not there. While it does not know, the answer is SERVFAIL,
            as resolvers would keep that there is no such name (RFC 2308 section 5).
    """

    def __init__(self, zone: Zone, knows_absence: Callable[[], bool] = lambda: True) -> None:
        self.ready: dict[bytes, bytes] = {}
        self.knows_absence = knows_absence
        self._zone = zone
        self._resting: dict[bytes, set[bytes]] = {}
        self._passing: list[bytes] = []
        self._absent: list[bytes] = []

    @property
    def zone(self) -> Zone:
        """What the answers are made from; to be changed by `change` of this class alone."""
        return self._zone

    def change(self, going: Iterable[Key], coming: Iterable[Entry], serial: int) -> None:
        """Change the zone (see `Zone.change`) and forget the answers that rest on what was changed."""
        self._forget(self._zone.change(going, coming, serial))

    def answer_datagram(self, query: Query) -> bytes:
        """The answer to a query that came by UDP; it is kept for the next that asks the same."""
        if query.class_ != IN or query.type == IXFR or query.has_other_edns:
            return self.answer(query, query.room)  # not kept: rare, and IXFR has another answer by TCP
        key = _plain(query)
        ready = self.ready.get(key)
        if ready is not None:
            return query.id.to_bytes(2, "big") + _with_question(ready, query.question)
        reply = self._look_up(query)
        answer = encode_reply(query, reply, query.room)
        if reply.authoritative:
            self._keep(key, _with_question(answer[2:], query.name + query.question[-4:]), reply)
        return answer

    def answer(self, query: Query, room: int) -> bytes:
        """The answer to a query, in at most so many octets; it is not kept."""
        if query.has_other_edns:
            return encode_bad_version(query)
        return encode_reply(query, self._look_up(query), room)

    def _look_up(self, query: Query) -> Reply:
        if query.class_ != IN:
            return OUT_OF_ZONE
        if query.type == AXFR:
            return NO_TRANSFER
        # To a secondary that asks by UDP for what changed, the SOA alone says: come by TCP (RFC 1995 section 2).
        reply = look_up(self._zone, query.name, SOA if query.type == IXFR else query.type)
        return UNKNOWN if reply.authority and not self.knows_absence() else reply

    def _keep(self, key: bytes, answer: bytes, reply: Reply) -> None:
        if len(self.ready) >= MOST_READY:
            self._forget_all()
        self.ready[key] = answer
        if reply.is_lasting:
            for name in reply.names:
                self._resting.setdefault(name, set()).add(key)
        elif reply.rcode == NXDOMAIN:
            if len(self._absent) >= MOST_ABSENT:
                self._drop(self._absent)
            self._absent.append(key)
        else:
            self._passing.append(key)

    def _forget(self, names: Iterable[bytes]) -> None:
        self._drop(self._absent)
        self._drop(self._passing)
        for name in names:
            for key in self._resting.pop(name, ()):
                self.ready.pop(key, None)

    def _forget_all(self) -> None:
        # The dicts are emptied, not replaced: the listeners hold on to them.
        for kept in (self.ready, self._resting, self._absent, self._passing):
            kept.clear()

    def _drop(self, keys: list[bytes]) -> None:
        for key in keys:
            self.ready.pop(key, None)
        keys.clear()


def _plain(query: Query) -> bytes:
    """The query, but for its ID, as the plainest client would have asked it."""
    edns = query.edns
    front = _FRONT[query.recursion_desired, edns is not None] + query.name + query.question[-4:]
    return front if edns is None else front + _OPT.pack(0, OPT, query.room, 0, 0x8000 if edns.wants_dnssec else 0, 0)


def _with_question(answer: bytes, question: bytes) -> bytes:
    """An answer, but for its ID, with another question of the same length."""
    return answer[:10] + question + answer[10 + len(question) :]
