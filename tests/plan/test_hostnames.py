"""Whose a hostname is, as the zone's agenda sees it."""

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.model.changes import Delete, Limits
from feddns.model.decisions import Decision, HostnameDecision
from feddns.model.records import CNAME, MANAGED_TYPES, TXT, A, DnsName, RecordSet
from feddns.model.services import ServiceKey
from feddns.model.topology import GLOBAL
from feddns.naming import Names
from feddns.plan.agenda import Agenda
from feddns.plan.diff import applied
from feddns.plan.hostnames import Standing, undisputed, without_hostnames
from feddns.plan.ownership import ownership, ownership_name, read_ownership
from feddns.plan.zone import sort_zone
from tests.builders import FED, NOW, a_claim, a_decision, answer, numbered, some_terms

LIMITS = Limits(100, 10_000)
BELOW = DnsName("a.b.shop.example.com.")
WWW, SHOP, APEX = DnsName("www.example.com."), DnsName("shop.example.com."), DnsName("example.com.")


def hostname_of(number: int, hostname: DnsName = WWW, owner: str = "me") -> tuple[RecordSet, ...]:
    """What a numbered service wants at a hostname."""
    leads = (
        RecordSet(hostname, A, 60, ("192.0.2.1",))
        if hostname == APEX
        else RecordSet(hostname, CNAME, 60, (FED.name(numbered(number), GLOBAL),))
    )
    return leads, ownership(FED, owner, numbered(number), hostname)


def wanted(number: int, *hostnames: DnsName) -> tuple[RecordSet, ...]:
    records = {*answer(number), *(record for hostname in hostnames for record in hostname_of(number, hostname))}
    return tuple(sorted(records))


class Zone:
    """A zone that an agenda writes, and others too."""

    def __init__(self, *others: RecordSet) -> None:
        self.records = {*others}
        self.agenda = Agenda(some_terms(allow_deletions=True))
        self.read()

    def read(self) -> frozenset[ServiceKey]:
        return self.agenda.read(sort_zone(self.records, FED))

    def write(self) -> None:
        while (draft := self.agenda.next_draft(LIMITS, NOW)) is not None:
            removed = {change.current for change in draft.batch.changes if isinstance(change, Delete)}
            assert removed <= self.records
            self.records = set(applied(self.records, draft.batch.changes))
            self.records -= {draft.batch.fence.expected} if draft.batch.fence.expected else set()
            self.records |= {draft.batch.fence.desired} if draft.batch.fence.desired else set()
            self.assert_is_sound()
            self.agenda.done(draft, NOW)

    def assert_is_sound(self) -> None:
        by_name: dict[str, list[str]] = {}
        for record in self.records:
            by_name.setdefault(record.name, []).append(record.type)
        for name, types in by_name.items():
            assert len(types) == len(set(types)), name
            assert types == [CNAME] or CNAME not in types, name

    def at(self, name: str) -> set[tuple[str, tuple[str, ...]]]:
        return {(record.type, record.values) for record in self.records if record.name == name}

    def problems(self) -> list[str]:
        return [problem.text for problem in self.agenda.problems() if problem.reason == "HostnameTaken"]


def leads_to(number: int) -> set[tuple[str, tuple[str, ...]]]:
    return {(CNAME, (FED.name(numbered(number), GLOBAL),))}


# --- of several services that want a hostname, one has it

steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from((1, 2, 3)), st.sets(st.sampled_from((WWW, SHOP, APEX)))),
        st.just("write"),
        st.just("read"),
    ),
    max_size=14,
)
FOREIGN = (
    RecordSet(APEX, "NS", 60, ("ns1.example.com.",)),
    RecordSet(APEX, "MX", 60, ("10 mx.example.com.",)),
    RecordSet(SHOP, "TXT", 60, ("v=spf1 -all",)),
    RecordSet(SHOP, A, 60, ("198.51.100.1",)),
    RecordSet(DnsName("cname-" + WWW), TXT, 60, ("heritage=external-dns,external-dns/owner=x",)),
)


