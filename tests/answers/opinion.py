"""A second opinion: the slow and plain way to answer from a list of record sets (RFC 1034, RFC 4592, RFC 6604)."""

from collections.abc import Iterable

import dns.name
import dns.rdata
import dns.rdatatype
import msgspec

from feddns.model.records import RecordSet
from tests.answers.asking import APEX, ORIGIN, SERIAL

Records = set[tuple[str, str, int, str]]
ZONE = dns.name.from_text(ORIGIN)
SOA = f"ns1.example.com. hostmaster.example.com. {SERIAL} 300 60 604800 30"


class Opinion(msgspec.Struct):
    """What an answer should say."""

    rcode: str
    answer: Records
    has_soa: bool = False


class Resolver:
    """Answers from record sets by looking at all of them each time."""

    def __init__(self, record_sets: Iterable[RecordSet]) -> None:
        apex = RecordSet(APEX.record_sets()[0].name, "SOA", 3600, (SOA,))
        self._sets = [*record_sets, *APEX.record_sets(), apex]

    def resolve(self, name: dns.name.Name, type_: str) -> Opinion:
        """What the answer to a question should say."""
        if not name.is_subdomain(ZONE):
            return Opinion("REFUSED", set())
        answer: Records = set()
        seen = set()
        while name.is_subdomain(ZONE) and name not in seen:
            seen.add(name)
            source, exists = self._source(name)
            found = [each for each in self._at(source) if type_ in (each.type, "ANY")]
            alias = [each for each in self._at(source) if each.type == "CNAME"]
            if found:
                answer |= _records(name, min(found, key=lambda each: dns.rdatatype.from_text(each.type)))
                return Opinion("NOERROR", answer)
            if not alias:
                return Opinion("NOERROR" if exists else "NXDOMAIN", answer, has_soa=True)
            answer |= _records(name, alias[0])
            name = dns.name.from_text(alias[0].values[0])
        return Opinion("NOERROR", answer)

    def _source(self, name: dns.name.Name) -> tuple[dns.name.Name, bool]:
        """The name whose records are the name's, a wildcard where it has none, and whether there is such a name."""
        if self._exists(name):
            return name, True
        encloser = name.parent()
        while not self._exists(encloser):
            encloser = encloser.parent()
        wildcard = dns.name.from_text("*", encloser)
        return wildcard, bool(self._at(wildcard)) or self._exists(wildcard)

    def _exists(self, name: dns.name.Name) -> bool:
        return any(dns.name.from_text(each.name).is_subdomain(name) for each in self._sets)

    def _at(self, name: dns.name.Name) -> list[RecordSet]:
        return [each for each in self._sets if dns.name.from_text(each.name) == name]


def _records(owner: dns.name.Name, record_set: RecordSet) -> Records:
    texts = {
        dns.rdata.from_text("IN", record_set.type, _quoted(record_set, value)).to_text() for value in record_set.values
    }
    return {(owner.to_text().lower(), record_set.type, record_set.ttl, text.lower()) for text in texts}


def _quoted(record_set: RecordSet, value: str) -> str:
    return f'"{value}"' if record_set.type == "TXT" and not value.startswith('"') else value
