from typing import Any

import pytest

from feddns.errors import Conflict, Rejected
from feddns.providers.route53.refusal import refusal

WWW = {"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.300"}]}
MAIL = {"Name": "mail.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
WILD = {"Name": "*.example.com.", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "www.example.com."}]}
APEX = {
    "Name": "example.com.",
    "Type": "AAAA",
    "AliasTarget": {"HostedZoneId": "Z1", "DNSName": "lb.example.com.", "EvaluateTargetHealth": False},
}
CHANGES = [{"Action": "CREATE", "ResourceRecordSet": found} for found in (WWW, MAIL, WILD, APEX)]


def refused(message: str) -> Conflict | Rejected:
    return refusal(message, CHANGES, "example.com.")


@pytest.mark.parametrize(
    "message",
    [
        "[Tried to delete resource record set [name='www.example.com.', type='A'] but it was not found]",
        "Tried to delete resource record set [name='www.example.com.', type='A'] but it was not found",
        (
            "[Tried to delete resource record set [name='www.example.com.', type='A'] but the values provided "
            "do not match the current values]"
        ),
        "[Tried to create resource record set [name='www.example.com.', type='A'] but it already exists]",
        (
            "[Tried to create resource record set [name='www.example.com.', type='A', set identifier='eu'] but "
            "it already exists]"
        ),
        (
            "[Invalid Resource Record: 'FATAL problem: x encountered with '192.0.2.300'', Tried to delete "
            "resource record set [name='www.example.com.', type='A'] but it was not found]"
        ),
    ],
)
def test_a_zone_that_is_not_as_expected_is_a_conflict(message: str) -> None:
    error = refused(message)
    assert isinstance(error, Conflict)
    assert "not as it was last read" in str(error)
    assert message in str(error)


@pytest.mark.parametrize(
    ("message", "names"),
    [
        (
            (
                "[RRSet of type CNAME with DNS name \\052.example.com. is not permitted as it conflicts with "
                "other records with the same DNS name in zone example.com.]"
            ),
            {"*.example.com."},
        ),
        (
            (
                "[RRSet of type A with DNS name www.example.com. is not permitted because a conflicting RRSet of type  "
                "CNAME with the same DNS name already exists in zone example.com.]"
            ),
            {"www.example.com."},
        ),
        (
            "[RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.]",
            {"example.com."},
        ),
        ("RRSet with DNS name mail.example.com. is not permitted in zone example.com.", {"mail.example.com."}),
        (
            (
                "[RRSet with DNS name www.example.com., type A cannot be created as other RRSets exist with the "
                "same name and type., RRSet with DNS name mail.example.com. is not permitted in zone example.com.]"
            ),
            {"www.example.com.", "mail.example.com."},
        ),
        (
            "[The request contains an invalid set of changes for a resource record set 'CREATE A mail.example.com.']",
            {"mail.example.com."},
        ),
        (
            (
                "[Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 "
                "address) encountered with '192.0.2.300'']"
            ),
            {"www.example.com."},
        ),
        (
            (
                "Invalid Resource Record: FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) "
                "encountered with '192.0.2.300'"
            ),
            {"www.example.com."},
        ),
        (
            (
                "[Tried to create an alias that targets lb.example.com., type AAAA in zone Z1, but that target was not "
                "found]"
            ),
            {"example.com."},
        ),
        ("[RDATA character limit of 32000 exceeded.]", set()),
        ("[FATAL problem: DomainNameEmpty (Domain name is empty) encountered with '']", set()),
        ("[RRSet with DNS name other.example.com. is not permitted in zone example.com.]", set()),
    ],
)
def test_what_can_never_be_written_is_rejected_and_the_names_to_blame_are_told(message: str, names: set[str]) -> None:
    error = refused(message)
    assert isinstance(error, Rejected)
    assert error.names == names
    assert message in str(error)


@pytest.mark.parametrize(
    ("message", "told"),
    [("", "gives none"), ("[]", "[]"), ("something that nobody has seen yet", "nobody has seen yet")],
)
def test_what_is_not_understood_is_a_conflict_that_has_the_zone_read(message: str, told: str) -> None:
    error = refused(message)
    assert isinstance(error, Conflict)
    assert told in str(error)


def test_a_set_that_someone_protects_is_rejected_by_its_name() -> None:
    error = refused("[The resource record set [name='www.example.com.', type='A'] is protected: ask Ann]")
    assert isinstance(error, Rejected)
    assert error.names == {"www.example.com."}


def test_a_name_that_is_none_blames_nobody() -> None:
    changes: list[dict[str, Any]] = [{"Action": "CREATE", "ResourceRecordSet": WWW}]
    error = refusal("[RRSet with DNS name a..b is not permitted in zone example.com.]", changes, "example.com.")
    assert isinstance(error, Rejected)
    assert error.names == frozenset()
