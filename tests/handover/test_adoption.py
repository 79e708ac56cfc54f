"""Adoption: what is refused, what is written, and the proof that no answer changes by it."""

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from feddns.handover.adoption import adoption
from feddns.handover.findings import Adoption, Request
from feddns.handover.proof import carried_out, differences
from feddns.handover.registry import Affixes
from feddns.model.changes import Batch, Create, Delete, Fence, Limits
from feddns.model.decisions import Decision
from feddns.model.records import AAAA, TXT, A, DnsName, RecordSet
from feddns.model.topology import GLOBAL, Scope
from tests.builders import FED, a_claim, a_decision, answer, numbered, some_terms

COUNT = 5
LIMITS = Limits(3, 10_000)
WWW = RecordSet(DnsName("www.example.com."), A, 60, ("192.0.2.200",))


def entry(name: str, owner: str = "old", kind: str = "a-") -> RecordSet:
    """What ExternalDNS 0.21 wrote beside a record, as BIND and Route 53 give it back."""
    text = f"heritage=external-dns,external-dns/owner={owner},external-dns/resource=service/shop/s"
    return RecordSet(DnsName(kind + name), TXT, 300, (text,))


def asked(**wishes: object) -> Request:
    return Request(**{"terms": some_terms(), "limits": LIMITS, **wishes})  # type: ignore[arg-type]  # tests name them


def wanted(count: int = COUNT) -> list[Decision]:
    return [a_decision(numbered(number), answer(number)) for number in range(count)]


def adopted(record_sets: tuple[RecordSet, ...], decisions: list[Decision] | None = None, **wishes: object) -> Adoption:
    return adoption(record_sets, wanted() if decisions is None else decisions, asked(**wishes))


@st.composite
def foreign_zones(draw: st.DrawFn) -> tuple[RecordSet, ...]:
    """A zone with names of the federation by others, as feddns would write them or not, and with things of others."""
    sets: set[RecordSet] = {WWW, entry("www.example.com.")}
    for number in range(COUNT):
        for wanted_set in answer(number):
            record_set = wanted_set
            kept = draw(st.sampled_from(("absent", "same", "same", "ttl", "other")))
            if kept == "absent":
                continue
            if kept == "ttl":
                record_set = msgspec.structs.replace(record_set, ttl=180)
            elif kept == "other":
                record_set = msgspec.structs.replace(record_set, values=("203.0.113.7",))
            sets.add(record_set)
            sets.update(
                entry(record_set.name, kind=kind) for kind in draw(st.sets(st.sampled_from(("", "a-", "aaaa-"))))
            )
    if draw(st.booleans()):
        sets.add(RecordSet(answer(0)[0].name, "MX", 60, ("10 mx.example.net.",)))
    if draw(st.booleans()):
        sets.add(RecordSet(DnsName("*.example.com."), A, 60, ("203.0.113.99",)))
    return tuple(sorted(sets))


def entries(record_sets: tuple[RecordSet, ...]) -> set[RecordSet]:
    return {each for each in record_sets if each.type == TXT and ".fed.svc." in each.name}


@given(foreign_zones())
def test_adopting_takes_the_claim_and_the_entries_of_external_dns_and_nothing_else(zone: tuple[RecordSet, ...]) -> None:
    made = adopted(zone, allow_changes=True)
    after = carried_out(zone, made.batches)
    assert set(zone) - after == entries(zone)
    assert {each.name for each in after - set(zone)} <= {FED.claim}
    assert bool(made.batches) == any(FED.parse(each.name) and each.type != "MX" for each in zone)


@given(foreign_zones())
def test_no_answer_changes_by_it_but_where_a_wildcard_takes_over_from_a_text(zone: tuple[RecordSet, ...]) -> None:
    made = adopted(zone, allow_changes=True)
    gone = {each.name for each in entries(zone)}
    assert {difference.name for difference in made.differences} <= gone
    assert all(difference.before == () for difference in made.differences)


@given(foreign_zones())
def test_adopting_twice_is_nothing(zone: tuple[RecordSet, ...]) -> None:
    after = tuple(carried_out(zone, adopted(zone, allow_changes=True).batches))
    again = adopted(after)
    assert (again.batches, again.refusals) == ((), ())
    assert again.is_ours is any(each.name == FED.claim for each in after)


@given(zone=foreign_zones(), data=st.data())
def test_a_batch_that_would_change_an_answer_is_found_out(zone: tuple[RecordSet, ...], data: st.DataObject) -> None:
    made = adopted(zone, allow_changes=True)
    addresses = [each for each in zone if each.type == A and not each.name.startswith("*")]
    victim = data.draw(st.sampled_from(addresses))
    claim = next((batch.fence.desired for batch in reversed(made.batches)), None)
    mutated = (*made.batches, Batch((Delete(victim),), Fence(claim, claim)))
    found = {difference.name for difference in differences(zone, tuple(carried_out(zone, mutated)), FED.zone)}
    assert victim.name in found


