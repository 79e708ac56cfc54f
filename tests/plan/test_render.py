import json
from typing import Any

import msgspec
from hypothesis import given

from feddns.model.changes import Change, Create, Delete, Replace
from feddns.model.records import CNAME, RecordSet
from feddns.model.services import Problem
from feddns.plan.budget import Cause, Held, Loss
from feddns.plan.proposal import Plan, ServiceChanges, propose
from feddns.plan.render import count, plan_lines, plan_value, record_value
from tests.builders import FED, NGINX, answer, numbered
from tests.strategies import zones

HELD = Held(Cause.HEALTH, 2, 1, 3, "2 of 3 record sets would be deleted")
STRAYED = Held(Cause.DRIFT, 1, 0, 3, "1 of 3 record sets would be deleted")
MOVE = propose(numbered(1), answer(1, "192.0.2.9", "192.0.2.1"), answer(1))
COME = propose(numbered(2), answer(2), ())
GONE = propose(numbered(3), (), answer(3))


def lines(plan: Plan, *, done: bool = False) -> list[str]:
    return [f"{kind or ' '}|{text}" for kind, text in plan_lines(plan, done=done)]


def test_a_plan_reads_as_a_diff_by_service() -> None:
    assert lines(Plan(FED.zone, (MOVE, GONE, COME))) == [
        " |shop/s1",
        "~|  ~ s1.shop.fed.svc.example.com. 60 A 192.0.2.1",
        "~|                                 => 60 A 192.0.2.1 192.0.2.9",
        " |shop/s3",
        "-|  - s3.shop.fed.svc.example.com. 60 A 192.0.2.1",
        " |shop/s2",
        "+|  + s2.shop.fed.svc.example.com. 60 A 192.0.2.1",
        " |example.com. 1 to create, 1 to replace, 1 to delete",
    ]


def lost(number: int, cause: Cause = Cause.HEALTH) -> Loss:
    return Loss(Delete(answer(number)[0]), cause)


def test_what_was_done_is_told_as_done() -> None:
    assert lines(Plan(FED.zone, (MOVE, COME)), done=True)[-1] == " |example.com. 1 created, 1 replaced, 0 deleted"
    assert lines(Plan(FED.zone, ()), done=True) == [" |example.com. no change"]


def test_what_is_held_stands_below_with_the_reason() -> None:
    withheld = (lost(3), lost(5, Cause.DRIFT), lost(4))
    plan = Plan(FED.zone, (COME,), (HELD, STRAYED), withheld)
    assert lines(plan)[2:] == [
        "!|held: 2 of 3 record sets would be deleted",
        "!|  ! s3.shop.fed.svc.example.com. 60 A 192.0.2.1",
        "!|  ! s4.shop.fed.svc.example.com. 60 A 192.0.2.1",
        "!|held: 1 of 3 record sets would be deleted",
        "!|  ! s5.shop.fed.svc.example.com. 60 A 192.0.2.1",
        " |example.com. 1 to create, 0 to replace, 0 to delete, 3 deletions held",
    ]
    assert lines(Plan(FED.zone, (), (HELD,), withheld[:1]))[-1] == " |example.com. no change, 1 deletion held"


def test_a_zone_that_may_not_be_written_says_so_first_and_last() -> None:
    plan = Plan(FED.zone, (), refusal="it is theirs", problems=(Problem("ForeignRecords", "MX stands there"),))
    assert lines(plan) == [
        "!|refused: it is theirs",
        "!|ForeignRecords: MX stands there",
        " |example.com. nothing written",
    ]


def expected(change: Change) -> tuple[str, dict[str, Any] | None, dict[str, Any] | None]:
    match change:
        case Create(desired):
            return "create", None, record_value(desired)
        case Delete(current):
            return "delete", record_value(current), None
        case Replace(current, desired):
            return "replace", record_value(current), record_value(desired)


@given(zones(), zones())
def test_text_and_value_tell_the_same_changes(desired: tuple[RecordSet, ...], current: tuple[RecordSet, ...]) -> None:
    service = propose(NGINX, desired, current)
    plan = Plan(FED.zone, (service,) if service.changes else ())
    value = json.loads(msgspec.json.encode(plan_value(plan)))
    assert len(value["changes"]) == sum(value["summary"].values()) == len(service.changes)
    for told, change in zip(value["changes"], service.changes, strict=True):
        assert told["service"] == str(NGINX)
        assert (told["action"], told["current"], told["desired"]) == expected(change)
    signs = [kind for kind, text in plan_lines(plan) if kind and text.lstrip()[0] in "+-~"]
    assert signs == [{"create": "+", "replace": "~", "delete": "-"}[change["action"]] for change in value["changes"]]


def test_the_value_of_a_held_plan_has_the_numbers_of_the_budget() -> None:
    plan = Plan(FED.zone, (), (HELD,), (lost(3),), problems=(Problem("Refused", "no"),))
    value = json.loads(msgspec.json.encode(plan_value(plan)))
    assert value["held"] == [
        {
            "cause": "health",
            "count": 2,
            "limit": 1,
            "owned": 3,
            "reason": HELD.text,
            "changes": [{"action": "delete", "current": record_value(answer(3)[0]), "desired": None}],
        }
    ]
    assert value["problems"] == [{"reason": "Refused", "text": "no"}]
    assert plan_value(Plan(FED.zone, ()))["held"] == []


def test_a_record_set_has_exactly_name_type_ttl_and_values() -> None:
    alias = RecordSet(answer(1)[0].name, CNAME, 30, ("lb.cloud.test.",))
    assert record_value(alias) == {
        "name": "s1.shop.fed.svc.example.com.",
        "type": "CNAME",
        "ttl": 30,
        "values": ["lb.cloud.test."],
    }


def test_a_change_of_type_counts_as_a_deletion_and_a_creation() -> None:
    alias = RecordSet(answer(1)[0].name, CNAME, 30, ("lb.cloud.test.",))
    plan = Plan(FED.zone, (ServiceChanges(numbered(1), propose(numbered(1), (alias,), answer(1)).changes),))
    assert count(plan) == {"create": 1, "replace": 0, "delete": 1, "held": 0}