@given(steps, st.sets(st.sampled_from(FOREIGN)))
def test_whatever_services_want_one_has_a_hostname_and_others_records_stay(
    history: list[Any], foreign: set[RecordSet]
) -> None:
    zone = Zone(*foreign)
    wants: dict[int, set[DnsName]] = {}
    for step in history:
        if step == "write":
            zone.write()
        elif step == "read":
            assert zone.read() == frozenset()
        else:
            number, hostnames = step
            wants[number] = hostnames
            zone.agenda.want(numbered(number), wanted(number, *hostnames))
        assert foreign <= zone.records
    zone.write()
    assert foreign <= zone.records
    taken = {SHOP} & {record.name for record in foreign}
    for hostname in (WWW, SHOP, APEX):
        wanting = (
            {number for number, hostnames in wants.items() if hostname in hostnames} if hostname not in taken else set()
        )
        standing = zone.agenda.standing(hostname)
        assert (standing.holder is not None) is bool(wanting)
        if standing.holder is not None:
            (owner,) = [number for number in wanting if numbered(number) == standing.holder]
            assert set(hostname_of(owner, hostname)) <= zone.records
        else:
            assert ownership_name(hostname) not in {record.name for record in zone.records}
    losers = sum(len(hostnames) for hostnames in wants.values()) - sum(
        zone.agenda.standing(hostname).holder is not None for hostname in (WWW, SHOP, APEX)
    )
    assert len(zone.problems()) == losers
    restarted = Agenda(some_terms())
    restarted.read(sort_zone(zone.records, FED))
    for number in sorted(wants, reverse=True):
        restarted.want(numbered(number), wanted(number, *wants[number]))
    assert restarted.plan(NOW).changes == ()


def test_the_service_that_claimed_a_hostname_first_keeps_it_and_the_other_is_told() -> None:
    zone = Zone()
    zone.agenda.want(numbered(2), wanted(2, WWW))
    zone.write()
    zone.agenda.want(numbered(1), wanted(1, WWW))
    zone.write()
    assert zone.at(WWW) == leads_to(2)
    assert set(answer(1)) <= zone.records
    assert zone.problems() == [
        "shop/s1: hostname www.example.com. belongs to service shop/s2, which claimed it first",
    ]
    assert [key for key, _ in zone.agenda.obstacles()] == [numbered(1)]
    assert zone.agenda.standing(WWW) == Standing(numbered(2), (numbered(1), numbered(2)), "")


def test_a_hostname_goes_to_the_next_service_as_soon_as_the_first_lets_go() -> None:
    zone = Zone()
    for number in (1, 2):
        zone.agenda.want(numbered(number), wanted(number, WWW))
    zone.write()
    assert zone.at(WWW) == leads_to(1)
    zone.agenda.want(numbered(1), wanted(1))
    zone.write()
    assert zone.at(WWW) == leads_to(2)
    assert zone.problems() == []
    zone.agenda.want(numbered(2), ())
    zone.write()
    assert zone.at(WWW) == zone.at(ownership_name(WWW)) == set()


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_at_a_start_the_order_in_which_services_are_decided_makes_no_difference(order: tuple[int, int]) -> None:
    zone = Zone()
    zone.agenda.all_decided = False
    for number in order:
        zone.agenda.want(numbered(number), wanted(number, WWW))
        zone.write()
        assert zone.at(WWW) == zone.at(ownership_name(WWW)) == set()
        assert set(answer(number)) <= zone.records
    zone.agenda.all_decided = True
    zone.write()
    assert zone.at(WWW) == leads_to(1)
    assert zone.problems() == ["shop/s2: hostname www.example.com. belongs to service shop/s1, which claimed it first"]


