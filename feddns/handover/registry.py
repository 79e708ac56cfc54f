"""ExternalDNS' TXT registry: which records of a zone it says are its own, by the names of its TXT records.

https://kubernetes-sigs.github.io/external-dns/latest/docs/registry/txt/ tells the forms. For `nginx.example.com A` it
has written `a-nginx.example.com TXT` since 0.12, and until 0.17 `nginx.example.com TXT` too.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from feddns.model.records import MANAGED_TYPES, TXT, DnsName, RecordSet
from feddns.plan.ownership import ExternalDns, read_external_dns

_TEMPLATE: Final = "%{record_type}"
_TYPES: Final = ("a", "aaaa", "cname", "ns", "mx", "ptr", "srv", "naptr", "txt", "dname")
_OLD_FORM_NEVER: Final = "AAAA"
"""The old form, which names no type, speaks for all types but this one."""


class Affixes(msgspec.Struct, frozen=True):
    """What ExternalDNS puts around the first labels of its TXT records' names; at most one of the two is set.

    Attributes:
        prefix: its `--txt-prefix`; `%{record_type}` in it stands for the type.
        suffix: its `--txt-suffix`, which stands behind the first label; likewise.
    """

    prefix: str = ""
    suffix: str = ""

    def subject(self, name: str) -> tuple[DnsName, str] | None:
        """The name and type that a TXT record of this name speaks for; None where it is not of this form.

        The type is empty in the old form.
        """
        if not self.suffix:
            return self._subject(name)
        labels = name.split(".")
        count = self.suffix.count(".") + 1
        found = self._subject(".".join(labels[:count]))
        return None if found is None else (DnsName(".".join((found[0], *labels[count:]))), found[1])

    def _subject(self, text: str) -> tuple[DnsName, str] | None:
        prefix, suffix = self.prefix.lower(), self.suffix.lower()
        if _TEMPLATE in prefix + suffix:
            for kind in _TYPES:
                bare = _without(text, prefix.replace(_TEMPLATE, kind), suffix.replace(_TEMPLATE, kind))
                if bare:
                    return DnsName(bare), kind.upper()
        bare = _without(text, prefix.replace(_TEMPLATE, ""), suffix.replace(_TEMPLATE, ""))
        if not bare:
            return None
        kind, _, rest = bare.partition("-")
        return (DnsName(rest), kind.upper()) if rest and kind in _TYPES else (DnsName(bare), "")


def _without(text: str, prefix: str, suffix: str) -> str:
    """What stands between the two; empty where they are not there."""
    is_between = text.startswith(prefix) and text.endswith(suffix) and len(text) > len(prefix) + len(suffix)
    return text[len(prefix) : len(text) - len(suffix)] if is_between else ""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One record set of the registry.

    Attributes:
        text: the record set itself.
        said: what it says.
        name: what it speaks for; empty where its name has not the affixes that were given.
        type: of that; empty in the old form.
    """

    text: RecordSet
    said: ExternalDns
    name: DnsName
    type: str

    def covers(self, record_set: RecordSet) -> bool:
        """Whether ExternalDNS takes the record set for its own by this entry."""
        is_its_type = record_set.type != _OLD_FORM_NEVER if not self.type else self.type == record_set.type
        return self.name == record_set.name and is_its_type


def read_registry(record_sets: Iterable[RecordSet], affixes: Affixes) -> tuple[Entry, ...]:
    """Every entry of the registry in a zone, but those that speak for types that are none of feddns'."""
    entries: list[Entry] = []
    for record_set in record_sets:
        said = read_external_dns(record_set) if record_set.type == TXT and record_set.values else None
        if said is not None:
            name, kind = affixes.subject(record_set.name) or (DnsName(""), "")
            if not kind or kind in MANAGED_TYPES:
                entries.append(Entry(record_set, said, name, kind))
    return tuple(sorted(entries, key=lambda entry: entry.text))


def overlooked(entries: Iterable[Entry], names: Iterable[DnsName]) -> tuple[Entry, ...]:
    """The entries that may speak for one of the names by affixes that were not given: its labels are in theirs."""
    firsts: dict[str, list[str]] = {}
    for name in names:
        first, _, rest = name.partition(".")
        firsts.setdefault(rest, []).append(first)
    return tuple(entry for entry in entries if _has_one_of(entry.text.name, firsts))


def _has_one_of(name: str, firsts: Mapping[str, list[str]]) -> bool:
    before: list[str] = []
    while name:
        label, _, name = name.partition(".")
        before.append(label)
        if any(first in each for first in firsts.get(name, ()) for each in before):
            return True
    return False
