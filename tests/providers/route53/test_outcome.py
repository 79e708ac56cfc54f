from typing import Any

import pytest
from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from feddns.errors import ProviderError, Rejected, Throttled, Unauthorized, Unavailable
from feddns.providers.route53.outcome import Request, answered, is_invalid_batch, of_hosted_zone, unanswered

CHANGE = of_hosted_zone("ChangeResourceRecordSets", "Z1", writes=True)
LIST = of_hosted_zone("ListResourceRecordSets", "Z1")
URL = {"endpoint_url": "https://route53.amazonaws.com"}


def error(
    code: str, status: int = 400, message: str = "why", operation: str = "ChangeResourceRecordSets", **headers: str
) -> ClientError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    metadata: Any = {"HTTPStatusCode": status, "HTTPHeaders": named}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, operation)


def outcome(failure: ClientError, request: Request = CHANGE) -> ProviderError:
    return answered(failure, request, "aws")


@pytest.mark.parametrize(
    "failure", [error("Throttling"), error("PriorRequestNotComplete"), error("", 429), error("ThrottlingException")]
)
def test_too_many_requests_and_a_busy_zone_ask_for_patience(failure: ClientError) -> None:
    told = outcome(failure)
    assert isinstance(told, Throttled)
    assert told.retry_after_s == 0.0


@pytest.mark.parametrize(
    ("headers", "pause_s"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": "\u00b2", "x_amz_retry_after": "\u00b3"}, 0.0),
        ({"x_amz_retry_after": "1500"}, 1.5),
        ({"x_amz_retry_after": "9" * 400}, 3_600.0),
        ({"retry_after": "1", "x_amz_retry_after": "1500"}, 1.5),
        ({"retry_after": "Wed, 21 Oct 2026 07:28:05 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 5.0),
        ({"retry_after": "soon", "x_amz_retry_after": "later"}, 0.0),
    ],
)
def test_how_long_to_wait_is_taken_from_the_answer(headers: dict[str, str], pause_s: float) -> None:
    told = outcome(error("Throttling", 400, "why", "ListHostedZones", **headers))
    assert isinstance(told, Throttled)
    assert told.retry_after_s == pause_s


@pytest.mark.parametrize("failure", [error("ServiceUnavailable", 503), error("InternalFailure", 500), error("", 502)])
def test_after_a_failure_of_the_service_the_outcome_of_a_write_is_unknown(failure: ClientError) -> None:
    for request in (CHANGE, LIST):
        told = outcome(failure, request)
        assert isinstance(told, Unavailable)
        assert told.outcome_unknown == request.writes


def test_a_missing_permission_is_told_with_what_it_is_needed_for() -> None:
    told = outcome(error("AccessDenied", 403))
    assert isinstance(told, Unauthorized)
    assert "IAM permission route53:ChangeResourceRecordSets on arn:aws:route53:::hostedzone/Z1" in str(told)
    everywhere = answered(error("AccessDenied", 403), Request("ListHostedZones"), "aws-cn")
    assert "route53:ListHostedZones on *" in str(everywhere)
    assert "arn:aws-cn:route53:::hostedzone/Z1" in str(answered(error("AccessDenied", 403), LIST, "aws-cn"))


@pytest.mark.parametrize(
    ("code", "status"),
    [("ExpiredToken", 403), ("InvalidClientTokenId", 403), ("SignatureDoesNotMatch", 403), ("RequestExpired", 400)],
)
def test_credentials_that_are_not_accepted_are_no_permission(code: str, status: int) -> None:
    told = outcome(error(code, status))
    assert isinstance(told, Unauthorized)
    assert code in str(told)


@pytest.mark.parametrize(("code", "status"), [("NoSuchHostedZone", 404), ("InvalidInput", 400)])
def test_what_will_be_refused_again_is_rejected(code: str, status: int) -> None:
    assert isinstance(outcome(error(code, status)), Rejected)


def test_a_change_batch_is_invalid_in_both_forms_of_the_answer() -> None:
    assert is_invalid_batch(error("InvalidChangeBatch"))
    assert is_invalid_batch(error("", 400, ""))
    assert not is_invalid_batch(error("", 503))
    assert not is_invalid_batch(error("InvalidInput"))
    assert not is_invalid_batch(error("", 400, operation="AssumeRole"))


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDenied", 403, Unauthorized),
        ("InvalidIdentityToken", 400, Unauthorized),
        ("ExpiredTokenException", 400, Unauthorized),
        ("Throttling", 400, Throttled),
        ("InternalFailure", 500, Unavailable),
        ("IDPCommunicationError", 400, Unavailable),
    ],
)
def test_a_role_that_is_not_assumed_leaves_the_zone_alone(code: str, status: int, kind: type[ProviderError]) -> None:
    told = outcome(error(code, status, operation="AssumeRoleWithWebIdentity"))
    assert type(told) is kind
    assert not (isinstance(told, Unavailable) and told.outcome_unknown)
    assert "STS" in str(told) or "sts:AssumeRoleWithWebIdentity" in str(told)


@pytest.mark.parametrize(
    ("failure", "kind", "unknown"),
    [
        (exceptions.EndpointConnectionError(**URL), Unavailable, False),
        (exceptions.ConnectTimeoutError(**URL), Unavailable, False),
        (exceptions.ProxyConnectionError(proxy_url="http://proxy"), Unavailable, False),
        (exceptions.ReadTimeoutError(**URL), Unavailable, True),
        (exceptions.ConnectionClosedError(**URL), Unavailable, True),
        (exceptions.SSLError(error="x", **URL), Unavailable, True),
        (exceptions.HTTPClientError(error="x"), Unavailable, True),
        (exceptions.NoCredentialsError(), Unauthorized, False),
        (exceptions.ProfileNotFound(profile="p"), Unauthorized, False),
        (exceptions.CredentialRetrievalError(provider="p", error_msg="x"), Unauthorized, False),
        (exceptions.ParamValidationError(report="x"), Rejected, False),
        (FileNotFoundError(2, "No such file", "token"), Unauthorized, False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_answer_leaves_the_outcome_unknown_unless_nothing_was_sent(
    failure: BotoCoreError | OSError,
    kind: type[ProviderError],
    unknown: bool,  # noqa: FBT001  # a table's column
) -> None:
    told = unanswered(failure, CHANGE)
    assert type(told) is kind
    assert getattr(told, "outcome_unknown", False) == unknown
    assert not getattr(unanswered(failure, LIST), "outcome_unknown", False)