def test_a_hostname_that_is_owned_already_changes_while_decisions_are_due() -> None:
    zone = Zone()
    zone.agenda.want(numbered(1), wanted(1, WWW))
    zone.write()
    zone.agenda.all_decided = False
    dangling = tuple(record for record in wanted(1, WWW) if record.name != WWW)
    zone.agenda.want(numbered(1), dangling)
    zone.agenda.all_decided = True
    zone.write()
    assert zone.at(WWW) == set()
    zone.agenda.all_decided = False
    zone.agenda.want(numbered(1), wanted(1, WWW))
    zone.write()
    assert zone.at(WWW) == leads_to(1)


def test_a_service_that_cannot_be_written_claims_nothing() -> None:
    agenda = Agenda(some_terms())
    agenda.want(numbered(1), wanted(1, WWW))
    draft = agenda.next_draft(LIMITS, NOW)
    assert draft is not None
    agenda.want(numbered(2), wanted(2, WWW))
    assert [problem.text for problem in agenda.problems()] == [
        "shop/s2: hostname www.example.com. goes to service shop/s1, which wants it too"
    ]
    agenda.refused(draft, "no", frozenset({FED.name(numbered(1), GLOBAL)}))
    second = agenda.next_draft(LIMITS, NOW)
    assert second is not None
    assert set(wanted(2, WWW)) == {change.desired for change in second.batch.changes if not isinstance(change, Delete)}


def test_what_became_of_a_hostname_while_nobody_looked_waits_for_the_decisions_that_it_concerns() -> None:
    zone = Zone()
    for number in (1, 2):
        zone.agenda.want(numbered(number), wanted(number, WWW))
    zone.write()
    stolen = {record for record in zone.records if record.name not in {WWW, ownership_name(WWW)}}
    zone.records = stolen | set(hostname_of(2))
    assert zone.read() == {numbered(1), numbered(2)}
    zone.agenda.want(numbered(1), wanted(1, WWW))
    zone.write()
    assert zone.at(WWW) == leads_to(2)
    assert zone.problems() == ["shop/s1: hostname www.example.com. belongs to service shop/s2, which claimed it first"]


# --- what the provider refuses at a hostname


@pytest.mark.parametrize("names", [frozenset({APEX}), frozenset({ownership_name(APEX)}), frozenset()])
def test_a_hostname_that_the_provider_refuses_holds_up_no_other_name(names: frozenset[str]) -> None:
    zone = Zone()
    zone.agenda.want(numbered(1), wanted(1, APEX))
    draft = zone.agenda.next_draft(LIMITS, NOW)
    assert draft is not None
    assert zone.agenda.refused(draft, "no apex here", names) == (numbered(1),)
    zone.write()
    assert set(answer(1)) <= zone.records
    assert zone.at(APEX) == zone.at(ownership_name(APEX)) == set()
    assert [problem.text for problem in zone.agenda.problems()] == ["shop/s1: hostname example.com.: no apex here"]
    zone.read()
    zone.write()
    assert set(hostname_of(1, APEX)) <= zone.records


@pytest.mark.parametrize("names", [frozenset({answer(1)[0].name}), frozenset({answer(1)[0].name, WWW})])
def test_a_service_whose_own_name_is_refused_is_left_out_as_a_whole(names: frozenset[str]) -> None:
    zone = Zone()
    zone.agenda.want(numbered(1), wanted(1, WWW))
    while (draft := zone.agenda.next_draft(LIMITS, NOW)) is not None:
        zone.agenda.refused(draft, "no", names & {change.name for change in draft.batch.changes})
    assert "shop/s1: no" in [problem.text for problem in zone.agenda.problems()]


def test_a_hostname_whose_removal_is_refused_stays_as_it_is() -> None:
    zone = Zone()
    zone.agenda.want(numbered(1), wanted(1, WWW))
    zone.write()
    zone.agenda.want(numbered(1), answer(1, "192.0.2.9"))
    draft = zone.agenda.next_draft(LIMITS, NOW)
    assert draft is not None
    zone.agenda.refused(draft, "no", frozenset({WWW}))
    zone.write()
    assert zone.at(WWW) == leads_to(1)
    assert set(answer(1, "192.0.2.9")) <= zone.records


# --- what others have is never touched

