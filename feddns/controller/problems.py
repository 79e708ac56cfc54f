"""Problems of services in the log, each told once until it is over, however many targets meet it."""

from collections.abc import Hashable, Iterable

from feddns.model.decisions import Decision
from feddns.model.services import Problem, ServiceKey
from feddns.telemetry.events import LogEvent, log


class ProblemLog:
    """Remembers what was told of which service."""

    def __init__(self) -> None:
        self._told: dict[ServiceKey, dict[Hashable, frozenset[Problem]]] = {}

    def tell(self, teller: Hashable, decision: Decision, known: Iterable[Problem]) -> None:
        """Log what is wrong with a service and was not told before.

        Args:
            teller: who decided.
            decision: on the service.
            known: problems that others report.
        """
        problems = set(decision.problems)
        for verdict in decision.verdicts:
            problems.update(() if verdict.shard is None else verdict.shard.problems)
        told = self._told.pop(decision.key, {})
        if not problems and not told:
            return
        problems.difference_update(known)
        for problem in sorted(problems.difference(*told.values())):
            log(LogEvent.PROBLEM, service=str(decision.key), reason=problem.reason, text=problem.text)
        left = {**told, teller: frozenset(problems)}
        if any(left.values()):
            self._told[decision.key] = left
