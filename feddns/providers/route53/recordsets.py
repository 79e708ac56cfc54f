"""Record sets between our form and the API's `ResourceRecordSet`.

Route 53's alias sets have no data of their own. Two of them, A and AAAA, that lead to the same place are one ALIAS;
any other is a set with the one value `ALIAS <hosted zone id> <target> <evaluate target health>`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from feddns.model.labels import is_within
from feddns.model.records import ADDRESS_TYPES, ALIAS, ALIAS_TTL_S, DnsName, RecordSet, ZoneName
from feddns.providers.route53 import loadbalancers
from feddns.providers.route53.names import decode_name, encode_name
from feddns.providers.route53.values import decode_value, encode_value

Raw = Mapping[str, Any]
"""A `ResourceRecordSet` as botocore has it."""

_PLAIN: Final = frozenset({"Name", "Type", "TTL", "ResourceRecords"})
_ALIAS_SET: Final = frozenset({"Name", "Type", "AliasTarget"})


class Place(msgspec.Struct, frozen=True):
    """Where record sets are.

    Attributes:
        zone: the names at and below it are ours to look at.
        hosted_zone_id: of the hosted zone that they are in.
        hosted_zone: its name.
    """

    zone: ZoneName
    hosted_zone_id: str
    hosted_zone: ZoneName

    def has(self, name: str) -> bool:
        """Whether a name is the zone's."""
        return is_within(name, self.zone)


class Copy(msgspec.Struct):
    """A zone as it was read.

    Attributes:
        record_sets: all but the SOA.
        spellings: what those stand for that we would write in another way: the exact text that a deletion must repeat.
    """

    record_sets: tuple[RecordSet, ...]
    spellings: dict[RecordSet, tuple[Raw, ...]]


def decode_sets(raws: Iterable[Raw], place: Place) -> Copy:
    """What the sets of a zone say.

    Raises:
        ValueError: a name is no domain name.
    """
    by_key: dict[tuple[DnsName, str], list[Raw]] = {}
    for raw in raws:
        name = decode_name(raw["Name"])
        if raw["Type"] != "SOA" and place.has(name):
            by_key.setdefault((name, raw["Type"]), []).append(raw)
    copy: dict[RecordSet, tuple[Raw, ...]] = {}
    for (name, kind), sets in by_key.items():
        if kind in ADDRESS_TYPES and (pair := _pair(by_key, name)):
            copy[_alias(name, pair[0])] = pair
        else:
            copy[_decode(name, kind, sets)] = tuple(sets)
    return Copy(tuple(copy), {found: sets for found, sets in copy.items() if _is_spelled_otherwise(found, sets, place)})


def encode_set(record_set: RecordSet, place: Place) -> tuple[Raw, ...]:
    """The sets that Route 53 has for one of ours that has values: two for an ALIAS.

    Raises:
        ValueError: it cannot be written as sets of Route 53.
    """
    name, kind, values = encode_name(record_set.name), record_set.type, record_set.values
    if kind == ALIAS:
        target = _target(values, place)
        return tuple({"Name": name, "Type": family, "AliasTarget": target} for family in ADDRESS_TYPES)
    if len(values) == 1 and values[0].startswith("ALIAS "):
        return ({"Name": name, "Type": kind, "AliasTarget": _opaque_target(values[0])},)
    records = [{"Value": encode_value(kind, value)} for value in values]
    return ({"Name": name, "Type": kind, "TTL": record_set.ttl, "ResourceRecords": records},)


def _pair(by_key: Mapping[tuple[DnsName, str], Sequence[Raw]], name: DnsName) -> tuple[Raw, ...]:
    """A name's A and AAAA where they are one ALIAS; else nothing."""
    pair = tuple(raw for kind in ADDRESS_TYPES for raw in by_key.get((name, kind), ()))
    if len(pair) != len(ADDRESS_TYPES) or not all(_is_alias_set(raw) for raw in pair):
        return ()
    return pair if pair[0]["AliasTarget"] == pair[1]["AliasTarget"] else ()


def _alias(name: DnsName, raw: Raw) -> RecordSet:
    target = loadbalancers.bare(decode_name(raw["AliasTarget"]["DNSName"]))
    return RecordSet(name, ALIAS, ALIAS_TTL_S, (target,))


def _decode(name: DnsName, kind: str, sets: Sequence[Raw]) -> RecordSet:
    raw = sets[0]
    if len(sets) == 1 and _is_alias_set(raw):
        target = raw["AliasTarget"]
        health = "true" if target["EvaluateTargetHealth"] else "false"
        value = f"ALIAS {target['HostedZoneId']} {decode_name(target['DNSName'])} {health}"
        return RecordSet(name, kind, ALIAS_TTL_S, (value,))
    if len(sets) == 1 and raw.keys() == _PLAIN:
        values = sorted([decode_value(kind, record["Value"]) for record in raw["ResourceRecords"]])
        return RecordSet(name, kind, raw["TTL"], tuple(values))
    return RecordSet(name, kind, raw.get("TTL", 0), ())


def _is_alias_set(raw: Raw) -> bool:
    return raw.keys() == _ALIAS_SET or (raw.keys() == _ALIAS_SET | {"ResourceRecords"} and not raw["ResourceRecords"])


def _is_spelled_otherwise(found: RecordSet, sets: tuple[Raw, ...], place: Place) -> bool:
    if not found.values:
        return False
    try:
        return encode_set(found, place) != sets
    except ValueError:
        return True


def _target(values: tuple[str, ...], place: Place) -> dict[str, Any]:
    if len(values) != 1:
        raise ValueError(f"an alias has one target, not {len(values)}")
    (hostname,) = values
    zone_id = loadbalancers.hosted_zone_id(hostname)
    if zone_id is None and is_within(hostname, place.hosted_zone):
        zone_id = place.hosted_zone_id
    if zone_id is None:
        raise ValueError(
            f"an alias leads to an AWS load balancer or to a name in {place.hosted_zone}, and {hostname} is neither"
        )
    # feddns judges health itself; Route 53's own opinion would take answers away behind its back.
    name = encode_name(loadbalancers.with_both_families(hostname))
    return {"HostedZoneId": zone_id, "DNSName": name, "EvaluateTargetHealth": False}


def _opaque_target(value: str) -> dict[str, Any]:
    parts = value.split(" ")
    if len(parts) != 4 or parts[3] not in {"true", "false"}:
        raise ValueError(f'"{value}" is no alias: ALIAS, a hosted zone id, a name, and true or false')
    _, zone_id, name, health = parts
    return {"HostedZoneId": zone_id, "DNSName": encode_name(name), "EvaluateTargetHealth": health == "true"}
