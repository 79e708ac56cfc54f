"""All shards of one service judged together: what each answers with, what waits, and what a brake or a person holds."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from feddns.config.health import HealthSettings
from feddns.health.brakes import ClusterBrake
from feddns.health.case import Case
from feddns.health.condition import remembered_condition, visible_condition
from feddns.health.cutoff import alive_at, spared
from feddns.health.holds import count, hold
from feddns.health.standins import keep_the_last
from feddns.health.standstill import is_at_rest, is_unchanged
from feddns.health.verdict import unseen_verdict, verdict
from feddns.health.withheld import Word, is_coming, is_out, word
from feddns.health.witnesses import failing
from feddns.model.assessments import ShardHistory
from feddns.model.evidence import Sight, Sighting
from feddns.model.orders import NO_ORDERS, Orders
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Verdict

_LISTENS_S: Final = 1.0
"""How often it is looked whether anything was heard of since probes began to fail, which no event tells."""


class Circumstances(msgspec.Struct, frozen=True):
    """What all services are judged under.

    Attributes:
        rules: the settings.
        brake: counts the clusters that were withdrawn.
        orders: what operators have ordered.
        is_cut_off: whether most clusters are Unknown, so that it is rather we who see nothing: then probes count for
            nothing.
    """

    rules: HealthSettings
    brake: ClusterBrake
    orders: Orders = NO_ORDERS
    is_cut_off: bool = False


class Judgement(msgspec.Struct, frozen=True, gc=False):
    """The verdicts on one service.

    Attributes:
        verdicts: in the order of the sightings; none on clusters that, as far as is known, do not have it.
        shards: what is to be remembered.
        due: when time alone changes something; None where it does not.
        is_draining: whether a cluster is about to leave by a person's word, so that the TTL should be low.
        is_blind: whether published answers may be those of clusters that do not show them.
    """

    verdicts: tuple[Verdict, ...]
    shards: dict[ClusterName, ShardHistory]
    due: float | None
    is_draining: bool
    is_blind: bool


def judge(
    key: ServiceKey,
    sightings: Sequence[Sighting],
    before: Mapping[ClusterName, ShardHistory],
    now: float,
    ttl_s: int,
    circumstances: Circumstances,
) -> Judgement:
    """Judge one service.

    Args:
        key: the service.
        sightings: one for each cluster of the federation, in order of the clusters' names.
        before: what the last judgement left to remember.
        now: in seconds since the epoch.
        ttl_s: the service's own TTL.
        circumstances: what all services are judged under.
    """
    has_words = bool(circumstances.orders.drains or circumstances.orders.evictions)
    if not has_words and all(is_unchanged(each, before.get(each.cluster.name)) for each in sightings):
        return _as_before(key, sightings, before, now, circumstances.brake)
    cases: list[Case] = []
    heard_at = None if circumstances.is_cut_off else alive_at(sightings, now)
    for sighting in sightings:
        cluster = sighting.cluster.name
        case = _case(sighting, before.get(cluster), now, heard_at, circumstances)
        if case is None:
            circumstances.brake.forget(cluster, key, now, is_visible=sighting.cluster.sight is Sight.VISIBLE)
        else:
            cases.append(case)
    said = ((each.cluster.name, word(circumstances.orders, each.cluster.name, ttl_s, now)) for each in sightings)
    words = {cluster: found for cluster, found in said if found is not None} if has_words else {}
    count(key, cases, now, circumstances.brake)
    wanted = [case for case in cases if not is_out(words.get(case.cluster), now)]
    hold(wanted, now, circumstances.rules, circumstances.brake)
    if keep_the_last(sightings, cases, words, now):
        hold(wanted, now, circumstances.rules, circumstances.brake)  # what has come back may stand in for what is held
    return _judgement(sightings, cases, words, now, circumstances)


def _as_before(
    key: ServiceKey,
    sightings: Sequence[Sighting],
    before: Mapping[ClusterName, ShardHistory],
    now: float,
    brake: ClusterBrake,
) -> Judgement:
    verdicts: list[Verdict] = []
    for sighting in sightings:
        remembered = before.get(sighting.cluster.name)
        if remembered is not None:
            verdicts.append(remembered.verdict)
            if remembered.verdict.addresses:
                brake.stands(sighting.cluster.name, key, now, is_visible=True)
    return Judgement(tuple(verdicts), dict(before), due=None, is_draining=False, is_blind=False)


def _case(
    sighting: Sighting, before: ShardHistory | None, now: float, heard_at: float | None, circumstances: Circumstances
) -> Case | None:
    cluster, rules = sighting.cluster, circumstances.rules
    if cluster.sight is Sight.VISIBLE:
        if sighting.shard is None:
            return None
        condition = visible_condition(sighting, sighting.shard, before, now, rules)
    elif before is None or cluster.sight is Sight.UNSEEN:
        return None
    else:
        condition = remembered_condition(sighting, before, now, rules, is_cut_off=circumstances.is_cut_off)
    if failing(sighting.probed):
        condition = spared(condition, sighting, before, now, heard_at, rules.witness)
    return Case(cluster.name, condition, before, now, rules)


def _judgement(
    sightings: Sequence[Sighting],
    cases: Sequence[Case],
    words: Mapping[ClusterName, Word],
    now: float,
    circumstances: Circumstances,
) -> Judgement:
    rules = circumstances.rules
    by_cluster = {case.cluster: case for case in cases}
    verdicts: list[Verdict] = []
    shards: dict[ClusterName, ShardHistory] = {}
    dues = [moment for said in words.values() for moment in (said.from_when, said.until) if moment is not None]
    for sighting in sightings:
        cluster = sighting.cluster.name
        case = by_cluster.get(cluster)
        if case is not None:
            found = verdict(case, words.get(cluster), now)
            verdicts.append(found)
            shards[cluster] = _history(case, words.get(cluster), found)
            dues.extend(_dues(case, now, is_cut_off=circumstances.is_cut_off))
            continue
        if sighting.cluster.sight is Sight.UNSEEN:
            verdicts.append(unseen_verdict(sighting, words.get(cluster)))
        if sighting.cluster.sight is not Sight.VISIBLE and rules.unknown_limit is not None:
            dues.append(sighting.cluster.since + rules.unknown_limit)
    answered = any(case.answers and not is_out(words.get(case.cluster), now) for case in cases)
    return Judgement(
        verdicts=tuple(verdicts),
        shards=shards,
        due=min((due for due in dues if due > now), default=None),
        is_draining=any(case.answers and is_coming(words.get(case.cluster), now) for case in cases),
        is_blind=any(
            case.condition.may_own_more and case.withheld is None
            if (case := by_cluster.get(sighting.cluster.name)) is not None
            else _hides(sighting, words.get(sighting.cluster.name), now, rules, answered=answered)
            for sighting in sightings
        ),
    )


def _hides(sighting: Sighting, said: Word | None, now: float, rules: HealthSettings, *, answered: bool) -> bool:
    """Whether a cluster of which nothing is known about the service may have published answers."""
    cluster = sighting.cluster
    if cluster.sight is Sight.VISIBLE:
        return False
    if said is not None and now >= said.from_when:
        return not (answered or said.forced)
    return rules.unknown_limit is None or now < cluster.since + rules.unknown_limit


def _history(case: Case, said: Word | None, found: Verdict) -> ShardHistory:
    condition, answer = case.condition, case.answer
    is_all = len(answer.addresses) == len(condition.addresses)
    return ShardHistory(
        shard=condition.shard,
        resolved=condition.resolved,
        places=tuple(sorted(answer.places)),
        addresses=condition.addresses if is_all else tuple(sorted(answer.addresses)),
        dampers=case.dampers(),
        emptied_at=condition.emptied_at,
        verdict=found,
        blind_at=condition.blind_at,
        is_presumed=case.is_presumed,
        is_at_rest=said is None and is_at_rest(case),
        probed=condition.probed,
    )


def _dues(case: Case, now: float, *, is_cut_off: bool) -> list[float]:
    dues = [now + _LISTENS_S] if case.condition.spared and not is_cut_off else []
    dues += [step.due for _, step in case.moves() if step.due is not None]
    if case.hold is not None and case.hold.until is not None:
        dues.append(case.hold.until)
    if case.condition.next_at is not None:
        dues.append(case.condition.next_at)
    return dues
