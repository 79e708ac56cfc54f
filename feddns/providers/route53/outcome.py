"""What an error of botocore means for the one who asked."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from feddns.errors import ProviderError, Rejected, Throttled, Unauthorized, Unavailable
from feddns.providers.pacing import LONGEST_PAUSE_S, asked_pause_s

THROTTLED: Final = frozenset(
    {"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestLimitExceeded", "SlowDown"}
)
PRIOR_REQUEST: Final = "PriorRequestNotComplete"
EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})
_ASSUMING: Final = frozenset({"AssumeRole", "AssumeRoleWithWebIdentity"})

_NO_CREDENTIALS: Final = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.TokenRetrievalError,
    exceptions.SSOError,
    exceptions.ProfileNotFound,
    exceptions.ConfigNotFound,
    exceptions.ConfigParseError,
    exceptions.InvalidConfigError,
    exceptions.InfiniteLoopConfigError,
    exceptions.RefreshWithMFAUnsupportedError,
    exceptions.UnknownCredentialError,
)
_NEVER_SENT: Final = (
    exceptions.EndpointConnectionError,
    exceptions.ConnectTimeoutError,
    exceptions.ProxyConnectionError,
)


class Request(msgspec.Struct, frozen=True):
    """What is asked, as far as an error tells of it.

    Attributes:
        operation: the API's operation, which is also the IAM action.
        resource: what the IAM permission for it is given on, as its ARN ends; `*` for everything.
        writes: whether it changes the zone.
    """

    operation: str
    resource: str = "*"
    writes: bool = False

    def permission(self, partition: str) -> str:
        """The IAM permission that it needs, for people."""
        resource = self.resource if self.resource == "*" else f"arn:{partition}:route53:::{self.resource}"
        return f"route53:{self.operation} on {resource}"


def of_hosted_zone(operation: str, zone_id: str, *, writes: bool = False) -> Request:
    """A request that concerns one hosted zone."""
    return Request(operation, f"hostedzone/{zone_id}", writes)


def code_of(error: ClientError) -> str:
    """The error's code; empty where the service's answer has none."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message_of(error: ClientError) -> str:
    """What the service says of it, for people; may be empty."""
    return str(error.response.get("Error", {}).get("Message", ""))


def is_invalid_batch(error: ClientError) -> bool:
    """Whether the service says that a change batch cannot be carried out.

    One of the two forms that are documented for it, `<InvalidChangeBatch><Messages>`, comes out of botocore without
    code and message.
    """
    if error.operation_name != "ChangeResourceRecordSets":
        return False
    return code_of(error) == "InvalidChangeBatch" or (not code_of(error) and _status(error) == 400)


def answered(error: ClientError, request: Request, partition: str) -> ProviderError:
    """The error that an answer of the service means, whatever was asked.

    Args:
        error: the answer.
        request: what was asked.
        partition: the part of AWS that ARNs name, such as `aws-cn`.
    """
    if error.operation_name in _ASSUMING:
        return _not_assumed(error)
    code, status = code_of(error), _status(error)
    told = f"{code or status}: {message_of(error) or 'no reason given'}"
    if code in THROTTLED or code == PRIOR_REQUEST or status == 429:
        return Throttled(f"Route 53 asks for patience with {request.operation} ({told})", retry_after_s(error))
    if status >= 500:
        return Unavailable(f"Route 53 failed at {request.operation} ({told})", outcome_unknown=request.writes)
    if code in _DENIED:
        return Unauthorized(f"the credentials lack the IAM permission {request.permission(partition)} ({told})")
    if code in EXPIRED or status in {401, 403}:
        return Unauthorized(f"Route 53 does not accept the credentials for {request.operation} ({told})")
    return Rejected(f"Route 53 refuses {request.operation} ({told})")


def unanswered(error: BotoCoreError | OSError, request: Request) -> ProviderError:
    """The error that the lack of an answer means."""
    if isinstance(error, _NO_CREDENTIALS):
        return Unauthorized(
            f"there are no AWS credentials for route53:{request.operation}: {error} (give the pod a role by IRSA or "
            f"EKS Pod Identity, or set `profile` or `roleArn`)"
        )
    if not isinstance(error, BotoCoreError):  # network errors are, so that this is a file that botocore reads
        return Unauthorized(f"a file with AWS credentials or certificates cannot be read: {error}")
    if isinstance(error, exceptions.ParamValidationError):
        return Rejected(f"{request.operation} is not asked as Route 53 wants it: {error}")
    if isinstance(error, _NEVER_SENT):
        return Unavailable(f"Route 53 cannot be reached for {request.operation}: {error}")
    return Unavailable(f"Route 53 did not answer {request.operation}: {error}", outcome_unknown=request.writes)


def retry_after_s(error: ClientError) -> float:
    """The least time to wait in seconds; 0.0 where the answer does not say."""
    headers = _metadata(error).get("HTTPHeaders", {})
    asked_ms = headers.get("x-amz-retry-after", "")
    own_s = float(asked_ms) / 1000 if asked_ms.isascii() and asked_ms.isdigit() else 0.0
    return max(min(own_s, LONGEST_PAUSE_S), asked_pause_s(headers.get("retry-after", ""), headers.get("date", "")))


def _not_assumed(error: ClientError) -> ProviderError:
    """The error of a role that could not be assumed; Route 53 was not asked anything."""
    code = code_of(error)
    told = f"{code}: {message_of(error)}"
    if code in THROTTLED or _status(error) == 429:
        return Throttled(f"AWS STS asks for patience ({told})", retry_after_s(error))
    if _status(error) >= 500 or code == "IDPCommunicationError":
        return Unavailable(f"AWS STS failed at {error.operation_name} ({told})")
    return Unauthorized(
        f"the role cannot be assumed by sts:{error.operation_name}: its trust policy must allow it to our credentials, "
        f"and they need that permission on it ({told})"
    )


def _status(error: ClientError) -> int:
    return int(_metadata(error).get("HTTPStatusCode", 0))


def _metadata(error: ClientError) -> Mapping[str, Any]:
    metadata: Mapping[str, Any] = error.response.get("ResponseMetadata", {})
    return metadata
