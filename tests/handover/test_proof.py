"""The answers of a zone, held against those of feddns' own DNS server, which knows nothing of `plan`."""

import dns.message
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.answers.query import Query, read_query
from feddns.answers.responder import Responder
from feddns.answers.zone import Apex, NameServer, Zone
from feddns.handover.proof import Answers, carried_out, differences
from feddns.model.changes import Batch, Create, Delete, Fence, Replace
from feddns.model.records import AAAA, CNAME, TXT, A, DnsName, RecordSet, ZoneName
from tests.builders import a_claim
from tests.strategies import zones

ZONE = ZoneName("example.com.")
X, Y, Z = (DnsName(f"{label}.example.com.") for label in "xyz")
WILD = DnsName("*.example.com.")


def served(record_sets: tuple[RecordSet, ...], name: str) -> set[str]:
    """The addresses that the DNS server leads a client to."""
    responder = Responder(Zone(Apex(ZONE, (NameServer(DnsName("ns1.example.net."), ()),), DnsName("h."), 30)))
    responder.change(*responder.zone.difference(record_sets), 7)
    found: set[str] = set()
    for kind in (A, AAAA):
        query = read_query(dns.message.make_query(name, kind).to_wire())
        assert isinstance(query, Query)
        answer = dns.message.from_wire(responder.answer_datagram(query))
        for record_set in answer.answer:
            if record_set.rdtype != dns.rdatatype.CNAME:
                found |= {f"{kind} {record.to_text()}" for record in record_set}
    return found


@given(record_sets=zones(), wild=st.booleans())
def test_names_resolve_to_what_a_dns_server_answers(record_sets: tuple[RecordSet, ...], *, wild: bool) -> None:
    if wild:
        record_sets = (*record_sets, RecordSet(WILD, A, 60, ("203.0.113.1",)))
    answers = Answers(record_sets, ZONE)
    for name in (X, Y, Z, DnsName("absent.example.com."), DnsName("deep.x.example.com.")):
        assert {found for found in answers.of(name) if not found.startswith(CNAME)} == served(record_sets, name)


def test_a_chain_that_leads_out_of_the_zone_ends_there() -> None:
    sets = (RecordSet(X, CNAME, 60, (Y,)), RecordSet(Y, CNAME, 60, ("lb.cloud.test.",)))
    assert Answers(sets, ZONE).of(X) == {"CNAME lb.cloud.test."}


def test_a_loop_leads_nowhere() -> None:
    sets = (RecordSet(X, CNAME, 60, (Y,)), RecordSet(Y, CNAME, 60, (X,)))
    assert Answers(sets, ZONE).of(X) == frozenset()


def test_records_that_the_provider_keeps_in_a_form_of_its_own_are_compared_as_being_there() -> None:
    weighted = (RecordSet(X, A, 60, ()),)
    assert differences(weighted, weighted, ZONE) == ()
    assert [each.name for each in differences(weighted, (), ZONE)] == [X]


@given(zones())
def test_a_zone_does_not_differ_from_itself(record_sets: tuple[RecordSet, ...]) -> None:
    assert differences(record_sets, record_sets, ZONE) == ()


@given(zones(), zones())
def test_exactly_the_names_with_other_answers_differ(
    before: tuple[RecordSet, ...], after: tuple[RecordSet, ...]
) -> None:
    differ = {difference.name for difference in differences(before, after, ZONE)}
    names = {record_set.name for record_set in (*before, *after)}
    old, new = Answers(before, ZONE), Answers(after, ZONE)
    assert differ == {name for name in names if old.of(name) != new.of(name)}


def test_a_name_that_vanishes_gets_the_wildcards_answer() -> None:
    wild, text = RecordSet(WILD, A, 60, ("192.0.2.1",)), RecordSet(X, TXT, 60, ("hello",))
    (difference,) = differences((wild, text), (wild,), ZONE)
    assert (difference.name, difference.before, difference.after) == (X, (), ("A 192.0.2.1",))


def test_batches_are_carried_out_with_their_claims() -> None:
    old, new = RecordSet(X, A, 60, ("192.0.2.1",)), RecordSet(X, A, 60, ("192.0.2.2",))
    batches = (
        Batch((Create(old),), Fence(None, a_claim(seq=1))),
        Batch((Replace(old, new),), Fence(a_claim(seq=1), a_claim(seq=2))),
    )
    assert carried_out((), batches) == {new, a_claim(seq=2)}
    assert carried_out((), (*batches, Batch((Delete(new),), Fence(a_claim(seq=2), None)))) == frozenset()


def test_a_batch_that_does_not_fit_is_no_proof() -> None:
    with pytest.raises(KeyError):
        carried_out((), (Batch((), Fence(a_claim(), None)),))
    with pytest.raises(KeyError):
        carried_out((), (Batch((Delete(RecordSet(X, A, 60, ("192.0.2.1",))),), Fence(None, None)),))
