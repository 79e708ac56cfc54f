"""Names and record sets, few enough to meet and odd enough to surprise."""

import ipaddress

import dns.name
from hypothesis import strategies as st

from feddns.model.records import DnsName, RecordSet, ZoneName

ZONE = ZoneName("example.com.")

plain_labels = st.from_regex(r"[a-z0-9_]([a-z0-9-]{0,5}[a-z0-9])?|\*", fullmatch=True)
odd_labels = st.binary(min_size=1, max_size=4).map(lambda octets: dns.name.Name((octets.lower(),)).to_text())


def _name(labels: list[str]) -> DnsName:
    return DnsName(".".join([*labels, ZONE]))


labels = plain_labels | odd_labels
names = st.lists(labels, max_size=3).map(_name)
names_below = st.lists(labels, min_size=1, max_size=3).map(_name)

addresses4 = st.ip_addresses(v=4).map(str)
addresses6 = st.ip_addresses(v=6).map(lambda address: str(ipaddress.IPv6Address(address)))
texts = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"\\'), min_size=1, max_size=255)

values = {
    "A": addresses4,
    "AAAA": addresses6,
    "TXT": texts,
    "MX": st.builds("{} {}".format, st.integers(0, 9), st.just("mail.example.net.")),
}


@st.composite
def record_sets(draw: st.DrawFn, name: DnsName | None = None, kind: str | None = None) -> RecordSet:
    owner = name or draw(names)
    kind = kind or draw(st.sampled_from(sorted(values)))
    data = draw(st.sets(values[kind], min_size=1, max_size=3))
    return RecordSet(owner, kind, draw(st.integers(0, 2**31 - 1)), tuple(sorted(data)))


@st.composite
def zones(draw: st.DrawFn) -> dict[tuple[str, str], RecordSet]:
    """A zone's record sets by name and type; no CNAME beside other data."""
    found: dict[tuple[str, str], RecordSet] = {}
    for name in draw(st.lists(names_below, unique=True, max_size=6)):
        if draw(st.booleans()):
            found[name, "CNAME"] = RecordSet(name, "CNAME", 60, (draw(names),))
            continue
        for kind in draw(st.sets(st.sampled_from(sorted(values)), max_size=3)):
            found[name, kind] = draw(record_sets(name, kind))
    return found
