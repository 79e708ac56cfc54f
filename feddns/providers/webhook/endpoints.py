"""ExternalDNS' endpoints: record sets as the webhook protocol carries them, in JSON."""

from collections.abc import Collection, Iterable
from typing import Final

import msgspec

from feddns.model.records import DnsName, RecordSet, ZoneName
from feddns.providers.webhook.targets import name_of, target_of, value_of

_LABELS: Final = {"owner": "feddns"}
"""Providers written in Go may add labels without looking whether there are any, as there always are in ExternalDNS."""

_ALIASES: Final = frozenset({"true", "a", "aaaa"})

Key = tuple[DnsName, str]
"""What tells one record set of a zone from the others: name and type."""


class Property(msgspec.Struct, frozen=True, omit_defaults=True):
    """What only one provider knows about a record set."""

    name: str = ""
    value: str = ""


class Endpoint(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What ExternalDNS calls an endpoint: a record set, or with a set identifier one of several under a routing policy.

    Attributes:
        record_ttl: in seconds; 0 where it is not set or not told.
    """

    dns_name: str = ""
    targets: tuple[str, ...] | None = None
    record_type: str = ""
    set_identifier: str | None = None
    record_ttl: int | None = msgspec.field(default=None, name="recordTTL")
    labels: dict[str, str] | None = None
    provider_specific: tuple[Property, ...] | None = None


class Changes(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What one request changes; `update_old` and `update_new` are pairs."""

    create: tuple[Endpoint, ...] = ()
    update_old: tuple[Endpoint, ...] = ()
    update_new: tuple[Endpoint, ...] = ()
    delete: tuple[Endpoint, ...] = ()


class Listed(msgspec.Struct, frozen=True):
    """One record set, and the endpoint that it was told as."""

    record_set: RecordSet
    endpoint: Endpoint


def key(record_set: RecordSet) -> Key:
    """A record set's key."""
    return record_set.name, record_set.type


def endpoint_of(record_set: RecordSet) -> Endpoint:
    """A record set as an endpoint.

    Raises:
        ValueError: its values are no data of its type.
    """
    kind = record_set.type
    return Endpoint(
        dns_name=record_set.name.removesuffix("."),
        targets=tuple([target_of(kind, value) for value in record_set.values]),
        record_type=kind,
        record_ttl=record_set.ttl,
        labels=_LABELS,
    )


def listing(
    endpoints: Iterable[Endpoint | None], zone: ZoneName, names: Collection[DnsName] | None = None
) -> dict[Key, Listed]:
    """The record sets of a zone among endpoints, but for its SOA.

    Args:
        endpoints: of any zones; None, which Go's lists may hold, is nothing.
        zone: the zone.
        names: the names that matter; None for all.
    """
    groups: dict[Key, list[Endpoint]] = {}
    below = f".{zone}"
    for endpoint in endpoints:
        if endpoint is None:
            continue
        try:
            name = name_of(endpoint.dns_name)
        except ValueError:
            continue  # no name of ours can be like this
        kind = endpoint.record_type.upper()
        if f".{name}".endswith(below) and kind != "SOA" and (names is None or name in names):
            groups.setdefault((name, kind), []).append(endpoint)
    return {group: _listed(*group, found) for group, found in groups.items()}


def _listed(name: DnsName, kind: str, group: list[Endpoint]) -> Listed:
    """One record set of all endpoints of a name and type: some providers tell each of its records by itself."""
    endpoint = group[0]
    if len(group) > 1:
        targets = tuple([target for each in group for target in each.targets or ()])
        endpoint = msgspec.structs.replace(endpoint, targets=targets)
    ttl = max(endpoint.record_ttl or 0, 0)
    return Listed(RecordSet(name, kind, ttl, _values(kind, endpoint, group)), endpoint)


def _values(kind: str, endpoint: Endpoint, group: list[Endpoint]) -> tuple[str, ...]:
    """The values, or none for what are no plain records."""
    if any(map(_is_special, group)):
        return ()
    try:
        return tuple(sorted({value_of(kind, target) for target in endpoint.targets or ()}))
    except ValueError:
        return ()


def _is_special(endpoint: Endpoint) -> bool:
    """Whether it stands under a routing policy, or for another name's addresses."""
    return bool(endpoint.set_identifier) or any(
        each.name == "alias" and each.value.lower() in _ALIASES for each in endpoint.provider_specific or ()
    )