@given(foreign_zones())
def test_a_difference_in_data_refuses_until_a_person_allows_it_and_another_ttl_does_not(
    zone: tuple[RecordSet, ...],
) -> None:
    made = adopted(zone)
    assume(made.batches)
    differ = {each.name for each in zone if each.values == ("203.0.113.7",)}
    assert bool(made.refusals) == bool(differ)
    fates = {found.record_set.name: found.fate for _, sets in made.services for found in sets}
    assert {name for name, fate in fates.items() if fate == "replaced"} == differ
    assert {name for name, fate in fates.items() if fate == "ttl"} == {
        each.name for each in zone if each.ttl == 180 and each.name not in differ
    }
    assert adopted(zone, allow_changes=True).refusals == ()


def test_records_that_nobody_calls_for_refuse_too() -> None:
    made = adopted(answer(0), [a_decision(numbered(0), ())])
    assert "would not stay as they are once feddns runs" in made.refusals[0]
    assert made.services[0][1][0].fate == "deleted"


def test_a_zone_without_such_names_has_nothing_to_adopt() -> None:
    made = adopted((WWW, entry("www.example.com.")))
    assert (made.batches, made.refusals, made.is_ours) == ((), (), False)


def test_the_plan_for_afterwards_is_what_feddns_would_do_with_the_claim() -> None:
    made = adopted(answer(0), wanted(2))
    assert made.afterwards.refusal == ""
    assert made.afterwards.changes == (Create(answer(1)[0]),)


def test_an_entry_in_the_old_form_no_longer_stands_in_the_way_of_a_cname_afterwards() -> None:
    region = FED.name(numbered(0), Scope("eu"))
    zone = (RecordSet(region, A, 60, ("192.0.2.1",)), entry(region, kind=""))
    leads = RecordSet(region, "CNAME", 60, (FED.name(numbered(0), GLOBAL),))
    made = adopted(zone, [a_decision(numbered(0), (*answer(0), leads))], allow_changes=True)
    assert Create(leads) in made.afterwards.changes
    assert made.afterwards.problems == ()


def test_a_claim_of_another_owner_refuses() -> None:
    made = adopted((a_claim("them"), *answer(0)))
    assert made.batches == ()
    assert 'owner "them"' in made.refusals[0]


def test_where_the_claim_is_ours_only_new_entries_of_external_dns_are_left_to_do() -> None:
    zone = (a_claim(seq=7), *answer(0, "203.0.113.7"), entry(answer(0)[0].name))
    made = adopted(zone)
    assert (made.is_ours, made.refusals) == (True, ())
    assert made.changes == (Delete(zone[-1]),)
    assert made.batches[0].fence.expected == a_claim(seq=7)


def test_names_of_another_external_dns_than_the_one_that_is_taken_over_from_refuse() -> None:
    zone = (*answer(0), entry(answer(0)[0].name, "old"), *answer(1), entry(answer(1)[0].name, "other"))
    (refused,) = adopted(zone, registry_owner="old").refusals
    assert f'{answer(1)[0].name} belong to ExternalDNS of owner "other"' in refused
    assert adopted(zone).refusals == ()


def test_what_cannot_be_told_because_a_cluster_cannot_be_seen_is_not_allowed_by_anyone() -> None:
    zone = answer(0, "203.0.113.7")
    for allow_changes in (False, True):
        (refused,) = adopted(zone, unseen=("eu",), allow_changes=allow_changes).refusals
        assert "while clusters cannot be seen: eu" in refused
    assert adopted(answer(0), unseen=("eu",)).refusals == ()


def test_affixes_that_were_forgotten_are_asked_for() -> None:
    name = answer(0)[0].name
    zone = (*answer(0), entry(name, kind="extdns.a-"))
    (refused,) = adopted(zone).refusals
    assert f"extdns.a-{name} TXT are ExternalDNS' and seem to speak for names" in refused
    made = adopted(zone, affixes=Affixes("extdns."))
    assert (made.refusals, made.changes) == ((), (Delete(zone[-1]),))


def test_an_entry_that_cannot_be_read_is_told_and_stays() -> None:
    name = answer(0)[0].name
    secret = RecordSet(DnsName(f"a-{name}"), TXT, 300, ("ZW5jcnlwdGVkIGJ5IEV4dGVybmFsRE5T",))
    beside = RecordSet(DnsName(f"aaaa-{name}"), TXT, 300, ("of a type that is not there",))
    made = adopted((*answer(0), secret, beside))
    assert made.unread == (secret,)
    assert made.changes == ()


def test_entries_of_all_types_go_since_a_name_may_have_another_type_tomorrow() -> None:
    zone = (*answer(0), *(entry(answer(0)[0].name, kind=kind) for kind in ("", "a-", "aaaa-", "cname-", "mx-")))
    gone = {change.name.partition("s0.")[0] for change in adopted(zone).changes}
    assert gone == {"", "a-", "aaaa-", "cname-"}
    assert AAAA not in {found.record_set.type for _, sets in adopted(zone).services for found in sets}


def test_batches_keep_to_the_limits_and_only_the_first_takes_the_claim() -> None:
    zone = tuple(each for number in range(5) for each in (*answer(number), entry(answer(number)[0].name)))
    made = adopted(zone)
    assert [len(batch.changes) for batch in made.batches] == [3, 2]
    assert made.batches[0].fence.expected is None
    assert made.batches[1].fence.expected == made.batches[0].fence.desired
