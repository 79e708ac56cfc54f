"""Transaction signatures (TSIG, RFC 8945): who signed a query, and answers signed in return."""

import struct
from collections.abc import Callable, Iterable
from typing import Final

import dns.exception
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TSIG
import dns.tsig

from feddns.answers.lookup import Reply
from feddns.answers.message import encode_reply
from feddns.answers.query import FORMERR, LEAST_ROOM, Query

SIGNATURE_ROOM: Final = 256
"""Octets kept free for a signature: far more than any with a key and an algorithm that people give names to."""

_NOTAUTH: Final = 9
_FUDGE_S: Final = 300
_RECORD: Final = struct.Struct("!HHIH")
_COUNTS: Final = struct.Struct("!H")

TsigData = dns.rdtypes.ANY.TSIG.TSIG


class Signature:
    """The valid signature of a query, by which its answers are signed.

    Attributes:
        key_name: whose it is, in lower case with the final dot.
    """

    def __init__(self, key: dns.tsig.Key, data: TsigData, error: int = 0, other: bytes = b"") -> None:
        self.key_name = key.name.canonicalize().to_text()
        self._key = key
        self._template = data.replace(fudge=_FUDGE_S, mac=b"", error=error, other=other)
        self._request_mac = data.mac
        self._context: dns.tsig.HMACTSig | dns.tsig.GSSTSig | None = None

    def sign(self, answer: bytes, now: float, *, is_one_of_many: bool = False) -> bytes:
        """The answer with a signature.

        Args:
            answer: a whole message.
            now: seconds since the epoch.
            is_one_of_many: whether it is part of a zone transfer, whose signatures hold the messages together
                (RFC 8945 section 5.3.1).
        """
        data, self._context = dns.tsig.sign(  # type: ignore[no-untyped-call] # dnspython gives it no types
            answer, self._key, self._template, int(now), self._request_mac, self._context, is_one_of_many
        )
        return _append(answer, self._key.name, data)


class Keyring:
    """The keys that queries may be signed with."""

    def __init__(self, keys: Iterable[Callable[[], dns.tsig.Key]] = ()) -> None:
        """Take what gives each key as it is at the time; all of them are asked now.

        Raises:
            Unauthorized: a key cannot be had.
        """
        self._keys = {key().name: key for key in keys}

    def verify(self, message: bytes, query: Query, now: float) -> Signature | bytes:
        """The signature of a query, or the answer that says what is wrong with it (RFC 8945 section 5.2).

        Args:
            message: the whole message that came.
            query: the same, understood.
            now: seconds since the epoch.
        """
        try:
            owner, data = _read(message, query.tsig_at or 0)
        except (dns.exception.DNSException, struct.error):
            return encode_reply(query, Reply(FORMERR, authoritative=False), LEAST_ROOM)
        find = self._keys.get(owner)
        key = None if find is None else find()
        if key is None or key.algorithm != data.algorithm:
            return _refused(query, owner, data, dns.rcode.BADKEY)
        try:
            dns.tsig.validate(  # type: ignore[no-untyped-call] # as above
                message, key, owner, data, int(now), b"", query.tsig_at
            )
        except dns.tsig.BadTime:
            signature = Signature(key, data, dns.rcode.BADTIME, int(now).to_bytes(6, "big"))
            # Signed by the client's clock, so that the client takes it (RFC 8945 section 5.2.3).
            return signature.sign(_refusal(query), data.time_signed)
        except dns.exception.DNSException:
            return _refused(query, owner, data, dns.rcode.BADSIG)
        return Signature(key, data)


def _read(message: bytes, at: int) -> tuple[dns.name.Name, TsigData]:
    owner, size = dns.name.from_wire(message, at)
    at += size
    length = _RECORD.unpack_from(message, at)[3]
    data = dns.rdata.from_wire(dns.rdataclass.ANY, dns.rdatatype.TSIG, message, at + _RECORD.size, length)
    if not isinstance(data, TsigData):
        raise dns.exception.FormError
    return owner, data


def _refusal(query: Query) -> bytes:
    return encode_reply(query, Reply(_NOTAUTH, authoritative=False), LEAST_ROOM)


def _refused(query: Query, owner: dns.name.Name, data: TsigData, error: dns.rcode.Rcode) -> bytes:
    """An answer that cannot be signed, since there is no key that both know."""
    return _append(_refusal(query), owner, data.replace(error=error, mac=b"", other=b""))


def _append(answer: bytes, owner: dns.name.Name, data: dns.rdata.Rdata) -> bytes:
    name, octets = owner.to_wire() or b"", data.to_wire() or b""
    (records,) = _COUNTS.unpack_from(answer, 10)
    record = _RECORD.pack(dns.rdatatype.TSIG, dns.rdataclass.ANY, 0, len(octets))
    return answer[:10] + _COUNTS.pack(records + 1) + answer[12:] + name + record + octets
