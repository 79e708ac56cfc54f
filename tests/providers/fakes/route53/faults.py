"""What can be told to go wrong with the next request."""

from dataclasses import dataclass
from enum import Enum, auto

from tests.providers.fakes.route53.errors import ApiError


class Kind(Enum):
    """Ways to go wrong."""

    RESET_BEFORE = auto()
    """The connection ends before anything is done."""
    RESET_AFTER = auto()
    """It is done, and the connection ends without an answer."""
    FAIL_BEFORE = auto()
    """HTTP 503, and nothing is done."""
    FAIL_AFTER = auto()
    """It is done, and the answer is HTTP 503."""
    SILENT_BEFORE = auto()
    """Nothing is done, and no answer comes."""
    SILENT_AFTER = auto()
    """It is done, and no answer comes."""
    THROTTLE = auto()
    BUSY = auto()
    DENY = auto()
    EXPIRE = auto()
    BARE_INVALID = auto()
    """The documented body of an InvalidChangeBatch, which botocore does not understand."""
    INVALID = auto()
    """An InvalidChangeBatch with a message of one's own."""


AFTERWARDS = frozenset({Kind.RESET_AFTER, Kind.FAIL_AFTER, Kind.SILENT_AFTER})
RESETS = frozenset({Kind.RESET_BEFORE, Kind.RESET_AFTER})
SILENCES = frozenset({Kind.SILENT_BEFORE, Kind.SILENT_AFTER})


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the next request of an operation.

    Attributes:
        operation: which; empty for any.
        message: of an INVALID.
        headers: that the answer has besides.
    """

    kind: Kind
    operation: str = "ChangeResourceRecordSets"
    message: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def error(self) -> ApiError:
        """What the answer says, where there is one."""
        match self.kind:
            case Kind.THROTTLE:
                return ApiError("Throttling", "Rate exceeded")
            case Kind.BUSY:
                return prior_request_not_complete()
            case Kind.DENY:
                return ApiError("AccessDenied", "User: arn:aws:iam::111122223333:user/x is not authorized", 403)
            case Kind.EXPIRE:
                return expired()
            case Kind.INVALID | Kind.BARE_INVALID:
                return ApiError("InvalidChangeBatch", self.message)
            case _:
                return ApiError("ServiceUnavailable", "Service is unavailable", 503)


def prior_request_not_complete() -> ApiError:
    text = "The request was rejected because Route 53 was still processing a prior request."
    return ApiError("PriorRequestNotComplete", text)


def expired() -> ApiError:
    return ApiError("ExpiredToken", "The security token included in the request is expired", 403)
