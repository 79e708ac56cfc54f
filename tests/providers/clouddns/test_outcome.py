"""Every refusal becomes the error that tells the caller what to do."""

import pytest

from feddns.errors import Conflict, ProviderError, Rejected, Throttled, Unauthorized, Unavailable
from feddns.providers.clouddns.calls import Call
from feddns.providers.clouddns.outcome import Cause, Refusal, failure
from feddns.providers.clouddns.resources import Change, ResourceRecordSet

CHANGE = Change(
    additions=(ResourceRecordSet("claim.example.com.", "TXT"), ResourceRecordSet("a.example.com.", "A")),
    deletions=(ResourceRecordSet("b.example.com.", "A"),),
)
GONE = "The 'entity.change.deletions[0]' resource named 'b.example.com. (A)' does not exist."
THERE = "The resource 'entity.change.additions[1]' named 'a.example.com. (A)' already exists"
STALE = "Precondition not met for 'entity.change.deletions[0]'"
NO_ZONE = "The 'parameters.managedZone' resource named 'z' does not exist."
BESIDE = "The resource record set 'entity.change.additions[a.example.com.][A]' is invalid because …"


def met(
    status: int, reason: str = "", message: str = "", domain: str = "global", call: Call = Call.CREATE_CHANGE
) -> ProviderError:
    causes = (Cause(reason, message, domain),) if reason else ()
    return failure(call, Refusal(status, message, causes, 7.0), "project p, as me", CHANGE if call.writes else None)


@pytest.mark.parametrize(
    ("status", "reason", "message", "kind"),
    [
        (404, "notFound", GONE, Conflict),
        (409, "alreadyExists", THERE, Conflict),
        (412, "conditionNotMet", STALE, Conflict),
        (404, "notFound", NO_ZONE, Rejected),
        (400, "invalid", "Invalid value for 'entity.change.additions[1].rrdata[0]': 'x'", Rejected),
        (400, "cnameResourceRecordSetConflict", BESIDE, Rejected),
        (403, "quotaExceeded", "The change would exceed quota for additions per change.", Rejected),
        (403, "rateLimitExceeded", "slowly", Throttled),
        (403, "userRateLimitExceeded", "slowly", Throttled),
        (429, "rateLimitExceeded", "slowly", Throttled),
        (429, "", "", Throttled),
        (403, "forbidden", "Forbidden", Unauthorized),
        (403, "", "", Unauthorized),
        (401, "authError", "Invalid Credentials", Unauthorized),
        (500, "backendError", "", Unavailable),
        (502, "", "", Unavailable),
        (503, "", "", Unavailable),
        (504, "", "", Unavailable),
        (413, "uploadTooLarge", "", Rejected),
    ],
)
def test_a_refused_change_is_told_by_its_kind_and_in_the_services_words(
    status: int, reason: str, message: str, kind: type[ProviderError]
) -> None:
    error = met(status, reason, message)
    assert type(error) is kind
    assert "project p, as me" in str(error)
    assert message in str(error)
    assert reason in str(error)


def test_a_quota_of_requests_is_no_quota_of_sizes() -> None:
    assert type(met(403, "quotaExceeded", "per minute", "usageLimits")) is Throttled


def test_the_time_that_the_service_asks_for_is_passed_on() -> None:
    error = met(429, "rateLimitExceeded")
    assert isinstance(error, Throttled)
    assert error.retry_after_s == 7.0


@pytest.mark.parametrize("call", Call)
def test_only_a_change_has_an_unknown_outcome(call: Call) -> None:
    error = met(503, call=call)
    assert isinstance(error, Unavailable)
    assert error.outcome_unknown == (call is Call.CREATE_CHANGE)


@pytest.mark.parametrize("call", [call for call in Call if not call.writes])
def test_what_is_not_there_is_no_conflict_where_nothing_is_changed(call: Call) -> None:
    assert type(met(404, "notFound", NO_ZONE, call=call)) is Rejected


@pytest.mark.parametrize("call", Call)
def test_a_missing_permission_is_named_with_a_role_that_has_it(call: Call) -> None:
    text = str(met(403, "forbidden", "Forbidden", call=call))
    assert all(permission in text for permission in call.permissions)
    assert call.role in text


def test_an_api_that_is_not_enabled_is_told_with_the_command_that_enables_it() -> None:
    error = met(403, "accessNotConfigured", "Cloud DNS API has not been used in project 1 before", "usageLimits")
    assert isinstance(error, Unauthorized)
    assert "gcloud services enable dns.googleapis.com" in str(error)


def test_a_quota_project_that_may_not_be_used_is_told_with_its_own_permission() -> None:
    causes = (Cause("forbidden", "Caller does not have required permission"), Cause("USER_PROJECT_DENIED"))
    error = failure(Call.LIST_ZONES, Refusal(403, "", causes), "project p, as me", None)
    assert isinstance(error, Unauthorized)
    assert "serviceusage.services.use" in str(error)


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ("Invalid value for 'entity.change.additions[1].rrdata[0]': 'x'", {"a.example.com."}),
        ("Invalid value for 'entity.change.deletions[0].ttl': '-1'", {"b.example.com."}),
        (BESIDE, {"a.example.com."}),
        ("Invalid value for 'entity.change.additions[9].name': 'x'", set()),
        ("Invalid value for 'entity.change'", set()),
    ],
)
def test_the_names_to_blame_are_read_from_the_paths(message: str, names: set[str]) -> None:
    error = met(400, "invalid", message)
    assert isinstance(error, Rejected)
    assert error.names == names


def test_all_that_is_to_blame_is_named() -> None:
    messages = [f"Invalid value for 'entity.change.additions[{place}].ttl': '-1'" for place in (0, 1)]
    refusal = Refusal(400, messages[0], tuple(Cause("invalid", message) for message in messages))
    error = failure(Call.CREATE_CHANGE, refusal, "here", CHANGE)
    assert isinstance(error, Rejected)
    assert error.names == {"claim.example.com.", "a.example.com."}
    assert all(message in str(error) for message in messages)
