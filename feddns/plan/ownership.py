"""Ownership: the TXT record beside each hostname outside of the federation's pattern that says which service has it."""

import re
from typing import Final

import msgspec

from feddns.model.labels import is_hostname, is_label
from feddns.model.records import TXT, DnsName, RecordSet
from feddns.model.services import ServiceKey
from feddns.naming import Names

_PREFIX: Final = "_feddns."
_TTL_S: Final = 300
_STRING_OCTETS: Final = 255
"""The longest of the strings that a TXT record's text is made of (RFC 1035 section 3.3)."""

_TEXT: Final = re.compile(
    r"heritage=feddns,federation=([^,]*),owner=([^,]*),service=([^,/]+)/([^,/]+)(?:,region=([^,]+))?"
)
_EXTERNAL_DNS: Final = re.compile(r"heritage=external-dns(?:,external-dns/[^,=]*=[^,]*)*")


class Ownership(msgspec.Struct, frozen=True, gc=False):
    """What an ownership's record says.

    Attributes:
        hostname: what is owned, its record sets of the managed types.
        service: whose it is.
        region: the region whose name the hostname leads to; empty for the global one.
    """

    federation: str
    owner: str
    hostname: DnsName
    service: ServiceKey
    region: str = ""


class ExternalDns(msgspec.Struct, frozen=True, gc=False):
    """What a record of ExternalDNS' TXT registry says.

    Attributes:
        owner: its `--txt-owner-id`.
        resource: the object that the records come from, such as `service/shop/nginx`; empty where it does not say.
    """

    owner: str
    resource: str


def ownership_name(hostname: str) -> DnsName:
    """The name of the record that says whose a hostname is."""
    return DnsName(_PREFIX + hostname)


def ownership(names: Names, owner: str, key: ServiceKey, hostname: DnsName, region: str = "") -> RecordSet:
    """The record set that says that a hostname is a service's.

    Args:
        names: the federation's names in the hostname's zone.
        owner: who holds the claim.
        key: the service.
        hostname: outside of the federation's pattern.
        region: the region whose name it leads to; empty for the global one. It is told so that the zone alone says
            what was wanted while the cluster that wants it cannot be seen.
    """
    text = f"heritage=feddns,federation={names.federation},owner={owner},service={key}"
    if region:
        text += f",region={region}"
    if len(text) > _STRING_OCTETS:
        text = f'"{text[:_STRING_OCTETS]}" "{text[_STRING_OCTETS:]}"'
    return RecordSet(ownership_name(hostname), TXT, _TTL_S, (text,))


def owned_name(name: DnsName) -> DnsName:
    """The hostname whose ownership has this name; the name itself where it is none of an ownership."""
    return DnsName(name.removeprefix(_PREFIX))


def is_ownership_name(name: str) -> bool:
    """Whether a record of this name may be an ownership, by its name."""
    return name.startswith(_PREFIX)


def read_ownership(record_set: RecordSet) -> Ownership | None:
    """What a record set says as an ownership, or None where it is none that feddns wrote."""
    if record_set.type != TXT or not is_ownership_name(record_set.name) or len(record_set.values) != 1:
        return None
    match = _TEXT.fullmatch(_text(record_set.values[0]))
    if match is None or not all(map(is_label, filter(None, match.groups()[2:]))):
        return None
    hostname = DnsName(record_set.name.removeprefix(_PREFIX))
    if not is_hostname(hostname):
        return None
    return Ownership(match[1], match[2], hostname, ServiceKey(match[3], match[4]), match[5] or "")


def read_external_dns(record_set: RecordSet) -> ExternalDns | None:
    """What a record set says as one of ExternalDNS' TXT registry, or None where it says nothing such.

    Which name it speaks for follows from ExternalDNS' settings (`--txt-prefix`, `--txt-suffix`): by default of
    `nginx.example.com` and, with the type before it, of `cname-nginx.example.com`.
    """
    if record_set.type != TXT:
        return None
    for value in record_set.values:
        # Some of its providers wrote quotes of their own into the text.
        text = _text(value).replace("\\", "").strip('"')
        if _EXTERNAL_DNS.fullmatch(text):
            said = dict(part.split("=", 1) for part in text.split(","))
            return ExternalDns(said.get("external-dns/owner", ""), said.get("external-dns/resource", ""))
    return None


def _text(value: str) -> str:
    """The text of a TXT record whose strings need no escapes."""
    return value[1:-1].replace('" "', "") if value.startswith('"') else value
