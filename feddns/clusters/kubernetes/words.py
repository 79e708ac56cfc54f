"""What an API server says beside whole objects, read without trusting that it is anything at all."""

from http import HTTPStatus
from typing import Final

import msgspec

from feddns.clusters.kubernetes.access import refused
from feddns.clusters.kubernetes.failures import Refused
from feddns.clusters.wire import UNREADABLE, Named, Status

_STATUS: Final = msgspec.json.Decoder(Status)
_NAMED: Final = msgspec.json.Decoder(Named)


def name_of(raw: msgspec.Raw) -> Named:
    """Which object it is, as far as it says; one without a name where it does not."""
    try:
        return _NAMED.decode(raw)
    except UNREADABLE:
        return Named()


def ended(raw: msgspec.Raw, what: str) -> Refused:
    """The error that an event of the type ERROR tells of.

    Args:
        raw: its object.
        what: has ended, for people.
    """
    try:
        status = _STATUS.decode(raw)
    except UNREADABLE:
        status = Status()
    return refused(status, HTTPStatus.INTERNAL_SERVER_ERROR, what)
