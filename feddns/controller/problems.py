"""Problems of services, told to operators in the log and to the Services' owners, however many targets meet them."""

from collections.abc import Hashable

from feddns.controller.views import Views
from feddns.model.assessments import Assessment
from feddns.model.decisions import Decision
from feddns.model.services import Problem, ServiceKey
from feddns.telemetry.events import LogEvent, log


class ProblemLog:
    """Remembers what was told of which service, so that each problem is told once until it is over."""

    def __init__(self) -> None:
        self._told: dict[ServiceKey, dict[Hashable, frozenset[Problem]]] = {}

    def tell(self, teller: Hashable, assessment: Assessment, decision: Decision, views: Views) -> None:
        """Tell what is wrong with a service and was not told before.

        Args:
            teller: who decided.
            assessment: what is believed of the service.
            decision: what follows.
            views: where its owners are told; what the clusters' sources report themselves is left to them.
        """
        key = decision.key
        shards = {each.cluster: each.shard.problems for each in decision.verdicts if each.shard is not None}
        told = self._told.pop(key, {})
        if not told and not decision.problems and not any(shards.values()):
            return
        reported = views.reported(key)
        problems = frozenset(decision.problems).union(*shards.values()) - reported
        for problem in sorted(problems.difference(*told.values())):
            log(LogEvent.PROBLEM, service=str(key), reason=problem.reason, text=problem.text)
        left = {**told, teller: problems}
        if any(left.values()):
            self._told[key] = left
        # What brakes hold is told cluster by cluster by those who judge.
        shared = set(decision.problems).difference(assessment.holds.values())
        concerns = {name: tuple(sorted({*own, *shared} - reported)) for name, own in shards.items()}
        views.concern(key, teller, concerns)
