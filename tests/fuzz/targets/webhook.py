"""What a webhook answers: its list of endpoints, its domain filter, and the headers of a refusal."""

import msgspec

from feddns.errors import Throttled
from feddns.model.records import ZoneName
from feddns.providers.pacing import LONGEST_PAUSE_S
from feddns.providers.webhook.domains import DomainFilter
from feddns.providers.webhook.endpoints import Endpoint, endpoint_of, listing
from feddns.providers.webhook.outcome import failure

ZONE = ZoneName("example.com.")
ENDPOINTS = msgspec.json.Decoder(list[Endpoint | None] | None)
FILTER = msgspec.json.Decoder(DomainFilter)


def fuzz(data: bytes) -> None:
    kind, octets = (data[0], data[1:]) if data else (0, b"")
    match kind % 3:
        case 0:
            _list(octets)
        case 1:
            _filter(octets)
        case _:
            first, _, second = octets.decode("latin-1").partition("\n")
            error = failure(429, {"Retry-After": first, "Date": second}, "no", writes=True)
            assert isinstance(error, Throttled)
            assert 0 <= error.retry_after_s <= LONGEST_PAUSE_S


def _list(octets: bytes) -> None:
    try:
        endpoints = ENDPOINTS.decode(octets) or []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    for (name, kind), listed in listing(endpoints, ZONE).items():
        assert (listed.record_set.name, listed.record_set.type) == (name, kind)
        assert name.endswith(ZONE)
        try:
            endpoint_of(listed.record_set)
        except ValueError as error:
            assert str(error)


def _filter(octets: bytes) -> None:
    try:
        domains = FILTER.decode(octets)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    assert str(domains)
    domains.covers(ZONE)
    domains.zones()
