from itertools import product

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.answers.names import encode_name
from feddns.answers.query import MOST_ROOM, Edns, Query, read_query
from feddns.answers.responder import MOST_ABSENT, MOST_READY, Responder
from feddns.model.records import RecordSet
from tests.answers.asking import (
    a_query,
    a_responder,
    a_set,
    a_zone,
    ask,
    change,
    queries,
    read,
    told,
    zones,
)
from tests.answers.opinion import SOA, Resolver
from tests.rules.conftest import NoIo

WWW = a_set("www", "A", "192.0.2.1", "192.0.2.2")


@given(zones(), queries())
def test_an_answer_is_what_a_plain_reading_of_the_rfcs_says(
    record_sets: tuple[RecordSet, ...], query: dns.message.QueryMessage
) -> None:
    answer = ask(a_responder(*record_sets), query)
    question = query.question[0]
    opinion = Resolver(record_sets).resolve(question.name, dns.rdatatype.to_text(question.rdtype))
    assert dns.rcode.to_text(answer.rcode()) == opinion.rcode
    assert told(answer.answer) == opinion.answer
    assert told(answer.authority) == ({("example.com.", "SOA", 30, SOA)} if opinion.has_soa else set())
    assert bool(answer.flags & dns.flags.AA) == (opinion.rcode != "REFUSED")


@given(zones(), queries())
def test_a_header_and_edns_are_answered_in_kind(
    record_sets: tuple[RecordSet, ...], query: dns.message.QueryMessage
) -> None:
    wire = query.to_wire()
    octets = a_responder(*record_sets).answer_datagram(read(wire))
    answer = dns.message.from_wire(octets)
    assert octets[12 : 12 + len(read(wire).question)] == read(wire).question
    assert answer.id == query.id
    assert answer.flags & ~(dns.flags.AA | dns.flags.TC | 0xF) == dns.flags.QR | query.flags & dns.flags.RD
    assert answer.edns == query.edns
    if query.edns == 0:
        assert answer.payload == MOST_ROOM
        assert answer.ednsflags == query.ednsflags & dns.flags.DO
    assert len(octets) <= (min(max(query.payload, 512), MOST_ROOM) if query.edns == 0 else 512)


@given(st.lists(st.tuples(zones(), st.lists(queries(), max_size=6)), min_size=1, max_size=4))
def test_a_ready_answer_is_the_one_that_would_be_made_now(
    history: list[tuple[tuple[RecordSet, ...], list[dns.message.QueryMessage]]],
) -> None:
    responder = a_responder()
    everything = [query for _, asked in history for query in asked]
    for record_sets, _ in history:
        change(responder, *record_sets)
        for query in everything:
            wire = query.to_wire()
            fresh = Responder(a_zone(*record_sets, serial=responder.zone.serial))
            expected = fresh.answer_datagram(read(wire))
            assert responder.answer_datagram(read(wire)) == expected
            assert responder.answer_datagram(read(wire)) == expected
            if wire[2:] in responder.ready:
                assert wire[:2] + responder.ready[wire[2:]] == expected


def test_answers_come_from_values_alone(no_io: NoIo) -> None:
    responder = a_responder(WWW)
    wire = a_query("www", edns=0).to_wire()
    with no_io():
        query = read_query(wire)
        assert isinstance(query, Query)
        responder.answer_datagram(query)
        responder.change([("www.example.com.", "A")], [], 8)  # type: ignore[list-item]  # a literal is no DnsName


def test_a_plain_query_is_ready_after_its_first_answer() -> None:
    responder = a_responder(WWW)
    wire = a_query("www", flags=dns.flags.RD).to_wire()
    answer = responder.answer_datagram(read(wire))
    assert wire[:2] + responder.ready[wire[2:]] == answer


def test_queries_that_mean_the_same_share_one_ready_answer() -> None:
    responder = a_responder(WWW)
    cookie = dns.edns.GenericOption(dns.edns.OptionType.COOKIE, b"12345678")
    plain, odd = a_query("www", edns=0), a_query("wWw", edns=0, payload=4096, flags=dns.flags.AD | dns.flags.CD)
    odd.use_edns(0, payload=4096, options=[cookie])
    assert told(ask(responder, plain).answer) == told(ask(responder, odd).answer)
    assert len(responder.ready) == 1


def test_lasting_answers_outlive_changes_elsewhere_and_those_that_tell_the_serial_do_not() -> None:
    alias = a_set("alias", "CNAME", "www.example.com.")
    responder = a_responder(WWW, alias)
    lasting, passing = [("www", "A"), ("alias", "A"), ("", "NS")], [("www", "AAAA"), ("gone", "A"), ("", "SOA")]
    for name, type_ in (*lasting, *passing):
        ask(responder, name or "example.com.", type_)
    assert len(responder.ready) == 6
    change(responder, WWW, alias, a_set("other", "A", "192.0.2.9"))
    assert len(responder.ready) == len(lasting)
    change(responder, a_set("www", "A", "192.0.2.7"), alias, a_set("other", "A", "192.0.2.9"))
    assert len(responder.ready) == 1
    assert ("www.example.com.", "A", 180, "192.0.2.7") in told(ask(responder, "alias").answer)


