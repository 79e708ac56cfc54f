"""What one resource record set must be by itself."""

from collections.abc import Iterable
from typing import Any

from tests.providers.fakes.route53.errors import ApiError, Refused, invalid_input
from tests.providers.fakes.route53.values import check_value

POLICIES = (
    "Weight", "Region", "GeoLocation", "Failover", "MultiValueAnswer", "CidrRoutingConfig", "GeoProximityLocation",
)  # fmt: skip
MOST_RECORDS = 1_000
MOST_CHARACTERS = 32_000
MOST_VALUES = 400
LONGEST_VALUE = 4_000

AWS_NAMES = {
    "Z32O12XQLNTSW2": "eu-west-1.elb.amazonaws.com.",
    "Z35SXDOTRQ7X7K": "us-east-1.elb.amazonaws.com.",
    "Z2IFOLAFXWLO4F": "elb.eu-west-1.amazonaws.com.",
    "Z26RNL4JYFTOTI": "elb.us-east-1.amazonaws.com.",
    "Z3QFB96KMJ7ED6": "elb.cn-north-1.amazonaws.com.cn.",
    "Z2FDTNDATAQYW2": "cloudfront.net.",
}
"""The hosted zones of AWS itself that aliases may lead to, as far as the fake knows them."""

Set = dict[str, Any]
Change = dict[str, Any]


def check_size(changes: Iterable[Change]) -> None:
    """Refuse more than one request may hold; an UPSERT counts twice."""
    records = characters = 0
    for change in changes:
        times = 2 if change["Action"] == "UPSERT" else 1
        values = [record["Value"] for record in change["ResourceRecordSet"].get("ResourceRecords", ())]
        records += times * max(len(values), 1)
        characters += times * sum(map(len, values))
    faults = []
    if records > MOST_RECORDS:
        faults.append(f"Number of records limit of {MOST_RECORDS} exceeded.")
    if characters > MOST_CHARACTERS:
        faults.append(f"RDATA character limit of {MOST_CHARACTERS} exceeded.")
    if faults:
        raise ApiError("InvalidChangeBatch", f"[{', '.join(faults)}]")


def check_form(change: Change) -> None:
    """Refuse a set that is neither of records nor an alias."""
    wanted = change["ResourceRecordSet"]
    records, ttl, alias = wanted.get("ResourceRecords"), wanted.get("TTL"), wanted.get("AliasTarget")
    found = [bool(records) and ttl is not None, alias is not None, "TrafficPolicyInstanceId" in wanted]
    both = alias is not None and (records or ttl is not None)
    if sum(found) != 1 or both or (ttl is None) != (not records):
        raise invalid_input(
            f"Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or "
            f"TrafficPolicyInstanceId], but found {'more than one' if both else 'none'} in Change with "
            f"[Action={change['Action']}, Name={wanted['Name']}, Type={wanted['Type']}, "
            f"SetIdentifier={wanted.get('SetIdentifier', 'null')}]"
        )
    policies = [policy for policy in POLICIES if policy in wanted]
    if len(policies) != ("SetIdentifier" in wanted):
        raise invalid_input(
            f"Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer, "
            f"CidrRoutingConfig, GeoProximityLocation] with a SetIdentifier, but found {policies} in Change with "
            f"[Action={change['Action']}, Name={wanted['Name']}, Type={wanted['Type']}]"
        )


def check_values(wanted: Set) -> None:
    """Refuse values that are none, or too many."""
    values = [record["Value"] for record in wanted.get("ResourceRecords", ())]
    kind = wanted["Type"]
    if len(values) > MOST_VALUES:
        raise Refused(f"Number of resource records in '{wanted['Name']} {kind}' limit of {MOST_VALUES} exceeded.")
    if len(set(values)) < len(values):
        double = next(value for value in values if values.count(value) > 1)
        raise Refused(f"Duplicate Resource Record: '{double}'")
    if kind == "CNAME" and len(values) > 1:
        raise Refused(f"Resource record set of type CNAME with DNS name {wanted['Name']} must have exactly one value")
    for value in values:
        if len(value) > LONGEST_VALUE:
            raise Refused(f"Invalid Resource Record: FATAL problem: ValueTooLong encountered with '{value[:20]}...'")
        check_value(kind, value)
