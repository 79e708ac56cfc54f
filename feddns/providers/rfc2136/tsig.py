"""Signed messages (TSIG, RFC 8945): one request and the answers to it."""

import secrets
import struct
import time
from typing import Final

import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TSIG
import dns.tsig

from feddns.errors import Unauthorized
from feddns.providers.rfc2136.message import MalformedMessage, Message

FUDGE_S: Final = 300
"""How far two clocks may be apart (RFC 8945 section 10)."""

_MOST_UNSIGNED: Final = 99
"""At least every hundredth message of a transfer is signed (RFC 8945 section 5.3.1)."""
_RECORD: Final = struct.Struct("!HHIH")


class Exchange:
    """One request and its answers: signs the one, and checks the others in their order.

    Attributes:
        number: the ID that the request must have, and that its answers have.
    """

    def __init__(self, key: dns.tsig.Key | None) -> None:
        """Begin an exchange; without a key nothing is signed and no signature checked."""
        self.number = secrets.randbits(16)
        self._key = key
        self._mac = b""
        self._context: dns.tsig.HMACTSig | dns.tsig.GSSTSig | None = None
        self._unsigned = 0

    def sign(self, message: bytes) -> bytes:
        """The request with its signature."""
        if self._key is None:
            return message
        blank = dns.rdtypes.ANY.TSIG.TSIG(  # type: ignore[no-untyped-call]  # dnspython types no TSIG
            dns.rdataclass.ANY, dns.rdatatype.TSIG, self._key.algorithm, 0, FUDGE_S, b"", self.number, 0, b""
        )
        signature, _ = dns.tsig.sign(message, self._key, blank, int(time.time()))  # type: ignore[no-untyped-call]  # ditto
        self._mac = signature.mac
        data: bytes = signature.to_wire()
        owner = self._key.name.to_wire() or b""
        additionals = int.from_bytes(message[10:12]) + 1
        record = owner + _RECORD.pack(dns.rdatatype.TSIG, dns.rdataclass.ANY, 0, len(data)) + data
        return message[:10] + additionals.to_bytes(2) + message[12:] + record

    def verify(self, message: Message) -> None:
        """Check one answer.

        An error may come without a signature: a server that does not know the key, or does not get so far as to look at
        it, cannot sign. Such an answer can hold us up, but never make us believe what is not so.

        Raises:
            MalformedMessage: the answer may not be the server's.
            Unauthorized: the server does not accept our signature.
        """
        if message.id != self.number:
            raise MalformedMessage("it answers another request")
        if self._key is None:
            return
        if message.tsig is None:
            self._pass_unsigned(message)
            return
        self._unsigned = 0
        try:
            self._context = dns.tsig.validate(  # type: ignore[no-untyped-call]  # dnspython types no TSIG
                message.wire,
                self._key,
                message.tsig.owner,
                message.tsig.data,
                int(time.time()),
                self._mac,
                message.tsig.start,
                self._context,
                multi=True,
            )
        except dns.tsig.PeerError as error:
            raise Unauthorized(_explained(self._key, message.tsig.data)) from error
        except dns.tsig.BadTime as error:
            ahead_s = message.tsig.data.time_signed - int(time.time())
            raise MalformedMessage(f"its signature is from another time: {_skew(ahead_s)}") from error
        except (dns.tsig.BadSignature, dns.tsig.BadKey, dns.tsig.BadAlgorithm) as error:
            raise MalformedMessage("its signature is not that of our TSIG key") from error

    def finish(self) -> None:
        """Check that the last answer was signed, as it must be (RFC 8945 section 5.3.1).

        Raises:
            MalformedMessage: it was not.
        """
        if self._unsigned:
            raise MalformedMessage("its last message is not signed")

    def _pass_unsigned(self, message: Message) -> None:
        if message.rcode != dns.rcode.NOERROR:
            return
        self._unsigned += 1
        if self._context is None or self._unsigned > _MOST_UNSIGNED:
            raise MalformedMessage("it is not signed, and our request was")
        self._context.update(message.wire)  # type: ignore[no-untyped-call]  # dnspython types no TSIG


def _explained(key: dns.tsig.Key, data: dns.rdtypes.ANY.TSIG.TSIG) -> str:
    """What the server says of our signature, and what would be right."""
    name = key.name.to_text()
    match data.error:
        case dns.rcode.BADKEY:
            return f"the server knows no TSIG key {name} (BADKEY): name and algorithm must be as in its configuration"
        case dns.rcode.BADSIG:
            return f"the server has another secret for the TSIG key {name} (BADSIG)"
        case dns.rcode.BADTIME:
            ahead_s = int.from_bytes(data.other) - int(time.time())
            return f"the server refuses the time of our TSIG signature (BADTIME): {_skew(ahead_s)}"
        case _:
            return f"the server refuses our TSIG signature with the key {name} (TSIG error {data.error})"


def _skew(ahead_s: int) -> str:
    side = "ahead of" if ahead_s > 0 else "behind"
    return (
        f"its clock is {abs(ahead_s)} s {side} ours, and at most {FUDGE_S} s are allowed; set both clocks right (NTP)"
    )
