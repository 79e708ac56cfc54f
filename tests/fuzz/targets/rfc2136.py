"""Messages that a name server answers with, read one by one and as a zone transfer, against dnspython."""

import dns.exception
import dns.message
import dns.opcode

from feddns.errors import ProviderError
from feddns.model.records import ZoneName
from feddns.providers.rfc2136.message import MalformedMessage, Message
from feddns.providers.rfc2136.outcome import transfer_failure, update_failure
from feddns.providers.rfc2136.transfer import Transfer, ZoneCopy

ZONE = ZoneName("example.com.")


def fuzz(data: bytes) -> None:
    try:
        message = Message(data)
    except MalformedMessage as error:
        assert str(error)
        return
    assert (update_failure(message.rcode, ZONE) is None) == (message.rcode == 0)
    if message.rcode:
        assert isinstance(transfer_failure(message.rcode, ZONE, has_zone=True), ProviderError)
    for known in (None, ZoneCopy(1, {})):
        transfer = Transfer(ZONE, known)
        try:
            transfer.feed(message)
        except MalformedMessage as error:
            assert str(error)
    _agree(data, message)


def _agree(data: bytes, ours: Message) -> None:
    """What dnspython reads too, it reads alike."""
    try:
        theirs = dns.message.from_wire(data, keyring=True, ignore_trailing=True, one_rr_per_rrset=True)
    except Exception:  # noqa: BLE001 - whatever it thinks of it: it reads more of a message than we do
        return
    if theirs.opcode() == dns.opcode.QUERY and not theirs.errors:
        names = [rrset.name.canonicalize().to_text() for rrset in theirs.answer]
        assert names == [record.name for record in ours.answer]
