"""One zone in virtual time: what is decided for it, and when it is written."""

from collections.abc import Iterable, Mapping

import msgspec

from feddns.decide import Policy, decide
from feddns.model.assessments import Assessment
from feddns.model.changes import UNLIMITED, Limits
from feddns.model.decisions import Decision, Memory
from feddns.model.records import MANAGED_TYPES, DnsName, RecordSet
from feddns.model.services import ServiceKey
from feddns.plan.agenda import Agenda, Draft
from feddns.whatif.rhythm import Beat, Rhythm

_WHOLE = Limits(UNLIMITED, UNLIMITED)

Answer = frozenset[tuple[DnsName, str, tuple[str, ...]]]
"""What record sets answer, whatever their TTLs."""


class Version(msgspec.Struct, frozen=True, gc=False):
    """What a name answers from some moment on.

    Attributes:
        records: its record sets, sorted.
        decided_at: when that was decided, in seconds since the epoch.
        written_at: when the zone has it.
    """

    records: tuple[RecordSet, ...]
    decided_at: float
    written_at: float

    @property
    def answer(self) -> Answer:
        """What it answers."""
        return answer(self.records)


class Story(msgspec.Struct, frozen=True, gc=False):
    """What becomes of one name.

    Attributes:
        service: whose name it is.
        versions: what it answers, one after the other; the first is from before anything happened.
    """

    service: ServiceKey
    versions: list[Version]


class _Flight(msgspec.Struct, frozen=True):
    """A batch on its way.

    Attributes:
        decided_at: when what it does to a name was decided, by name and service.
    """

    draft: Draft
    decided_at: dict[tuple[DnsName, ServiceKey], float]


def answer(records: Iterable[RecordSet]) -> Answer:
    """What record sets answer, whatever their TTLs."""
    return frozenset((each.name, each.type, each.values) for each in records)


class Zone:
    """Decides and writes as a target's loop and writer do; `now` is seconds since the epoch.

    Args:
        policy: the settings that decisions follow.
        agenda: the zone's; what is written is written into it alone.
        memories: what the last decisions left, by service.
        rhythm: how fast the zone can be written.

    Attributes:
        stories: of the names that were written since `settle`.
        decisions: the last one on each service.
    """

    def __init__(self, policy: Policy, agenda: Agenda, memories: Mapping[ServiceKey, Memory], rhythm: Rhythm) -> None:
        self.policy = policy
        self.agenda = agenda
        self.stories: dict[DnsName, Story] = {}
        self.decisions: dict[ServiceKey, Decision] = {}
        self._memories = dict(memories)
        self._rhythm = rhythm
        self._beat = Beat(rhythm)
        self._decided_at: dict[DnsName, float] = {}
        self._in_flight: _Flight | None = None
        self.next_at: float | None = None
        """When it is to be looked at again though nothing is decided; None where it need not be."""

    def decide(self, assessment: Assessment, now: float) -> None:
        """Decide what it should hold for a service."""
        key = assessment.key
        decision = decide(assessment, self.agenda.published(key), self._memories.get(key, {}), self.policy)
        self._memories[key] = decision.memory
        before = self.decisions.get(key)
        self.decisions[key] = decision
        if before is not None and before.records == decision.records:
            return
        for name, _, _ in answer(decision.records) ^ answer(() if before is None else before.records):
            self._decided_at[name] = now
        self.agenda.want(key, decision.records, decision.standing)

    def settle(self, now: float) -> None:
        """Write all that may be written, in no time: this is how things stand before anything happens."""
        while (draft := self.agenda.next_draft(_WHOLE, now)) is not None:
            self.agenda.done(draft, now)

    def turn(self, now: float) -> None:
        """Do what a writer does now."""
        if self._in_flight is not None:
            if self.next_at is not None and now < self.next_at:
                return
            self._done(self._in_flight, now)
            self._in_flight = None
        draft = self.agenda.next_draft(self._rhythm.limits, now)
        if draft is None:
            # What is held may be released by time, which a writer notices when it reads the zone again.
            self.next_at = now + self._rhythm.reread_s if self.agenda.held(now) else None
            return
        begins_at = self._beat.next_at(now, is_full=draft.is_full)
        if begins_at > now:
            self.next_at = begins_at
        else:
            self._in_flight, self.next_at = self._flight(draft, now), self._beat.begin(now)

    def _flight(self, draft: Draft, now: float) -> _Flight:
        names = {(change.name, service.key) for service in draft.services for change in service.changes}
        return _Flight(draft, {each: self._decided_at.get(each[0], now) for each in names})

    def _done(self, flight: _Flight, now: float) -> None:
        before = {each: self.answers(*each) for each in flight.decided_at}
        self.agenda.done(flight.draft, now)
        for (name, key), decided_at in flight.decided_at.items():
            story = self.stories.setdefault(name, Story(key, [Version(before[name, key], now, now)]))
            story.versions.append(Version(self.answers(name, key), decided_at, now))

    def answers(self, name: DnsName, key: ServiceKey) -> tuple[RecordSet, ...]:
        """What the zone has at a name of a service, but for what says whose it is."""
        return tuple(each for each in self.agenda.published(key) if each.name == name and each.type in MANAGED_TYPES)
