"""Damping: what goes settles first, and what comes back after it went waits, the longer the more often it went."""

import enum
from typing import Final

import msgspec

from feddns.config.health import HealthSettings
from feddns.model.assessments import Damper

CALM: Final = Damper()
"""Never went, or long ago."""


class Move(enum.Enum):
    """What is to happen to one thing that a shard answers with."""

    STAYS = "stays"
    """It stands, and goes on to."""
    LEAVES = "leaves"
    """It stands and is to go, now or later."""
    STAYS_OUT = "stays out"
    """It does not stand, and is not wanted."""
    RETURNS = "returns"
    """It does not stand and is to come, now or later."""


class Step(msgspec.Struct, frozen=True, gc=False):
    """The move of one thing, and when it is due.

    Attributes:
        since: when the evidence turned, in seconds since the epoch; None where nothing moves.
        due: when the move is to be made; None where nothing moves.
    """

    move: Move
    damper: Damper
    since: float | None = None
    due: float | None = None

    def is_due(self, now: float) -> bool:
        """Whether a move is to be made now."""
        return self.due is not None and now >= self.due


STAYS: Final = Step(Move.STAYS, CALM)
_OUT: Final = Step(Move.STAYS_OUT, CALM)


def step(*, stands: bool, wanted: bool, damper: Damper, settle_s: float, now: float, rules: HealthSettings) -> Step:
    """What is to happen to one thing.

    Args:
        stands: whether it answers now.
        wanted: whether evidence speaks for it.
        damper: its own.
        settle_s: seconds that evidence against it must last.
        now: in seconds since the epoch.
        rules: the settings.
    """
    if damper is CALM:  # nearly always
        if stands == wanted:
            return STAYS if stands else _OUT
        if wanted:
            return Step(Move.RETURNS, CALM, now, now)
    elif stands == wanted:
        return Step(Move.STAYS if stands else Move.STAYS_OUT, forgiven(damper, now, rules))
    turned_at = now if damper.turned_at is None else damper.turned_at
    turned = msgspec.structs.replace(damper, turned_at=turned_at)
    if stands:
        return Step(Move.LEAVES, turned, turned_at, turned_at + settle_s)
    # By the level of that moment, so that its being forgiven in the meantime does not move what was told to be due.
    return Step(Move.RETURNS, turned, turned_at, turned_at + hold_down_s(level(damper, turned_at, rules), rules))


def left(damper: Damper, now: float, rules: HealthSettings) -> Damper:
    """The damper of a thing that has just gone."""
    return Damper(None, level(damper, now, rules) + 1, now)


def forgiven(damper: Damper, now: float, rules: HealthSettings) -> Damper:
    """The damper of a thing about which evidence agrees with what stands."""
    if not level(damper, now, rules):
        return CALM
    return damper if damper.turned_at is None else msgspec.structs.replace(damper, turned_at=None)


def level(damper: Damper, now: float, rules: HealthSettings) -> int:
    """How many withdrawals are not forgiven."""
    if not damper.level:
        return 0
    forgiven = int(max(0.0, now - damper.left_at) / rules.hold_down_decay)
    return max(0, damper.level - forgiven)


def hold_down_s(times: int, rules: HealthSettings) -> float:
    """Seconds that a thing waits that has gone this many times."""
    if not times:
        return 0.0
    # Beyond this the longest one is reached whatever the settings, and the power stays within what a float holds.
    doublings = min(times - 1, 64)
    return min(rules.hold_down * 2.0**doublings, rules.longest_hold_down)
