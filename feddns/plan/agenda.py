"""What is known of one zone, what is wanted in it, and so what is to be done: the writer's mind, without its hands."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

import msgspec

from feddns.config.health import DeletionBudget
from feddns.model.changes import Batch, Change, Delete, Limits
from feddns.model.records import DnsName, RecordSet
from feddns.model.services import Problem, ServiceKey
from feddns.naming import Names
from feddns.plan.budget import Cause, Grounds, Held, Holdings, Ledger
from feddns.plan.claim import next_fence, spent_by
from feddns.plan.diff import applied
from feddns.plan.hostnames import Hostnames, Standing
from feddns.plan.proposal import Plan, ServiceChanges, beside_foreign, in_order, propose
from feddns.plan.strays import Strays
from feddns.plan.tally import Tally
from feddns.plan.waiting import Waiting
from feddns.plan.zone import EMPTY_ZONE, ZoneContents, refusal

_ANY_NUMBER: Final = 1 << 30
_ALL_CAUSES: Final = frozenset(Cause)
_NO_NAMES: Final[frozenset[DnsName]] = frozenset()


class Terms(msgspec.Struct, frozen=True):
    """The terms on which a zone is written.

    Attributes:
        names: the federation's names in the zone.
        owner: who holds the claim.
        deletions: the budget of deletions, which each cause has for itself.
        allow_deletions: whether a person has set these budgets aside.
    """

    names: Names
    owner: str
    deletions: DeletionBudget
    allow_deletions: bool = False


class Draft(msgspec.Struct, frozen=True):
    """A batch that is about to be sent.

    Attributes:
        services: those that it is for.
        is_full: whether more waits than it holds.
    """

    services: tuple[ServiceChanges, ...]
    batch: Batch
    is_full: bool = False


class Agenda:
    """Holds a zone's known state against the wanted one; `now` is seconds since the epoch."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._claim: RecordSet | None = None
        self._foreign = EMPTY_ZONE.foreign
        self._services: dict[ServiceKey, tuple[RecordSet, ...]] = {}
        self.tally = Tally(terms.names)
        self._is_known = False
        self._strays = Strays()
        self._wanted: dict[ServiceKey, tuple[RecordSet, ...]] = {}
        self._standing: dict[ServiceKey, frozenset[DnsName]] = {}
        self._hostnames = Hostnames(terms.names)
        self._waiting = Waiting()
        self._problems: dict[ServiceKey, tuple[Problem, ...]] = {}
        self._aside: dict[ServiceKey, Problem] = {}
        self._stale: set[ServiceKey] = set()
        self._most = _ANY_NUMBER
        self._ledger = Ledger(terms.deletions, is_set_aside=terms.allow_deletions)
        self._tried: Draft | None = None
        self.all_decided = True
        """Whether no decision is due, so that the budgets see all deletions together, and all services that want the
        same hostname; until then deletions and new hostnames wait."""
        self.refusal = ""
        """Why nothing may be written; empty where it may."""
        self.frozen = ""
        """Whose word holds all writing up, for people; empty where nothing does."""

    @property
    def claim(self) -> RecordSet | None:
        """The claim as last read or written."""
        return self._claim

    @property
    def owned(self) -> int:
        """How many record sets the federation has in the zone."""
        return self.tally.total

    @property
    def refused_services(self) -> Mapping[ServiceKey, Problem]:
        """The services that are left out, as the provider refuses their records, and in which words."""
        return self._aside

    @property
    def waiting(self) -> Waiting:
        """The changes that wait to be written, to look at."""
        return self._waiting

    def keys(self) -> Collection[ServiceKey]:
        """The services that have records in the zone."""
        return self._services.keys()

    def published(self, key: ServiceKey) -> tuple[RecordSet, ...]:
        """The record sets that the zone has for a service."""
        return self._services.get(key, ())

    def standing(self, hostname: DnsName) -> Standing:
        """Whose a hostname outside of the federation's pattern is."""
        return self._hostnames.standing(hostname)

    def read(self, contents: ZoneContents, *, alone: bool = True) -> frozenset[ServiceKey]:
        """Take note of what the zone holds.

        Args:
            contents: all of it.
            alone: whether no other replica has written since it was read last, so that what is new is a stranger's.

        Returns:
            The services whose records are others than was known.
        """
        changed = frozenset(
            key
            for key in self._services.keys() | contents.services.keys()
            if self._services.get(key) != contents.services.get(key)
        )
        self._note_strays(changed, contents, alone=alone)
        for key in changed:
            self.tally.replace(self.published(key), contents.services.get(key, ()))
        # A claim that is gone, though we had it, was given up by a person: `feddns release` wins over who still runs.
        self.refusal = refusal(contents, self._terms.names, self._terms.owner)
        if contents.claim != self._claim and contents.claim is not None:
            self._ledger.recall(spent_by(contents.claim))
        self._claim = contents.claim
        self._foreign = contents.foreign
        self._services = dict(contents.services)
        self._hostnames.read(contents)
        retried, self._aside = self._aside.keys(), {}
        # What was wanted may rest on what was published, so these wait for a new decision.
        self._stale = set(changed)
        self._propose_again(self._wanted.keys() | retried | changed)
        return changed

    def want(self, key: ServiceKey, records: tuple[RecordSet, ...], standing: frozenset[DnsName] = _NO_NAMES) -> None:
        """Take note of what the zone should hold for a service.

        Args:
            key: the service.
            records: its record sets.
            standing: the names that it has, with or without an answer.
        """
        self._stale.discard(key)
        self._strays.adopt(key, records)
        if standing:
            self._standing[key] = standing
        else:
            self._standing.pop(key, None)
        if self._wanted.get(key) != records:
            self._aside.pop(key, None)
        if records:
            self._wanted[key] = records
        else:
            self._wanted.pop(key, None)
        self._propose_again((*self._hostnames.want(key, records), key))

    def plan(self, now: float) -> Plan:
        """All that is to be done, as it would be done."""
        held = self.held(now) if self.all_decided else ()  # asking in between must not end the wait of what is held
        hold = _causes(held)
        services = tuple(allowed for service in in_order(self._waiting) if (allowed := service.without(hold)).changes)
        return Plan(
            zone=self._terms.names.zone,
            services=() if self.refusal else services,
            held=held,
            withheld=self._waiting.withheld(hold) if held else (),
            refusal=self.refusal,
            problems=self.problems(),
            frozen=self.frozen,
        )

    def obstacles(self) -> Iterator[tuple[ServiceKey, Problem]]:
        """What others keep in the zone, or other services have, that is in the way of a service's records."""
        for key, problems in self._problems.items():
            yield from ((key, problem) for problem in problems)

    def problems(self) -> tuple[Problem, ...]:
        """What a person should put right in the zone."""
        noted = {problem for _, problem in self.obstacles()}
        return tuple(sorted(noted.union(self._aside.values())))

    def next_draft(self, limits: Limits, now: float) -> Draft | None:
        """The next batch; None while there is nothing that may be written."""
        if self.refusal or self.frozen:
            return None
        hold = _causes(self.held(now)) if self.all_decided else _ALL_CAUSES
        services = self._waiting.next_batch(limits, self._most, hold=hold, hold_hostnames=not self.all_decided)
        if not services:
            return None
        # One sort by kind keeps deletions before additions over all services.
        changes = sorted(
            (change for service in services for change in service.changes),
            key=lambda change: not isinstance(change, Delete),
        )
        spent = self._ledger.account((loss for service in services for loss in service.losses), now)
        fence = next_fence(self._terms.names, self._terms.owner, self._claim, spent)
        self._tried = Draft(services, Batch(tuple(changes), fence), is_full=len(services) < len(self._waiting))
        return self._tried

    def done(self, draft: Draft, now: float) -> None:
        """Take note that a batch was written."""
        concerned: set[ServiceKey] = set()
        for service in draft.services:
            before = self.published(service.key)
            records = tuple(sorted(applied(before, service.changes)))
            self.tally.replace(before, records)
            concerned |= self._hostnames.written(service.key, before, records)
            self._strays.keep(service.key, records)
            if records:
                self._services[service.key] = records
            else:
                del self._services[service.key]
        self._claim, self._tried = draft.batch.fence.desired, None
        self._ledger.spend((loss for service in draft.services for loss in service.losses), now)
        self._most = min(self._most * 2, _ANY_NUMBER)
        self._propose_again(concerned.union(service.key for service in draft.services))

    def refused(self, draft: Draft, text: str, names: frozenset[str]) -> tuple[ServiceKey, ...]:
        """Take note that a batch was refused and will be again: leave out the culprits, or halve it to find them.

        Args:
            draft: the batch.
            text: the reason, for people.
            names: the record names that the provider blames, where it says.

        Returns:
            The services that are left out until the zone is read again or something else is wanted for them, or whose
            hostnames are.
        """
        culprits = [
            service for service in draft.services if any(change.name in names for change in service.changes)
        ] or list(draft.services[:1] if len(draft.services) == 1 else ())
        for service in culprits:
            if not self._hostnames.refuse(service.key, service.changes, names, text):
                self._aside[service.key] = Problem("Refused", f"{service.key}: {text}")
        if not culprits:
            self._most = len(draft.services) // 2
        keys = tuple(service.key for service in culprits)
        self._propose_again({*keys, *(rival for key in keys for rival in self._hostnames.rivals(key))})
        return keys

    def held(self, now: float) -> tuple[Held, ...]:
        """The deletions that the budgets hold, by cause."""
        return self._ledger.held(self._waiting.losses, Holdings(self.owned, len(self._strays)), now)

    def deletions_left(self, now: float) -> Mapping[Cause, int]:
        """How many deletions each cause's budget still allows."""
        return self._ledger.left(Holdings(self.owned, len(self._strays)), now)

    def _note_strays(self, changed: Iterable[ServiceKey], contents: ZoneContents, *, alone: bool) -> None:
        """Take note of what others put into the zone since it was last read or written."""
        if self._is_known:
            # What was tried last may have been done, and what was wanted may have been written by another feddns.
            tried = {} if self._tried is None else {each.key: _desired(each.changes) for each in self._tried.services}
            for key in changed:
                ours = (*self.published(key), *self._wanted.get(key, ()), *tried.get(key, ()))
                self._strays.found(key, there := contents.services.get(key, ()), ours if alone else there)
        self._is_known, self._tried = True, None

    def _propose_again(self, keys: Iterable[ServiceKey]) -> None:
        for key in keys:
            self._propose(key)

    def _propose(self, key: ServiceKey) -> None:
        current = self.published(key)
        self._problems.pop(key, None)
        if key in self._aside or key in self._stale:
            self._waiting.put(ServiceChanges(key, ()))
            return
        wanted, denied = self._hostnames.allowed(key, self._wanted.get(key, ()), current, self._aside)
        desired, problems = beside_foreign(wanted, current, self._foreign)
        if denied or problems:
            self._problems[key] = (*denied, *problems)
        grounds = Grounds(self._standing.get(key, _NO_NAMES), self._strays.of(key))
        self._waiting.put(propose(key, desired, current, grounds))


def _desired(changes: Iterable[Change]) -> Iterator[RecordSet]:
    return (change.desired for change in changes if not isinstance(change, Delete))


def _causes(held: tuple[Held, ...]) -> frozenset[Cause]:
    return frozenset(each.cause for each in held)
