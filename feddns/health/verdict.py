"""The verdict that follows from a shard's case, with all that it rests on and all that is pending."""

from collections.abc import Iterator
from typing import Final

from feddns.health.case import Case
from feddns.health.condition import ANYWHERE, unseen_evidence
from feddns.health.damping import Move, Step
from feddns.health.withheld import Word
from feddns.model.evidence import Sighting
from feddns.model.verdicts import Brake, Health, Pending, Verdict

_MAY_BE_US: Final = "most clusters cannot be seen, or nothing was heard of since, so its probes prove nothing"


def verdict(case: Case, said: Word | None, now: float) -> Verdict:
    """The verdict on a shard.

    Args:
        case: decided.
        said: what a person says about its cluster, if anything.
        now: in seconds since the epoch.
    """
    condition, answer = case.condition, case.answer
    answers = case.answers
    addresses = tuple(each for each in condition.addresses if each in answer.addresses) if answers else ()
    doubtful = addresses if case.is_let_back else {*condition.untested, *condition.doubted, *condition.spared}
    before = case.before.verdict if case.before is not None else None
    health = _health(case)
    since = _since(case, health, before, now)
    return Verdict(
        cluster=case.cluster,
        health=health,
        since=since,
        topology=condition.topology,
        zones=tuple(zone for zone in condition.topology.zones if zone in answer.places) if answers else (),
        addresses=addresses,
        hostnames=condition.shard.hostnames if answers else (),
        unproved=tuple(each for each in addresses if each in doubtful) if doubtful else (),
        evidence=condition.evidence if said is None else (*condition.evidence, said.evidence),
        pending=_pending(case, said, since, now),
        shard=condition.shard,
    )


def unseen_verdict(sighting: Sighting, said: Word | None) -> Verdict:
    """The verdict on a shard of which nothing is known, since its cluster has not been seen yet."""
    cluster = sighting.cluster
    evidence = (unseen_evidence(sighting),) if said is None else (unseen_evidence(sighting), said.evidence)
    return Verdict(cluster.name, Health.UNKNOWN, cluster.since, cluster.topology, evidence=evidence)


def _health(case: Case) -> Health:
    if not case.condition.is_visible:
        return Health.UNKNOWN
    return Health.HEALTHY if case.gives(case.answer) and case.hold is None else Health.UNHEALTHY


def _since(case: Case, health: Health, before: Verdict | None, now: float) -> float:
    """When the shard became so: as remembered, or as the cluster itself dates it, or now."""
    if before is not None:
        return before.since if before.health is health else now
    changed_at = case.condition.shard.ready.changed_at
    return now if changed_at is None else min(now, changed_at)


def _pending(case: Case, said: Word | None, since: float, now: float) -> tuple[Pending, ...]:
    condition = case.condition
    if said is None and not case.steps and condition.is_visible and condition.next_at is None and not condition.spared:
        return ()  # as nearly always
    if not case.answers:
        return tuple(each for each in _moving(case) if not each.is_withdrawal)
    return (*_wanted_out(case, said, now), *_braked(case), *_held_balancer(case), *_moving(case), *_silent(case, since))


def _wanted_out(case: Case, said: Word | None, now: float) -> Iterator[Pending]:
    if said is None:
        return
    if now < said.from_when:
        yield Pending("leaves every answer: it is drained", said.since, said.from_when, is_withdrawal=True)
    else:
        text = "leaves every answer as soon as another shard can answer: a person wants it out"
        # Where silence alone may have called for it, it may not even be published, and no TTL is worth changing.
        yield Pending(text, said.since, None, is_withdrawal=not case.is_let_back)


def _braked(case: Case) -> Iterator[Pending]:
    hold = case.hold
    if hold is not None:
        since = min(step.since for _, step in case.moves() if step.since is not None)
        text = f"would leave every answer; held: {hold.text}"
        yield Pending(text, since, hold.until, is_withdrawal=not case.is_presumed, brake=hold.brake)
    for address, since in sorted(case.condition.spared.items()):
        text = f"{address} would leave the answers; held: {_MAY_BE_US}"
        yield Pending(text, since, None, is_withdrawal=True, brake=Brake.CUT_OFF)


def _held_balancer(case: Case) -> Iterator[Pending]:
    condition = case.condition
    if condition.emptied_at is not None and condition.next_at is not None and condition.is_visible:
        text = "leaves every answer unless its load balancer's status is filled again"
        yield Pending(text, condition.emptied_at, condition.next_at, is_withdrawal=True)


def _silent(case: Case, since: float) -> Iterator[Pending]:
    """What may become of a shard whose cluster cannot be seen."""
    condition = case.condition
    if condition.is_visible or case.hold is not None:
        return
    if condition.next_at is not None:
        text = "leaves if its probes go on failing, or at health.unknownLimit, while the cluster cannot be seen"
        yield Pending(text, since, condition.next_at, is_withdrawal=True)
    elif any(piece.against for piece in condition.evidence) and not condition.spared:
        yield Pending("leaves if that is still so when the cluster can be seen again", since, None)


def _moving(case: Case) -> Iterator[Pending]:
    if case.hold is not None:
        return
    moves = dict(case.moves())
    whole = moves.pop(ANYWHERE, None)
    if whole is not None:
        yield _of(whole, "leaves" if whole.move is Move.LEAVES else "returns to", "every answer")
    for name, step in moves.items():
        if whole is None or step.due != whole.due:
            verb = "leaves" if step.move is Move.LEAVES else "returns to"
            if name in case.condition.addresses:
                yield _of(step, f"{name} {verb}", "the answers")
            else:
                yield _of(step, verb, f"the answer of zone {name}")


def _of(step: Step, verb: str, what: str) -> Pending:
    since = 0.0 if step.since is None else step.since
    return Pending(f"{verb} {what}", since, step.due, is_withdrawal=step.move is Move.LEAVES)
