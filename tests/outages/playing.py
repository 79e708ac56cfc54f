"""One outage from its beginning to its end, and what must hold of all that was seen meanwhile."""

import asyncio
import time

import msgspec

from tests.outages.balancer import Behaviour
from tests.outages.federation import EVERYONE, OTHERS, VICTIM, Federation
from tests.outages.observer import SERIAL
from tests.outages.outages import Effect, Outage, Together

_UNNOTICED_S = 4.0
"""How long nobody may have looked; a machine that is busy with other tests may be late, but not for longer."""

_QUIET_S = 1.5
"""How long a federation that is whole again is watched for whatever still comes."""

_SOON_S = 10.0
"""Twice what an effect may take while nothing else keeps the machine busy."""


class Case(msgspec.Struct, frozen=True):
    """An outage to be played.

    Attributes:
        restarts: whether feddns is killed meanwhile, once before the effect is seen and once after.
    """

    outage: Outage
    restarts: bool


class Course(msgspec.Struct, frozen=True):
    """How an outage went.

    Attributes:
        withdrawn_s: seconds from its beginning until the victim was in no answer; None where it stayed.
        returned_s: seconds from its end until all answers were as before; None where it stayed.
    """

    withdrawn_s: float | None = None
    returned_s: float | None = None


async def play(federation: Federation, case: Case, together: Together | None) -> Course:
    """Let an outage begin and end, and hold what was seen against what must be.

    Args:
        federation: a whole one.
        case: what fails.
        together: with whom, where the outage is shared.

    Raises:
        AssertionError: something was seen that must not be.
    """
    outage, restarts = case.outage, case.restarts
    before, whole_at = federation.records(), time.monotonic()
    began = await _begin(federation, outage, together)
    # Where a cluster cannot be seen, a feddns that starts has never seen it, and knows of no load balancer to ask.
    if restarts and not outage.after_loss:
        await federation.restart_feddns()
    withdrawn_at = await _effect(federation, outage, began)
    if restarts:
        await federation.restart_feddns(*outage.visible)
        await asyncio.sleep(_QUIET_S)
    if outage.effect is Effect.NONE:
        serials = {seen.answer for seen in federation.history.during(SERIAL, whole_at)}
        assert len(serials) == 1, f"the zone was written: its serials were {serials}"
    if outage.effect is Effect.NONE and outage.visible:
        await _others_go_on(federation)
    ended, returned_at = await _end(federation, case, together)
    await asyncio.sleep(_QUIET_S)
    assert federation.records() == before
    _hold_against(federation, outage, whole_at)
    if withdrawn_at is None:
        return Course()
    withdrawn_s, returned_s = withdrawn_at - began, returned_at - ended
    assert outage.least_s <= withdrawn_s
    assert restarts or max(withdrawn_s, returned_s) < _SOON_S
    return Course(round(withdrawn_s, 2), round(returned_s, 2))


async def _begin(federation: Federation, outage: Outage, together: Together | None) -> float:
    """Let it fail; when it did."""
    if together is not None:
        await together.begin()
    began = time.monotonic()
    await outage.begin(federation)
    if outage.after_loss:
        await federation.lost(VICTIM)
        began = time.monotonic()
        federation.balancers[VICTIM].behave(Behaviour.REFUSE)
    return began


async def _end(federation: Federation, case: Case, together: Together | None) -> tuple[float, float]:
    """Put it right; when that was, and when all answers were as before.

    A load balancer that serves again is enough for a feddns that knows it, be its cluster in sight or not.
    """
    ended, returned_at = time.monotonic(), None
    if case.outage.after_loss:
        federation.balancers[VICTIM].behave(Behaviour.SERVE)
        if not case.restarts:
            returned_at = await federation.come_to(federation.whole, ended)
    if together is not None:
        await together.end()
    if returned_at is None:
        ended = time.monotonic()
    await case.outage.end(federation)
    came = await federation.come_to(federation.whole, ended)
    return ended, came if returned_at is None else returned_at


async def _effect(federation: Federation, outage: Outage, began: float) -> float | None:
    """Wait for the outage's effect, or as long as none must come; when the victim was in no answer any more."""
    if outage.effect is Effect.WITHDRAWN:
        return await federation.come_to(federation.without_victim, began)
    await asyncio.sleep(max(0.0, began + outage.lasts_s - time.monotonic()))
    return None


async def _others_go_on(federation: Federation) -> None:
    """Another cluster's endpoints are followed as ever."""
    at = time.monotonic()
    await federation.set_ready("asia", ready=False)
    await federation.come_to({"global": federation.addresses("us", VICTIM), "zone": federation.addresses(VICTIM)}, at)
    await federation.set_ready("asia", ready=True)
    await federation.come_to(federation.whole, at)


def _hold_against(federation: Federation, outage: Outage, whole_at: float) -> None:
    """Hold the whole history against what must be true at every moment of it."""
    history = federation.history
    assert history.longest_gap_s < _UNNOTICED_S
    everyone = frozenset(federation.addresses(*EVERYONE))
    for label in federation.whole:
        for seen in history.during(label, whole_at):
            assert seen.addresses, f"{label} had no address: {seen.answer}"
            assert seen.addresses <= everyone
    unchanged = ["other"] if outage.effect is Effect.WITHDRAWN else ["other", "zone", "region"]
    for label in unchanged:
        assert {seen.answer for seen in history.during(label, whole_at)} == {federation.whole[label]}
    # Of an outage without effect asia is taken out for a moment, to see that its cluster is followed.
    stay = frozenset(federation.addresses("us") if outage.effect is Effect.NONE else federation.addresses(*OTHERS))
    for seen in history.during("global", whole_at):
        assert stay <= seen.addresses, f"the global name lost more than {VICTIM}: {seen.answer}"
    if outage.proves:
        _nothing_comes_back_unasked(federation)


def _nothing_comes_back_unasked(federation: Federation) -> None:
    """An address that was withdrawn as dead comes back only once its load balancer has answered again."""
    balancer = federation.balancers[VICTIM]
    (_, _), (failed_at, _), (serves_at, _) = balancer.behaved
    for label in ("zone", "region", "global"):
        for at in federation.history.returns(label, balancer.address, failed_at):
            assert balancer.served_between(serves_at, at), f"{label} had a dead address again before it was asked"
