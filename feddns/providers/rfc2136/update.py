"""One batch as one UPDATE message (RFC 2136): what must be so, what goes, what comes.

Written here rather than by dnspython, which takes many times as long.
"""

from typing import Final

import dns.opcode
import dns.rdatatype
import msgspec

from feddns.model.changes import Batch
from feddns.model.records import CNAME, DnsName, RecordSet, ZoneName
from feddns.providers.impossible import refuse_impossible, rejection
from feddns.providers.rfc2136.names import encode_name
from feddns.providers.rfc2136.rdata import encode_rdata, type_number
from feddns.providers.rfc2136.request import ANY, IN, NONE, PREREQUISITE, SOA, UPDATE, RequestWriter

BESIDE_NO_CNAME: Final = ("A", "AAAA", "NS", "MX", "TXT", "SRV", "SVCB", "HTTPS", "CAA")
"""The types that people put at names: each is made sure to be absent where a CNAME takes another set's place."""

_EVERY_TYPE: Final = int(dns.rdatatype.ANY)


class _Encoded(msgspec.Struct, frozen=True, gc=False):
    """A record set whose data are ready for the wire."""

    name: DnsName
    mnemonic: str
    kind: int
    ttl: int
    data: tuple[bytes, ...]


def encode_update(zone: ZoneName, batch: Batch, number: int) -> bytes:
    """The message that carries out a batch, unsigned.

    Every set that goes must be there with exactly these data, and every set that comes must be new. Servers drop a
    CNAME beside other data, and other data beside a CNAME, without an error (RFC 2136 section 3.4.2.2); so what would
    be in the way is a prerequisite too. The TTL is not compared.

    Args:
        zone: the zone that all names are in.
        batch: the changes and the fence.
        number: the message's ID.

    Raises:
        Rejected: a record set cannot be written as DNS records, or cannot stand where it is to stand.
    """
    refuse_impossible(batch, zone)
    going = [_encode(batch, record_set) for record_set in batch.going]
    coming = [_encode(batch, record_set) for record_set in batch.coming]
    writer = RequestWriter(zone, SOA)
    for encoded in going:
        for data in encoded.data:
            writer.record(PREREQUISITE, encoded.name, encoded.kind, IN, data)
    for name, kind in _absent(going, coming):
        writer.record(PREREQUISITE, name, kind, NONE)
    for encoded in going:
        writer.record(UPDATE, encoded.name, encoded.kind, ANY)
    for encoded in coming:
        for data in encoded.data:
            writer.record(UPDATE, encoded.name, encoded.kind, IN, data, encoded.ttl)
    return writer.finish(number, dns.opcode.UPDATE)


def _absent(going: list[_Encoded], coming: list[_Encoded]) -> dict[tuple[DnsName, int], None]:
    """Each name and type that must not be in the zone, in order."""
    gone = {(encoded.name, encoded.mnemonic) for encoded in going}
    touched = {encoded.name for encoded in going}
    absent: dict[tuple[DnsName, int], None] = {}
    for encoded in coming:
        name = encoded.name
        if (name, encoded.mnemonic) in gone:
            continue
        if encoded.mnemonic == CNAME and name not in touched:
            absent[name, _EVERY_TYPE] = None
            continue
        in_the_way = BESIDE_NO_CNAME if encoded.mnemonic == CNAME else (CNAME,)
        for mnemonic in (encoded.mnemonic, *in_the_way):
            if (name, mnemonic) not in gone:
                absent[name, type_number(mnemonic)] = None
    return absent


def _encode(batch: Batch, record_set: RecordSet) -> _Encoded:
    name, mnemonic = record_set.name, record_set.type
    try:
        encode_name(name)
        data = tuple([encode_rdata(mnemonic, value) for value in record_set.values])
        return _Encoded(name, mnemonic, type_number(mnemonic), record_set.ttl, data)
    except ValueError as error:
        raise rejection(batch, record_set, str(error)) from error
