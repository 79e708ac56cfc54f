"""Record sets as lines of master files, which leave more than one form for the same."""

import re
from typing import Final

import dns.exception
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from feddns.errors import Rejected
from feddns.model.records import RecordSet
from feddns.providers.canonical import canonical_name, canonical_value

_PLAIN_NAME: Final = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+")


def lines_of(record_set: RecordSet) -> list[str]:
    """The lines of a record set in a master file.

    Raises:
        Rejected: its name or its values are nothing that a master file can hold.
    """
    name, kind = record_set.name, record_set.type
    try:
        head = f"{_owner_of(name)} {record_set.ttl} IN {kind}"
        return [f"{head} {_data_of(kind, value).to_text()}\n" for value in record_set.values]
    except (dns.exception.DNSException, ValueError) as error:
        raise Rejected(f"{name} {kind}: {error}", frozenset({name})) from error


def _owner_of(name: str) -> str:
    """A name that stands for itself alone: with a newline or a `$` in it, it could be a line of its own."""
    if not _PLAIN_NAME.fullmatch(name) and canonical_name(name) != name:
        raise ValueError("the name is not in canonical form")
    return name


def _data_of(kind: str, value: str) -> dns.rdata.Rdata:
    text = f'"{value}"' if kind == "TXT" and not value.startswith('"') else value
    data = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(kind), text, relativize=False)
    if canonical_value(data) != value:
        raise ValueError(f'"{value}" is not in canonical form')
    return data
