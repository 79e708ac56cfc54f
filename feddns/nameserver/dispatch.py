"""What came by UDP or TCP, led to who answers it: the zone, or a zone transfer, signed where the query is signed."""

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import msgspec

from feddns.answers.lookup import REFUSED, SERVFAIL, Reply
from feddns.answers.message import encode_cut, encode_reply
from feddns.answers.query import LEAST_ROOM, Query, read_query
from feddns.answers.rdata import AXFR, IN, IXFR
from feddns.answers.responder import Responder
from feddns.answers.transfer import transfer_messages
from feddns.nameserver.counts import Counts
from feddns.nameserver.signatures import SIGNATURE_ROOM, Keyring, Signature

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Transfer = Iterator[bytes]
"""The messages of a zone transfer, made as they are asked for."""

STREAM_ROOM: Final = 65_535
"""Octets of a message over TCP (RFC 1035 section 4.2.2)."""

_NOTAUTH: Final = 9
_MOST_CUT: Final = 4_096
"""Cut answers that are ready to be given again: a flood often asks the same."""
_CUT: Final = 0x02
"""The TC bit in the octet behind the ID: such an answer is good for UDP alone."""


class TransferAccess(msgspec.Struct, frozen=True):
    """Who may transfer the zone: one of these is enough.

    Attributes:
        networks: where from without a signature.
        key_names: whose signature it takes from anywhere, absolute and in lower case.
    """

    networks: tuple[Network, ...] = ()
    key_names: frozenset[str] = frozenset()

    def allows(self, client: str, signature: Signature | None) -> bool:
        """Whether a client may.

        Args:
            client: its IP address.
            signature: of its query.
        """
        if signature is not None and signature.key_name in self.key_names:
            return True
        # A link-local address comes with the interface behind a percent sign.
        address = ipaddress.ip_address(client.partition("%")[0])
        return any(address in network for network in self.networks)


class Dispatch:
    """One server's answers to all that may come.

    Attributes:
        ready: answers by queries, both without their ID; whoever finds one there need not ask further.
        counts: what was answered so far; to be counted by who brings the messages.
    """

    def __init__(
        self,
        responder: Responder,
        access: TransferAccess,
        keyring: Keyring,
        clock: Callable[[], float],
        is_peer: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """Make it.

        Args:
            responder: of the zone.
            access: who may transfer the zone.
            keyring: keys that queries may be signed with.
            clock: tells seconds since the epoch.
            is_peer: whether an IP address is another replica's, which may transfer the zone, too.
        """
        self.ready: Mapping[bytes, bytes] = responder.ready
        self.counts = Counts()
        self._cut: dict[bytes, bytes] = {}
        self._responder = responder
        self._access = access
        self._keyring = keyring
        self._clock = clock
        self._is_peer = is_peer

    def answer_datagram(self, message: bytes) -> bytes | None:
        """The answer to a message that came by UDP; None where none is to be given."""
        query = read_query(message)
        if not isinstance(query, Query):
            return query
        if query.tsig_at is None:
            return self._responder.answer_datagram(query)
        signature = self._keyring.verify(message, query, self._clock())
        if not isinstance(signature, Signature):
            return signature
        # Secondaries sign what they ask before a transfer, too.
        answer = self._responder.answer(query, max(query.room - SIGNATURE_ROOM, LEAST_ROOM - SIGNATURE_ROOM))
        return signature.sign(answer, self._clock())

    def cut_datagram(self, message: bytes) -> bytes | None:
        """An answer that only says to come by TCP; None for what is not to be answered, or no valid query."""
        known = self._cut.get(message[2:])
        if known is not None:
            return message[:2] + known
        query = read_query(message)
        if not isinstance(query, Query) or query.tsig_at is not None:
            return None  # a signed one would want a signature, which costs more than the answer that it is not to get
        answer = encode_cut(query)
        if len(self._cut) >= _MOST_CUT:
            self._cut.clear()
        if len(message) <= LEAST_ROOM:  # longer ones are rare, and would make the memory of a flood large
            self._cut[message[2:]] = answer[2:]
        return answer

    def answer_stream(self, message: bytes, client: str) -> bytes | Transfer | None:
        """The answer to a message that came by TCP, or the messages of a transfer; None where none is to be given.

        Args:
            message: without its length.
            client: its IP address.
        """
        ready = self.ready.get(message[2:])
        if ready is not None and not ready[0] & _CUT:
            return message[:2] + ready
        query = read_query(message)
        if not isinstance(query, Query):
            return query
        signature = None
        if query.tsig_at is not None:
            verified = self._keyring.verify(message, query, self._clock())
            if not isinstance(verified, Signature):
                return verified
            signature = verified
        if query.type in (AXFR, IXFR) and query.class_ == IN and not query.has_other_edns:
            return self._transfer(query, signature, client)
        return self._signed(self._responder.answer(query, STREAM_ROOM - SIGNATURE_ROOM), signature)

    def _transfer(self, query: Query, signature: Signature | None, client: str) -> bytes | Transfer:
        zone = self._responder.zone
        if query.name != zone.apex:
            return self._signed(_refusal(query, _NOTAUTH), signature)
        if not self._access.allows(client, signature) and not self._is_peer(client):
            return self._signed(_refusal(query, REFUSED), signature)
        if not self._responder.knows_absence():
            # Its serial may be the newer one, and a secondary would have an empty zone for the one that it keeps.
            return self._signed(_refusal(query, SERVFAIL), signature)
        messages = transfer_messages(query, zone)
        if signature is None:
            return messages
        return (signature.sign(message, self._clock(), is_one_of_many=True) for message in messages)

    def _signed(self, answer: bytes, signature: Signature | None) -> bytes:
        return answer if signature is None else signature.sign(answer, self._clock())


def _refusal(query: Query, rcode: int) -> bytes:
    return encode_reply(query, Reply(rcode, authoritative=False), STREAM_ROOM)