CLAIM = "heritage=feddns,federation=other,owner=them,seq=3"
TAKEN: list[tuple[str, list[RecordSet], str]] = [
    ("an address", [RecordSet(WWW, A, 60, ("198.51.100.1",))], "belongs to someone who keeps A there"),
    ("mail", [RecordSet(WWW, "MX", 60, ("10 mx.test.",))], "belongs to someone who keeps MX there"),
    ("weighted addresses", [RecordSet(WWW, A, 60, ())], "belongs to someone who keeps A there"),
    (
        "ExternalDNS beside it",
        [
            RecordSet(WWW, A, 60, ("198.51.100.1",)),
            RecordSet(DnsName("a-" + WWW), TXT, 60, ("heritage=external-dns,external-dns/owner=x",)),
        ],
        'belongs to ExternalDNS of owner "x"',
    ),
    (
        "ExternalDNS at it",
        [
            RecordSet(WWW, A, 60, ("198.51.100.1",)),
            RecordSet(
                WWW, TXT, 60, ("heritage=external-dns,external-dns/owner=x,external-dns/resource=ingress/shop/web",)
            ),
        ],
        'belongs to ExternalDNS of owner "x" (ingress/shop/web)',
    ),
    (
        "a delegation",
        [RecordSet(SHOP, "NS", 60, ("ns1.test.",))],
        "belongs to another zone: shop.example.com. NS leads there",
    ),
    (
        "another federation",
        [hostname_of(1)[0], ownership(Names.of("other", "example.com"), "them", numbered(9), WWW)],
        'belongs to federation other of owner "them" (service shop/s9)',
    ),
    (
        "another owner",
        list(hostname_of(1, owner="them")),
        'belongs to federation fed of owner "them" (service shop/s1)',
    ),
    (
        "a claim",
        [RecordSet(ownership_name(WWW), TXT, 60, (CLAIM,))],
        'belongs to federation other of owner "them", whose claim stands there',
    ),
    (
        "a text of its own",
        [RecordSet(ownership_name(WWW), TXT, 60, ("hands off",))],
        "belongs to someone who keeps TXT at _feddns.www.example.com.",
    ),
    (
        "a CNAME in the way",
        [RecordSet(ownership_name(WWW), CNAME, 60, ("a.test.",))],
        "belongs to someone who keeps CNAME at _feddns.www.example.com.",
    ),
]


@pytest.mark.parametrize(("records", "text"), [case[1:] for case in TAKEN], ids=[case[0] for case in TAKEN])
def test_a_hostname_that_others_have_stays_theirs_and_they_are_named(records: list[RecordSet], text: str) -> None:
    hostname = BELOW if "another zone" in text else WWW
    zone = Zone(a_claim(), *records)
    zone.agenda.want(numbered(1), wanted(1, hostname))
    zone.write()
    assert set(records) | set(answer(1)) == {record for record in zone.records if record.name != FED.claim}
    assert zone.problems() == [f"shop/s1: hostname {hostname} {text}; it is free once their records are gone"]
    assert zone.agenda.standing(hostname).holder is None
    assert f"belongs to {zone.agenda.standing(hostname).taken_by}" == text
    zone.records -= set(records)
    zone.read()
    zone.write()
    assert zone.at(hostname) == leads_to(1)
    assert zone.problems() == []


def test_an_apex_keeps_its_other_records_and_is_taken_by_addresses_alone() -> None:
    others = [
        RecordSet(APEX, kind, 60, (value,))
        for kind, value in (("NS", "ns1.test."), ("MX", "10 mx.test."), (TXT, "v=spf1 -all"), ("SOA", "x"))
    ]
    zone = Zone(*others)
    zone.agenda.want(numbered(1), wanted(1, APEX))
    zone.write()
    assert zone.at(APEX) == {(record.type, record.values) for record in (*others, *hostname_of(1, APEX)[:1])}
    assert zone.read() == frozenset()
    zone.agenda.want(numbered(1), wanted(1))
    zone.write()
    assert zone.at(APEX) == {(record.type, record.values) for record in others}
    taken = Zone(*others, RecordSet(APEX, "AAAA", 60, ("2001:db8::1",)))
    taken.agenda.want(numbered(1), wanted(1, APEX))
    taken.write()
    assert A not in {kind for kind, _ in taken.at(APEX)}
    (told,) = taken.problems()
    assert "someone who keeps AAAA there" in told


