"""One shard's case: what it answers with, what evidence wants moved, and what it would answer with then."""

import math
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from feddns.config.health import HealthSettings
from feddns.health.condition import ANYWHERE, Condition
from feddns.health.damping import CALM, STAYS, Move, Step, forgiven, left, step
from feddns.model.assessments import Damper, ShardHistory
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Brake, Evidence

_NO_STEPS: Final[dict[str, Step]] = {}
_NO_DAMPERS: Final[dict[str, Damper]] = {}
_NEVER: Final = -math.inf
_AT_ONCE: Final = math.inf
"""A move that is due by then is made, so all are."""


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What a shard answers with.

    Attributes:
        places: its zones, and `ANYWHERE` for the shard as a whole.
        addresses: of its load balancer, and of that one's host names.
    """

    places: frozenset[str]
    addresses: frozenset[str]


class Hold(msgspec.Struct, frozen=True, gc=False):
    """A brake that keeps a shard in the answers.

    Attributes:
        until: when it may be asked again, in seconds since the epoch; None where that is no matter of time.
        text: the rule and what releases it, for people.
    """

    brake: Brake
    until: float | None
    text: str


class Case:
    """The case of one shard, while its service is judged.

    Attributes:
        cluster: whose shard it is.
        condition: the evidence.
        before: what is remembered.
        stands: what it answered with so far.
        steps: what evidence wants moved or keeps out, by place and address; all others stay.
        answer: what it answers with from now on.
        hold: what keeps it in the answers, if anything does.
        withheld: a person's word that keeps it out of them, if any does.
        is_let_back: whether it answers in spite of such a word, for lack of another, while one that could answer
            cannot be seen: then only where it is published already, or where nothing else is.
    """

    def __init__(
        self, cluster: ClusterName, condition: Condition, before: ShardHistory | None, now: float, rules: HealthSettings
    ) -> None:
        self.cluster = cluster
        self.condition = condition
        self.before = before
        self.hold: Hold | None = None
        self.withheld: Evidence | None = None
        self.is_let_back = False
        self.stands = _stands(condition, before)
        self._now = now
        self._rules = rules
        self._is_calm = self._has_nothing_to_move()
        self.steps: Mapping[str, Step] = _NO_STEPS if self._is_calm else self._stepped()
        self.answer = self._after(now, now) if self.steps else self.stands

    @property
    def is_leaving(self) -> bool:
        """Whether it stands or returns, and evidence wants all of it gone, now or soon."""
        if not self.steps or not (self.gives(self.stands) or self.gives(self.answer)):
            return False
        return self.is_going or not self.gives(self._after(_AT_ONCE, _AT_ONCE))

    @property
    def is_going(self) -> bool:
        """Whether it stands, and is to go now."""
        return self.gives(self.stands) and not self.gives(self.answer)

    @property
    def is_going_by_probes(self) -> bool:
        """Whether probes alone speak for its going."""
        return ANYWHERE in self.answer.places

    @property
    def is_staying(self) -> bool:
        """Whether it goes on to answer, as far as its own evidence and its brakes are concerned."""
        return self.gives(self.answer) and (self.hold is not None or not self.is_leaving)

    @property
    def is_presumed(self) -> bool:
        """Whether nothing has ever spoken for what stands, as far as this process knows: the zone may not have it."""
        if self.before is not None and not self.before.is_presumed:
            return False
        condition, standing = self.condition, self.stands.addresses
        return bool(standing) and standing <= {*condition.untested, *condition.doubted, *condition.spared}

    @property
    def answers(self) -> bool:
        """Whether it has something to answer, and nobody's word keeps it out."""
        return self.withheld is None and self.gives(self.answer)

    @property
    def answers_by_evidence(self) -> bool:
        """Whether it answers, is known to be healthy now, and not merely kept."""
        return self.answers and self.hold is None and self._is_known(self.answer) and not self.is_leaving

    def gives(self, answer: Answer) -> bool:
        """Whether there is anything in an answer of this shard."""
        if ANYWHERE not in answer.places:
            return False
        condition = self.condition
        # A host name of which no address is known may still be led to by CNAME.
        return bool(answer.addresses) or (bool(condition.shard.hostnames) and not condition.addresses)

    def keep(self, hold: Hold) -> None:
        """Make no withdrawal for now."""
        self.hold = hold
        self.answer = self._after(_NEVER, self._now)

    def release(self) -> None:
        """Make the withdrawals that were held."""
        if self.hold is not None:
            self.hold = None
            self.answer = self._after(self._now, self._now)

    def return_early(self) -> bool:
        """Return without waiting any longer, where evidence is for it; whether it answers then, and is not kept."""
        early = self._after(self._now, _AT_ONCE)
        for answer in (early, self._with_untested(early)):
            if self._is_known(answer):
                self.answer, self.hold = answer, None
                return True
        return False

    def dampers(self) -> dict[str, Damper]:
        """What the next case must know of the moves that were made and of those that wait."""
        if self._is_calm:
            return _NO_DAMPERS
        dampers = dict(self._absent())
        for name, each in self.steps.items():
            stood, stands = self._is_in(self.stands, name), self._is_in(self.answer, name)
            if stood and not stands:
                dampers[name] = left(each.damper, self._now, self._rules)
            elif stands and not stood:
                dampers[name] = msgspec.structs.replace(each.damper, turned_at=None)
            else:
                dampers[name] = each.damper
        return {name: damper for name, damper in dampers.items() if damper != CALM}

    def moves(self) -> Iterator[tuple[str, Step]]:
        """What is still to move, by place and address."""
        for name, each in self.steps.items():
            if each.due is not None and self._is_in(self.answer, name) == (each.move is Move.LEAVES):
                yield name, each

    def _has_nothing_to_move(self) -> bool:
        """Whether evidence agrees with what stands, and always did, as it nearly always is."""
        condition = self.condition
        return (
            not condition.doubted
            and (self.before is None or (not self.before.dampers and self.before.addresses == condition.addresses))
            and len(self.stands.addresses) == len(condition.addresses)
            and self.stands.places == set(condition.places)
        )

    def _stepped(self) -> dict[str, Step]:
        condition, stands = self.condition, self.stands
        steps = {
            place: self._step(place, stands=place in stands.places, wanted=place in condition.places, by_probes=False)
            for place in (ANYWHERE, *condition.topology.zones)
        }
        for address in condition.addresses:
            is_standing = address in stands.addresses
            # What has not been tested says nothing, so it stays as it is.
            wanted = is_standing if address in condition.untested else address not in condition.doubted
            steps[address] = self._step(address, stands=is_standing, wanted=wanted, by_probes=True)
        return {name: each for name, each in steps.items() if each is not STAYS}

    def _step(self, name: str, *, stands: bool, wanted: bool, by_probes: bool) -> Step:
        dampers = _NO_DAMPERS if self.before is None else self.before.dampers
        settle_s = 0.0 if by_probes else self._rules.settle  # probes that failed so often in a row have settled
        return step(
            stands=stands,
            wanted=wanted,
            damper=dampers.get(name, CALM),
            settle_s=settle_s,
            now=self._now,
            rules=self._rules,
        )

    def _after(self, left_by: float, returned_by: float) -> Answer:
        """What it answers with when the moves that are due by then have been made."""
        places, addresses = set(self.stands.places), set(self.stands.addresses)
        for name, each in self.steps.items():
            kind = addresses if name in self.condition.addresses else places
            if each.move is Move.LEAVES and each.is_due(left_by):
                kind.discard(name)
            elif each.move is Move.RETURNS and each.is_due(returned_by):
                kind.add(name)
        return Answer(frozenset(places), frozenset(addresses))

    def _with_untested(self, answer: Answer) -> Answer:
        return Answer(
            answer.places, answer.addresses.union(self.condition.untested.intersection(self.condition.addresses))
        )

    def _is_known(self, answer: Answer) -> bool:
        """Whether clients can be led there: what cannot be seen or resolved is no stand-in for what can."""
        condition = self.condition
        return condition.is_visible and ANYWHERE in answer.places and not answer.addresses <= condition.spared.keys()

    def _absent(self) -> Iterator[tuple[str, Damper]]:
        """The dampers of what the shard no longer has, so that what comes and goes with the objects is damped too.

        Addresses of a host name are left out: a load balancer may give a part of them at a time, in turn.
        """
        before, condition = self.before, self.condition
        if before is None:
            return
        stood = {*before.places, *(each for each in before.shard.addresses if each in before.addresses)}
        for name in stood.union(before.dampers).difference(condition.addresses, condition.topology.zones, (ANYWHERE,)):
            damper = before.dampers.get(name, CALM)
            gone = left(damper, self._now, self._rules) if name in stood else None
            yield name, gone or forgiven(damper, self._now, self._rules)

    def _is_in(self, answer: Answer, name: str) -> bool:
        return name in (answer.addresses if name in self.condition.addresses else answer.places)


def _stands(condition: Condition, before: ShardHistory | None) -> Answer:
    """What a shard answered with so far, as far as it still has that; what was never seen before stands at once.

    What only the DNS zone remembers has to settle before it goes as well: a restart proves nothing.
    """
    if before is None:
        return Answer(frozenset((*condition.places, *condition.recalled)), frozenset(condition.addresses))
    places = frozenset(before.places)
    if before.verdict.topology != condition.topology:
        places &= {ANYWHERE, *condition.topology.zones}
    known = {*before.shard.addresses, *before.resolved, *before.dampers}
    return Answer(
        places, frozenset(each for each in condition.addresses if each in before.addresses or each not in known)
    )
