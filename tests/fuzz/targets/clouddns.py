"""What Cloud DNS answers: refusals and record sets, as JSON of any kind."""

import dns.exception
import dns.rdata
import msgspec

from feddns.errors import ProviderError
from feddns.providers.clouddns.calls import Call
from feddns.providers.clouddns.outcome import Refusal, failure
from feddns.providers.clouddns.rdata import api_value, canonical_name, canonical_value
from feddns.providers.clouddns.resources import Change, ResourceRecordSet, ResourceRecordSets
from feddns.providers.pacing import LONGEST_PAUSE_S, asked_pause_s

NOW = "Sat, 21 Nov 2026 10:00:00 GMT"
CALL = Call.CREATE_CHANGE
CHANGE = Change((ResourceRecordSet("www.example.com.", "A"),), (ResourceRecordSet("www.example.com.", "A"),))


def fuzz(data: bytes) -> None:
    kind, octets = (data[0], data[1:]) if data else (0, b"")
    try:
        match kind % 3:
            case 0:
                error = failure(CALL, msgspec.json.decode(octets, type=Refusal), "project", CHANGE)
                assert isinstance(error, ProviderError)
            case 1:
                for each in msgspec.json.decode(octets, type=ResourceRecordSets).rrsets:
                    _check(each)
            case _:
                assert 0 <= asked_pause_s(octets.decode("latin-1"), NOW) <= LONGEST_PAUSE_S
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return


def _check(each: ResourceRecordSet) -> None:
    name = canonical_name(each.name)
    assert canonical_name(name) == name
    for text in each.rrdatas or ():
        value = canonical_value(each.type, text)
        if _fits(each.type, text):
            assert canonical_value(each.type, api_value(each.type, value)) == value


def _fits(kind: str, text: str) -> bool:
    """Whether the data are of the type, as far as anybody can tell."""
    try:
        dns.rdata.from_text("IN", kind, text)
    except (dns.exception.DNSException, ValueError):
        return False
    return True