def test_what_someone_puts_beside_an_owned_hostname_blocks_it_and_is_told() -> None:
    zone = Zone()
    ours = ownership(FED, "me", numbered(1), WWW)
    zone.agenda.want(numbered(1), (*answer(1), ours))
    zone.write()
    zone.records.add(RecordSet(WWW, "MX", 60, ("10 mx.test.",)))
    zone.read()
    zone.agenda.want(numbered(1), wanted(1, WWW))
    zone.write()
    assert zone.at(WWW) == {("MX", ("10 mx.test.",))}
    assert [problem.reason for problem in zone.agenda.problems()] == ["ForeignRecords"]


# --- the zone sorted

pool = [
    *FOREIGN,
    *hostname_of(1, WWW),
    *hostname_of(2, APEX),
    ownership(FED, "them", numbered(3), SHOP),
    ownership(FED, "me", numbered(3), FED.name(numbered(3), GLOBAL)),
    a_claim(),
    *answer(1),
]


@given(st.sets(st.sampled_from(pool)))
def test_hostnames_are_their_services_by_their_ownerships_alone(zone: set[RecordSet]) -> None:
    contents = sort_zone(zone, FED)
    for record in zone:
        owner = next(
            (
                said.service
                for said in map(read_ownership, zone)
                if said is not None
                and record.name in {said.hostname, ownership_name(said.hostname)}
                and (said.owner == "me" or a_claim() not in zone)
                and FED.parse(said.hostname) is None
            ),
            None,
        )
        is_ours = owner is not None and (record.type in MANAGED_TYPES or read_ownership(record) is not None)
        if is_ours and owner is not None:
            assert record in contents.services[owner]
            assert record not in contents.others.get(record.name, {}).values()
        elif owner is not None:
            assert record.type in contents.foreign[record.name]
        elif FED.parse(record.name) is None and record.name != FED.claim:
            assert record in contents.others[record.name].values()
    held = [record for records in contents.services.values() for record in records]
    assert set(held) <= zone
    assert len(held) == len(set(held))


# --- without a zone


def wishing(number: int, *hostnames: DnsName) -> Decision:
    made = tuple(
        HostnameDecision(hostname, GLOBAL, (), hostname_of(number, hostname)[:1], hostname_of(number, hostname)[1], "")
        for hostname in hostnames
    )
    return msgspec.structs.replace(a_decision(numbered(number), wanted(number, *hostnames)), hostnames=made)


@given(st.dictionaries(st.integers(1, 4), st.sets(st.sampled_from((WWW, SHOP))), max_size=4))
def test_without_a_zone_services_share_hostnames_as_an_empty_zone_would_have_it(wants: dict[int, set[DnsName]]) -> None:
    settled = undisputed(wishing(number, *hostnames) for number, hostnames in wants.items())
    zone = Zone()
    for number, hostnames in wants.items():
        zone.agenda.want(numbered(number), wanted(number, *hostnames))
    zone.write()
    assert {record for decision in settled for record in decision.records} == {
        record for record in zone.records if record.name != FED.claim
    }
    assert [decision.key for decision in settled] == [numbered(number) for number in wants]
    assert sum(len(decision.problems) for decision in settled) == len(zone.problems())


@given(st.sets(st.sampled_from((WWW, SHOP))), st.sets(st.sampled_from((WWW, SHOP))))
def test_leaving_hostnames_out_leaves_the_rest(there: set[DnsName], left_out: Iterable[DnsName]) -> None:
    assert without_hostnames(wanted(1, *there), set(left_out)) == wanted(1, *(there - set(left_out)))
