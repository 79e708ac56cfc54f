import json
from threading import Timer

import pytest

from feddns.orders.telling import instant
from tests.cli.conftest import Feddns
from tests.cli.test_apply import zone
from tests.cli.test_plan import WORLD
from tests.quickstart import EU, Quickstart

STATE = "feddns-state.json"


def since(quickstart: Quickstart) -> float:
    found: float = json.loads((quickstart.folder / STATE).read_text())["freeze"]["since"]
    return found


def test_a_freeze_tells_who_when_and_why(feddns: Feddns, quickstart: Quickstart) -> None:
    result = feddns("freeze", "--reason", "the provider lies", FEDDNS_USER="ann")
    assert (result.exit_code, result.stderr) == (0, "")
    start = instant(since(quickstart))
    assert result.stdout == f"frozen by ann since {start}: the provider lies; `feddns thaw` releases it\n"
    again = feddns("freeze", "--reason", "me too", "--output", "json", FEDDNS_USER="bob")
    assert again.stderr == "warning: everything was frozen already, which stays as it is\n"
    assert json.loads(again.stdout) == {
        "frozen": True,
        "since": since(quickstart),
        "by": "ann",
        "reason": "the provider lies",
    }


def test_nothing_is_applied_while_all_is_frozen_and_all_of_it_afterwards(
    feddns: Feddns, quickstart: Quickstart
) -> None:
    feddns("apply")
    quickstart.fail("eu")
    feddns("freeze", FEDDNS_USER="ann")
    notice = f"frozen by ann since {instant(since(quickstart))}; `feddns thaw` releases it"
    applied = feddns("apply")
    assert (applied.exit_code, applied.stdout) == (1, f"{notice}\nexample.com. nothing written\n")
    assert EU in zone(quickstart)[WORLD, "A"]
    planned = feddns("plan", "--detailed-exitcode")
    assert planned.exit_code == 2
    assert planned.stdout.startswith(f"{notice}\nmynamespace/nginx\n")
    assert planned.stdout.endswith("example.com. 2 to create, 1 to replace, 2 to delete\n")
    assert json.loads(feddns("plan", "--output", "json").stdout)["frozen"] == notice
    assert feddns("explain", "mynamespace/nginx").stdout.splitlines()[-1] == notice
    thawed = feddns("thaw")
    assert thawed.stdout == f"nothing is frozen any more; it was {notice.partition(';')[0]}\n"
    assert feddns("apply").exit_code == 0
    assert EU not in zone(quickstart)[WORLD, "A"]


def test_thawing_what_is_not_frozen_is_no_error(feddns: Feddns, quickstart: Quickstart) -> None:
    assert feddns("thaw").stdout == "nothing was frozen\n"
    assert json.loads(feddns("thaw", "--output", "json").stdout) == {"frozen": False, "was": None}
    feddns("freeze", FEDDNS_USER="ann")
    start = since(quickstart)
    assert json.loads(feddns("thaw", "--output", "json").stdout) == {
        "frozen": False,
        "was": {"since": start, "by": "ann", "reason": ""},
    }


@pytest.mark.parametrize("verb", [("drain", "us"), ("undrain", "us"), ("evict", "us"), ("readmit", "us")])
@pytest.mark.usefixtures("quickstart")
def test_other_orders_can_be_given_and_say_that_nothing_changes_for_now(feddns: Feddns, verb: tuple[str, ...]) -> None:
    feddns("freeze", FEDDNS_USER="ann")
    result = feddns(*verb)
    assert result.exit_code == 0
    assert result.stderr.startswith("warning: no answer changes for now: frozen by ann since ")


def test_control_characters_of_a_reason_never_reach_the_terminal(feddns: Feddns, quickstart: Quickstart) -> None:
    (quickstart.folder / STATE).write_text('{"freeze": {"since": 1, "reason": "\\u001b[31m\\n"}}')
    for verb in ("clusters", "plan", "thaw"):
        assert "\x1b" not in feddns(verb).stdout


def test_nothing_is_written_where_it_is_not_known_what_is_ordered(feddns: Feddns, quickstart: Quickstart) -> None:
    (quickstart.folder / STATE).write_text("{")
    result = feddns("apply")
    assert result.exit_code == 1
    assert "what is ordered is not known" in result.stdout
    assert not list(quickstart.folder.glob("*.sqlite"))


@pytest.mark.servers  # takes its time
def test_what_is_ordered_while_a_cluster_is_still_waited_for_counts(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.spoil("asia")
    quickstart.configure(watch={"startGrace": "3s"})
    order = Timer(1.5, (quickstart.folder / STATE).write_text, ['{"freeze": {"since": 1, "by": "ann"}}'])
    order.start()
    applied = feddns("apply")
    order.join()
    assert (applied.exit_code, applied.stdout.splitlines()[-1]) == (1, "example.com. nothing written")
    assert applied.stdout.startswith("frozen by ann ")
