import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.model.changes import Change, Create, Delete, Replace
from feddns.model.records import AAAA, ADDRESS_TYPES, ALIAS, CNAME, A, DnsName, RecordSet
from feddns.plan.budget import Cause
from feddns.plan.diff import applied
from feddns.plan.proposal import ServiceChanges, beside_foreign, changed_services, in_order, propose
from tests.builders import NGINX, answer, numbered
from tests.strategies import zones

X, Y = DnsName("x.example.com."), DnsName("y.example.com.")


def addresses(name: DnsName, *values: str, ttl: int = 60) -> RecordSet:
    return RecordSet(name, A, ttl, values)


def alias(name: DnsName, target: str) -> RecordSet:
    return RecordSet(name, CNAME, 60, (target,))


@given(zones(), zones())
def test_a_proposal_is_urgent_if_and_only_if_an_address_leaves_an_answer(
    desired: tuple[RecordSet, ...], current: tuple[RecordSet, ...]
) -> None:
    def answers(zone: tuple[RecordSet, ...]) -> set[tuple[str, str, str]]:
        return {(r.name, r.type, value) for r in zone if r.type in ADDRESS_TYPES for value in r.values}

    leaves = bool(answers(current) - answers(desired))
    assert propose(NGINX, desired, current).urgent is leaves


@pytest.mark.parametrize(
    ("desired", "current", "urgent"),
    [
        ([addresses(X, "192.0.2.1", "192.0.2.2")], [addresses(X, "192.0.2.1")], False),
        ([addresses(X, "192.0.2.1")], [addresses(X, "192.0.2.1", "192.0.2.2")], True),
        ([addresses(X, "192.0.2.1", ttl=30)], [addresses(X, "192.0.2.1")], False),
        ([alias(X, "y.example.com.")], [addresses(X, "192.0.2.1")], True),
        ([addresses(X, "192.0.2.1")], [alias(X, "y.example.com.")], False),
        ([], [alias(X, "y.example.com.")], False),
        ([], [RecordSet(X, ALIAS, 60, ("lb1.cloud.test.",))], True),
        ([RecordSet(X, ALIAS, 60, ("lb2.cloud.test.",))], [RecordSet(X, ALIAS, 60, ("lb1.cloud.test.",))], True),
        ([RecordSet(X, ALIAS, 60, ("lb1.cloud.test.",))], [], False),
    ],
    ids=["more", "fewer", "ttl", "to alias", "from alias", "alias gone", "ALIAS gone", "ALIAS moved", "ALIAS"],
)
def test_what_is_urgent(desired: list[RecordSet], current: list[RecordSet], urgent: bool) -> None:  # noqa: FBT001 - a table's column
    assert propose(NGINX, tuple(desired), tuple(current)).urgent is urgent


@given(zones(), zones())
def test_without_its_losses_a_service_keeps_every_name_that_it_has(
    desired: tuple[RecordSet, ...], current: tuple[RecordSet, ...]
) -> None:
    service = propose(NGINX, desired, current)
    rest, lost = service.without(frozenset(Cause)), [loss.deletion for loss in service.losses]
    assert {*rest.changes, *lost} == set(service.changes)
    assert rest.losses == ()
    after = applied(current, rest.changes)
    assert {record.name for record in current} <= {record.name for record in after}
    assert applied(after, lost) == frozenset(desired)


@given(zones(), zones(), st.sets(st.sampled_from([X, Y])))
def test_no_name_with_a_foreign_record_becomes_an_alias_and_each_is_told(
    desired: tuple[RecordSet, ...], current: tuple[RecordSet, ...], taken: set[DnsName]
) -> None:
    foreign = dict.fromkeys(taken, frozenset({"MX"}))
    possible, problems = beside_foreign(desired, current, foreign)
    blocked = {record.name for record in desired if record.type == CNAME} & taken
    assert [record for record in possible if record.name not in blocked] == [
        record for record in desired if record.name not in blocked
    ]
    assert [record for record in possible if record.name in blocked] == [
        record for record in current if record.name in blocked
    ]
    assert [problem.reason for problem in problems] == ["ForeignRecords"] * len(blocked)
    assert all(f"{name} stays as it is: others keep MX there" in str(problems) for name in blocked)


@given(zones(), zones())
def test_the_changes_from_one_state_to_another_lead_there(
    before: tuple[RecordSet, ...], after: tuple[RecordSet, ...]
) -> None:
    (service,) = changed_services({NGINX: before}, {NGINX: after}) or (ServiceChanges(NGINX, ()),)
    assert applied(before, service.changes) == frozenset(after)


def test_services_that_came_went_and_changed_are_told_and_no_others_urgent_ones_first() -> None:
    same, gone, come, moved = (numbered(number) for number in range(4))
    before = {same: answer(0), gone: answer(1), moved: answer(3)}
    after = {same: answer(0), come: answer(2), moved: answer(3, "192.0.2.9")}
    changes: list[tuple[Change, ...]] = [service.changes for service in changed_services(before, after)]
    assert changes == [
        (Delete(answer(1)[0]),),
        (Replace(answer(3)[0], answer(3, "192.0.2.9")[0]),),
        (Create(answer(2)[0]),),
    ]


def test_the_order_is_by_urgency_then_by_name() -> None:
    services = [ServiceChanges(numbered(number), (), urgent=number > 2) for number in (4, 1, 3, 2)]
    assert [service.key.name for service in in_order(services)] == ["s3", "s4", "s1", "s2"]


def test_addresses_that_become_an_alias_or_come_from_one_are_no_loss() -> None:
    alias = RecordSet(X, ALIAS, 60, ("lb.cloud.test.",))
    both = (addresses(X, "192.0.2.1"), RecordSet(X, AAAA, 60, ("2001:db8::1",)))
    for desired, current in (((alias,), both), (both, (alias,))):
        service = propose(NGINX, desired, current)
        assert service.losses == ()
        assert applied(current, service.changes) == set(desired)
    assert len(propose(NGINX, (), (alias,)).losses) == 1
