"""Batches become UPDATE messages that say exactly what they must."""

import ipaddress

import dns.message
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.update
import pytest
from hypothesis import given

from feddns.errors import Rejected
from feddns.model.changes import Batch, Change, Create, Delete, Fence, Replace
from feddns.model.records import DnsName, RecordSet
from feddns.plan.diff import diff
from feddns.providers.rfc2136.update import BESIDE_NO_CNAME, encode_update
from tests.providers.rfc2136.strategies import ZONE, zones
from tests.providers.rfc2136.wire import rows

CLAIM = RecordSet(DnsName("_feddns.fed.svc.example.com."), "TXT", 60, ("seq=1",))
NEXT = RecordSet(DnsName("_feddns.fed.svc.example.com."), "TXT", 60, ("seq=2",))
Zone = dict[tuple[str, str], RecordSet]
Said = tuple[str, str, str, int, str]


def a_set(kind: str, *values: str, name: str = "www.example.com.", ttl: int = 60) -> RecordSet:
    return RecordSet(DnsName(name), kind, ttl, values)


def encoded(*changes: Change, fence: Fence | None = None) -> dns.update.UpdateMessage:
    """A batch's message, as dnspython reads it."""
    message = dns.message.from_wire(
        encode_update(ZONE, Batch(changes, fence or Fence(CLAIM, NEXT)), 5), one_rr_per_rrset=True
    )
    assert isinstance(message, dns.update.UpdateMessage)
    assert message.id == 5
    assert [(rrset.name.to_text(), rrset.rdtype) for rrset in message.zone] == [(ZONE, dns.rdatatype.SOA)]
    assert not message.additional
    return message


def said(section: list[dns.rrset.RRset]) -> list[Said]:
    """Name, type, class, TTL and data of each record of a section."""
    return [
        (
            rrset.name.to_text(),
            dns.rdatatype.to_text(rrset.rdtype),
            dns.rdataclass.to_text(rrset.deleting or rrset.rdclass),
            rrset.ttl,
            data_of(rrset),
        )
        for rrset in section
    ]


def data_of(rrset: dns.rrset.RRset) -> str:
    """The data of its only record; dnspython writes some IPv6 addresses in a way of its own."""
    text = rrset[0].to_text() if rrset else ""
    return str(ipaddress.IPv6Address(text)) if text and rrset.rdtype == dns.rdatatype.AAAA else text


def exactly(*record_sets: RecordSet) -> list[Said]:
    return [(name, kind, "IN", 0, data) for name, kind, _, data in rows(record_sets)]


def absent(message: dns.update.UpdateMessage) -> set[tuple[str, str]]:
    return {(name, kind) for name, kind, class_, _, _ in said(message.prerequisite) if class_ == "NONE"}


@given(zones(), zones())
def test_a_batch_says_what_is_there_what_goes_and_what_comes(current: Zone, desired: Zone) -> None:
    changes = diff(desired.values(), current.values())
    message = encoded(*changes)
    going = [CLAIM, *(change.current for change in changes if not isinstance(change, Create))]
    coming = [NEXT, *(change.desired for change in changes if not isinstance(change, Delete))]
    assert [line for line in said(message.prerequisite) if line[2] == "IN"] == exactly(*going)
    assert said(message.update) == [
        *((record_set.name, record_set.type, "ANY", 0, "") for record_set in going),
        *((name, kind, "IN", ttl, data) for name, kind, ttl, data in rows(coming)),
    ]


@given(zones(), zones())
def test_nothing_that_comes_meets_what_it_cannot_stand_beside(current: Zone, desired: Zone) -> None:
    """Servers would drop it without a word, so whatever the zone holds besides must be ruled out."""
    changes = diff(desired.values(), current.values())
    ruled_out = absent(encoded(*changes))
    gone = {(change.current.name, change.current.type) for change in changes if not isinstance(change, Create)}
    for change in changes:
        if isinstance(change, Create):
            name, kind = change.desired.name, change.desired.type
            in_the_way = {kind, *(BESIDE_NO_CNAME if kind == "CNAME" else ("CNAME",))}
            assert (name, "ANY") in ruled_out or {(name, other) for other in in_the_way} <= ruled_out | gone
    assert not ruled_out & gone


def test_names_beyond_the_reach_of_pointers_are_written_in_full() -> None:
    sets = [a_set("A", "192.0.2.1", name=f"{'x' * 40}-{number}.example.com.") for number in range(500)]
    message = encoded(*map(Create, sets))
    assert said(message.update)[2:] == [(record_set.name, "A", "IN", 60, "192.0.2.1") for record_set in sets]


def test_a_cname_at_an_unused_name_needs_only_that() -> None:
    assert absent(encoded(Create(a_set("CNAME", "there.example.com.")))) == {("www.example.com.", "ANY")}


def test_an_address_rules_out_itself_and_a_cname() -> None:
    assert absent(encoded(Create(a_set("A", "192.0.2.1")))) == {
        ("www.example.com.", "A"),
        ("www.example.com.", "CNAME"),
    }


def test_a_cname_in_an_addresses_place_rules_out_all_else() -> None:
    message = encoded(Delete(a_set("A", "192.0.2.1")), Create(a_set("CNAME", "there.example.com.")))
    others = {"CNAME", *BESIDE_NO_CNAME} - {"A"}
    assert absent(message) == {("www.example.com.", kind) for kind in others}


def test_a_replacement_rules_out_nothing() -> None:
    assert absent(encoded(Replace(a_set("A", "192.0.2.1"), a_set("A", "192.0.2.2")))) == set()


def test_a_first_claim_must_find_none() -> None:
    assert (CLAIM.name, "TXT") in absent(encoded(fence=Fence(None, CLAIM)))


def test_a_claim_that_is_given_up_leaves_nothing() -> None:
    message = encoded(fence=Fence(CLAIM, None))
    assert said(message.prerequisite) == exactly(CLAIM)
    assert said(message.update) == [(CLAIM.name, "TXT", "ANY", 0, "")]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ([Create(a_set("A", "192.0.2.1", name="www.example.net."))], "not in the zone example.com."),
        ([Create(a_set("A", "192.0.2.1", name="wwwexample.com."))], "not in the zone example.com."),
        ([Create(a_set("A", "192.0.2.1", name="a..example.com."))], "no domain name"),
        ([Create(a_set("A", "192.0.2.1", ttl=2**31))], "TTL"),
        ([Create(a_set("A", "192.0.2.1", ttl=-1))], "TTL"),
        ([Create(a_set("A"))], "0 values"),
        ([Create(a_set("CNAME", "a.example.", "b.example."))], "2 values"),
        ([Create(a_set("A", "here"))], "no IPv4 address"),
        ([Create(a_set("A", "192.0.2.1")), Create(a_set("A", "192.0.2.2"))], "twice"),
        ([Delete(a_set("A", "192.0.2.1")), Delete(a_set("A", "192.0.2.1"))], "twice"),
        ([Create(a_set("A", "192.0.2.1")), Create(a_set("CNAME", "a.example."))], "either a CNAME"),
    ],
)
def test_what_a_server_would_refuse_or_drop_is_refused_here_by_name(changes: list[Change], text: str) -> None:
    with pytest.raises(Rejected, match=text) as refusal:
        encode_update(ZONE, Batch(tuple(changes), Fence(CLAIM, NEXT)), 5)
    assert refusal.value.names == {changes[0].name}
