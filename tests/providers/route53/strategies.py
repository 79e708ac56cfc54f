"""Names and record sets of every kind, in canonical form."""

import dns.name
from hypothesis import strategies as st

from feddns.model.changes import Batch, Change, Fence
from feddns.model.records import ALIAS, ALIAS_TTL_S, DnsName, RecordSet

ZONE = "example.com."
ELB = ("a-1.eu-west-1.elb.amazonaws.com.", "b-2.elb.us-east-1.amazonaws.com.")

octets = st.integers(0, 255).map(lambda number: bytes((number,)).lower())
odd_labels = st.lists(octets, min_size=1, max_size=12).map(b"".join)
plain_labels = st.from_regex(rb"[a-z0-9_]([a-z0-9_-]{0,10}[a-z0-9_])?", fullmatch=True)
odd_names = st.lists(odd_labels | plain_labels, min_size=1, max_size=4).map(
    lambda labels: DnsName(dns.name.Name((*labels, b"example", b"com", b"")).to_text())
)
names = st.lists(plain_labels, min_size=1, max_size=3).map(
    lambda labels: DnsName(".".join(label.decode() for label in labels) + f".{ZONE}")
)
ttls = st.integers(0, 2**31 - 1)
texts = st.lists(st.binary(max_size=255), min_size=1, max_size=3)
plain_texts = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"\\'), min_size=1).filter(
    lambda text: len(text) <= 255
)

VALUES = {
    "A": st.ip_addresses(v=4).map(str),
    "AAAA": st.ip_addresses(v=6).map(str),
    "CNAME": names.map(str),
    "TXT": plain_texts,
}


@st.composite
def record_sets(draw: st.DrawFn, kinds: tuple[str, ...] = ("A", "AAAA", "CNAME", "TXT", ALIAS)) -> RecordSet:
    name, kind = draw(names), draw(st.sampled_from(kinds))
    if kind == ALIAS:
        return RecordSet(name, ALIAS, ALIAS_TTL_S, (draw(st.sampled_from(ELB)),))
    most = 1 if kind == "CNAME" else 5
    values = draw(st.sets(VALUES[kind], min_size=1, max_size=most))
    return RecordSet(name, kind, draw(ttls), tuple(sorted(values)))


def claim(seq: int) -> RecordSet:
    """A claim as long as one can be."""
    text = f"heritage=feddns,federation={'f' * 63},owner={'o' * 63},seq={seq:018}"
    return RecordSet(DnsName(f"_feddns.f.svc.{ZONE}"), "TXT", 60, (text,))


def batch(*changes: Change) -> Batch:
    return Batch(changes, Fence(claim(1), claim(2)))


def by_value(name: str, *values: str) -> RecordSet:
    return RecordSet(DnsName(f"{name}.{ZONE}"), "A", 60, values)
