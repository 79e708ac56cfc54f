from hypothesis import given

from feddns.model.changes import Create, Delete, Replace
from feddns.model.records import CNAME, A, DnsName, RecordSet
from feddns.plan.diff import applied, diff
from tests.strategies import zones

X = DnsName("x.example.com.")


@given(zones(), zones())
def test_an_applied_plan_leaves_nothing_to_plan(desired: tuple[RecordSet, ...], current: tuple[RecordSet, ...]) -> None:
    assert diff(desired, applied(current, diff(desired, current))) == ()


@given(zones(), zones())
def test_no_name_is_ever_both_cname_and_address_while_the_changes_are_done_one_by_one(
    desired: tuple[RecordSet, ...], current: tuple[RecordSet, ...]
) -> None:
    zone = frozenset(current)
    for change in diff(desired, current):
        zone = applied(zone, [change])
        aliases = {record.name for record in zone if record.type == CNAME}
        assert not any(record.name in aliases and record.type != CNAME for record in zone)
    assert zone == frozenset(desired)


def test_a_change_of_type_is_a_deletion_and_a_creation_in_this_order() -> None:
    address, alias = RecordSet(X, A, 60, ("192.0.2.1",)), RecordSet(X, CNAME, 60, ("y.example.com.",))
    assert diff([alias], [address]) == (Delete(address), Create(alias))


def test_another_ttl_alone_is_a_replacement() -> None:
    before, after = RecordSet(X, A, 60, ("192.0.2.1",)), RecordSet(X, A, 30, ("192.0.2.1",))
    assert diff([after], [before]) == (Replace(before, after),)