def test_answers_about_absent_names_are_few_and_do_not_push_out_others() -> None:
    responder = a_responder(WWW)
    ask(responder, "www")
    plain = read(a_query("random").to_wire())
    for number in range(MOST_ABSENT + 10):
        name = encode_name(f"random-{number}.example.com.")
        responder.answer_datagram(msgspec.structs.replace(plain, name=name, question=name + plain.question[-4:]))
        assert len(responder.ready) <= MOST_ABSENT + 1
    assert len(responder.ready) < MOST_ABSENT
    assert a_query("www").to_wire()[2:] in responder.ready


@pytest.mark.servers  # takes its time
def test_ready_answers_have_a_bound_whatever_a_client_varies() -> None:
    names = [f"service-{number}" for number in range(50)]
    responder = a_responder(*(a_set(name, "A", "192.0.2.1") for name in names))
    forms = product(names, range(512, 1233), (False, True), (False, True))
    most = 0
    for name, room, wants_dnssec, recursion_desired in forms:
        query = _the_query(name, Edns(room, 0, wants_dnssec), recursion_desired=recursion_desired)
        responder.answer_datagram(query)
        most = max(most, len(responder.ready))
    assert most == MOST_READY
    assert told(ask(responder, names[0]).answer) == {("service-0.example.com.", "A", 180, "192.0.2.1")}


def _the_query(name: str, edns: Edns, *, recursion_desired: bool) -> Query:
    wire = encode_name(f"{name}.example.com.")
    return Query(1, recursion_desired, wire + b"\0\1\0\1", wire, 1, 1, edns)


@pytest.mark.parametrize("class_", ["CH", "HS", "ANY", "NONE"])
def test_other_classes_are_refused(class_: str) -> None:
    answer = ask(a_responder(WWW), a_query("www", class_=class_))
    assert answer.rcode() == dns.rcode.REFUSED


def test_an_unknown_version_of_edns_is_refused_as_bad_version() -> None:
    answer = ask(a_responder(WWW), a_query("www", edns=1))
    assert answer.rcode() == dns.rcode.BADVERS
    assert answer.edns == 0
    assert not answer.answer


def test_a_large_answer_is_cut_by_udp_and_whole_where_there_is_room() -> None:
    many = a_set("many", "A", *(f"192.0.2.{number}" for number in range(100)))
    responder = a_responder(many)
    for query in (a_query("many"), a_query("many", edns=0)):
        cut = ask(responder, query)
        assert cut.flags & dns.flags.TC
        assert not cut.answer
        assert cut.edns == query.edns
    whole = dns.message.from_wire(responder.answer(read(a_query("many").to_wire()), 65_535))
    assert not whole.flags & dns.flags.TC
    assert len(told(whole.answer)) == 100


def test_addresses_of_name_servers_come_along_where_there_is_room() -> None:
    responder = a_responder()
    query = read(a_query("example.com.", "NS").to_wire())
    whole = dns.message.from_wire(responder.answer(query, 512))
    assert {data for _, _, _, data in told(whole.additional)} == {"192.0.2.53", "2001:db8::53"}
    bare = dns.message.from_wire(responder.answer(query, len(whole.to_wire()) - 1))
    assert not bare.additional
    assert not bare.flags & dns.flags.TC
    assert told(bare.answer) == told(whole.answer)


def test_a_transfer_by_udp_is_malformed_and_an_incremental_one_is_told_the_serial() -> None:
    responder = a_responder(WWW)
    assert ask(responder, "example.com.", "AXFR").rcode() == dns.rcode.FORMERR
    assert {type_ for _, type_, _, _ in told(ask(responder, "example.com.", "IXFR").answer)} == {"SOA"}


def test_names_in_answers_are_compressed() -> None:
    chain = (
        a_set("nginx.shop.fed.svc.b.eu", "CNAME", "nginx.shop.fed.svc.eu.example.com."),
        a_set("nginx.shop.fed.svc.eu", "CNAME", "nginx.shop.fed.svc.example.com."),
        a_set("nginx.shop.fed.svc", "A", "192.0.2.1"),
    )
    query = read(a_query("nginx.shop.fed.svc.b.eu").to_wire())
    answer = a_responder(*chain).answer_datagram(query)
    assert len(told(dns.message.from_wire(answer).answer)) == 3
    assert answer.count(b"\x07example\x03com\x00") == 1
    # Header and question; then each record has a pointer, ten octets, and its data: 20 of labels and a pointer, or 4.
    assert len(answer) == 12 + len(query.question) + 3 * 12 + 2 * (len(b"\5nginx\4shop\3fed\3svc") + 2) + 4
