"""Adoption of one target's zone: what it holds, held against what the clusters show now."""

from collections.abc import Collection

import msgspec

from feddns.clock import STEADY
from feddns.controller.assemble import Observatory
from feddns.controller.targets import Target
from feddns.controller.undertaking import Look
from feddns.decide import decide
from feddns.handover.adoption import adoption
from feddns.handover.findings import Adoption, Request
from feddns.handover.registry import Affixes
from feddns.model.evidence import Sight
from feddns.model.records import RecordSet
from feddns.plan.agenda import Terms
from feddns.plan.zone import sort_zone


class Wishes(msgspec.Struct, frozen=True):
    """What a person asks for, the same for every target.

    Attributes:
        affixes: around the names of ExternalDNS' TXT records.
        registry_owner: the `--txt-owner-id` of the ExternalDNS that is taken over from; empty for any.
        allow_changes: whether found records may be others afterwards.
    """

    affixes: Affixes
    registry_owner: str
    allow_changes: bool


def look_at(target: Target, seen: Observatory, terms: Terms, wishes: Wishes) -> Look[Adoption]:
    """What finds out what adopting the target's zone means.

    Args:
        target: whose zone it is.
        seen: the clusters, which must have been seen.
        terms: on which the zone will be written.
        wishes: what is asked for.
    """

    def look(record_sets: Collection[RecordSet]) -> Adoption:
        now = STEADY()
        states = seen.views.states(now)
        request = Request(
            terms=terms,
            limits=target.provider.limits,
            affixes=wishes.affixes,
            registry_owner=wishes.registry_owner,
            allow_changes=wishes.allow_changes,
            unseen=tuple(state.name for state in states if state.sight is not Sight.VISIBLE),
        )
        published = sort_zone(record_sets, terms.names).services
        assessments = seen.judging.assessments(sorted({*seen.views.keys(), *published}))
        decisions = [decide(each, published.get(each.key, ()), {}, target.policy) for each in assessments]
        return adoption(tuple(record_sets), decisions, request)

    return look
