"""What a person should know of one zone, in the log: what was written, and each thing that holds it up once."""

from collections.abc import Iterable
from typing import Final

from feddns.model.changes import Change, Create, Delete, Replace
from feddns.model.records import ZoneName
from feddns.model.services import Problem, ServiceKey
from feddns.plan.agenda import Agenda, Draft
from feddns.plan.budget import Cause
from feddns.plan.claim import sequence
from feddns.telemetry.events import LogEvent, log
from feddns.turns import in_turns

_NAMED: Final = 5
"""So many services a line names; of more it tells the number."""

_LINES_AT_ONCE: Final = 32
"""So many lines are written in a row, before all else that runs has its turn."""

_ANSWERS: Final = 10
"""So many names a line tells the new answers of."""


class ZoneLog:
    """Remembers what was told.

    Args:
        zone: the zone's name.
        agenda: of the zone.
    """

    def __init__(self, zone: ZoneName, agenda: Agenda) -> None:
        self._zone = zone
        self._agenda = agenda
        self._is_frozen = False
        self._held: frozenset[Cause] = frozenset()
        self._obstacles: frozenset[tuple[ServiceKey, Problem]] = frozenset()

    def frozen(self, text: str) -> None:
        """Tell that everything is frozen, and why; or, without a text, that it is no more."""
        if bool(text) is not self._is_frozen:
            self._is_frozen = bool(text)
            reason = {"reason": text} if text else {}
            log(LogEvent.FROZEN if text else LogEvent.THAWED, zone=self._zone, **reason)

    def written(self, draft: Draft, took_s: float) -> None:
        """Tell what a batch has changed: which names now lead where.

        Args:
            draft: the batch, which was taken.
            took_s: seconds from its sending until then.
        """
        changes, fence = draft.batch.changes, draft.batch.fence
        log(
            LogEvent.RECORDS_WRITTEN,
            zone=self._zone,
            seq=sequence(fence),
            changes=len(changes),
            services=services_told(draft),
            answers=answers_told(changes),
            took_s=round(took_s, 3),
        )

    def held(self, now: float) -> None:
        """Tell of deletions that are held, once all is decided that budgets see together."""
        if not self._agenda.all_decided:
            return
        held = self._agenda.held(now)
        for each in held:
            if each.cause not in self._held:
                log(LogEvent.DELETIONS_HELD, zone=self._zone, cause=each.cause.value, reason=each.text)
        self._held = frozenset(each.cause for each in held)

    async def obstacles(self) -> None:
        """Tell what is in the way of single services, likewise; that may be thousands."""
        if not self._agenda.all_decided:
            return
        obstacles = frozenset(self._agenda.obstacles())
        async for key, problem in in_turns(sorted(obstacles - self._obstacles), _LINES_AT_ONCE):
            log(LogEvent.PROBLEM, service=str(key), reason=problem.reason, text=problem.text)
        self._obstacles = obstacles


def services_told(draft: Draft) -> list[str] | int:
    """The services that a batch is for: their names, or of many the number."""
    keys = [str(service.key) for service in draft.services]
    return keys if len(keys) <= _NAMED else len(keys)


def answers_told(changes: Iterable[Change]) -> list[str]:
    """What names have now that they had not before, such as `NAME A 192.0.2.1`: of many the first."""
    changes = tuple(changes)
    answers = dict.fromkeys(_text(change) for change in changes if not isinstance(change, Delete))
    there = {change.name for change in changes if not isinstance(change, Delete)}
    gone = (change for change in changes if isinstance(change, Delete) and change.name not in there)
    answers.update(dict.fromkeys(f"{change.name} no more {change.current.type}" for change in gone))
    more = len(answers) - _ANSWERS
    return [*list(answers)[:_ANSWERS], *([f"and {more} more"] if more > 0 else [])]


def _text(change: Create | Replace) -> str:
    record_set = change.desired
    if isinstance(change, Replace) and change.current.values == record_set.values:
        return f"{record_set.name} {record_set.type} with TTL {record_set.ttl}"
    return f"{record_set.name} {record_set.type} {' '.join(record_set.values)}"
