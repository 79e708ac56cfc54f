"""What is told of the running federation, read off its parts; asking changes nothing, and holds up nobody for long."""

import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final, Literal

import msgspec

from feddns import __version__
from feddns.controller.assemble import Federation
from feddns.controller.figures import unready
from feddns.controller.reload import InForce
from feddns.controller.targets import Target
from feddns.explain import overview
from feddns.leadership.opening import Leadership
from feddns.model import pages
from feddns.model import status as told
from feddns.model.asked import ChangesAsked, CountedAsked, ServiceAsked, ServicesAsked
from feddns.model.changeset import Change
from feddns.model.orders import current
from feddns.model.services import ServiceKey
from feddns.model.stories import Answer, ServiceStory, TargetStory
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Health
from feddns.orders.telling import freeze_notice
from feddns.plan.budget import Held
from feddns.plan.claim import read_claim
from feddns.plan.pages import Paging, service_changes, target_changes, waiting_counts
from feddns.plan.render import change_value
from feddns.turns import in_turns

_AT_ONCE: Final = 256
"""So many services are looked at in a row, before the other parts of the process have their turn: a millisecond."""
_TOLD_AT_ONCE: Final = 64
"""And so many where their answers or changes are told, too."""

_NEXT_MOVES: Final = 20
_LAST_FAILOVERS: Final = 10

Shards = Counter[tuple[ClusterName, Health]]
"""How many shards there are, by cluster and verdict."""


class Overview:
    """Tells of the federation.

    Args:
        federation: all parts.
        configuration: tells which configuration is in force.
        clock: tells seconds since the epoch.
    """

    def __init__(
        self,
        federation: Federation,
        configuration: Callable[[], InForce],
        clock: Callable[[], float],
    ) -> None:
        self._federation = federation
        self._configuration = configuration
        self._clock = clock
        self._started_at = clock()

    async def status(self) -> told.Status:
        """The federation at a glance."""
        now = self._clock()
        shards, services, moves = await self._survey()
        policy = self._federation.targets[0].policy
        return told.Status(
            at=now,
            version=__version__,
            federation=policy.names.federation,
            owner=policy.owner,
            started_at=self._started_at,
            unready=unready(self._federation),
            leadership=_leadership(self._federation.leadership),
            configuration=_in_force(self._configuration()),
            clusters=tuple(self._clusters(shards, now)),
            services=overview.counted(services),
            moves=len(moves),
            next_moves=tuple(heapq.nsmallest(_NEXT_MOVES, moves, key=_turn)),
            holds=(*self._holds(now), *overview.braked(moves)),
            failovers=tuple(self._failovers(_LAST_FAILOVERS)),
            targets=tuple(_target(target, now) for target in self._federation.targets),
        )

    async def clusters(self) -> pages.Clusters:
        """All clusters."""
        shards, _, _ = await self._survey()
        now = self._clock()
        return pages.Clusters(now, tuple(self._clusters(shards, now)))

    async def services(self, asked: ServicesAsked) -> pages.Services:
        """A page of services, by namespace and name."""
        believed = self._federation.observatory.judging.believed
        found = [
            key
            async for key in in_turns(self._keys(asked.namespace), _AT_ONCE)
            if not asked.verdict or overview.service_verdict(believed(key)) in asked.verdict
        ]
        left = [key for key in found if str(key) > asked.continue_] if asked.continue_ else found
        shown = left[: asked.limit]
        services = [
            overview.service_told(key, believed(key), tuple(self._answers(key)))
            async for key in in_turns(shown, _TOLD_AT_ONCE)
        ]
        after = str(shown[-1]) if len(left) > len(shown) else ""
        return pages.Services(self._clock(), len(found), after, tuple(services))

    async def service(self, asked: ServiceAsked) -> ServiceStory | None:
        """All that is known of one service; None where there is none of that name."""
        key, now = ServiceKey(asked.namespace, asked.name), self._clock()
        believed = self._federation.observatory.judging.believed(key)
        targets = self._federation.targets
        if believed is None and not any(target.writer.agenda.published(key) for target in targets):
            return None
        healthy, clusters = overview.shards_of(believed)
        return ServiceStory(
            at=now,
            namespace=key.namespace,
            name=key.name,
            verdict=overview.service_verdict(believed),
            healthy=healthy,
            clusters=clusters,
            shards=overview.shards_told(believed),
            targets=tuple(_story(target, key, now) for target in targets),
        )

    async def changes(self, asked: ChangesAsked) -> pages.Changes | None:
        """A page of what waits to be written; None where there is no target of that name."""
        now, paging = self._clock(), Paging(asked)
        told = []
        targets = [target for target in self._federation.targets if asked.target in {"", target.name}]
        async for target in in_turns(targets, 1):
            plan = target.writer.agenda.plan(now)
            shown = paging.take(plan)
            changes = [
                change
                async for service in in_turns(shown.services, _TOLD_AT_ONCE)
                for change in service_changes(service)
            ]
            told.append(target_changes(target.name, plan, shown, changes))
        return pages.Changes(now, paging.total, paging.next, tuple(told)) if targets else None

    async def moves(self, asked: CountedAsked) -> pages.Moves:
        """A page of the changes of shards that are pending."""
        _, _, found = await self._survey()
        first = asked.first
        shown = sorted(found, key=_turn)[first : first + asked.limit]
        after = first + len(shown)
        return pages.Moves(self._clock(), len(found), str(after) if after < len(found) else "", tuple(shown))

    async def failovers(self) -> pages.Failovers:
        """The last answers that moved."""
        return pages.Failovers(self._clock(), tuple(self._failovers()))

    async def targets(self) -> pages.Targets:
        """All targets."""
        now = self._clock()
        return pages.Targets(now, tuple(_target(target, now) for target in self._federation.targets))

    async def _survey(self) -> tuple[Shards, Counter[told.ServiceVerdict], list[told.Move]]:
        """Shards by cluster and verdict, services by verdict, and what is pending."""
        shards = Shards()
        services = Counter[told.ServiceVerdict]()
        moves: list[told.Move] = []
        async for key in in_turns(self._keys(), _AT_ONCE):
            believed = self._federation.observatory.judging.believed(key)
            services[overview.service_verdict(believed)] += 1
            moves.extend(overview.moves_of(believed))
            for verdict in () if believed is None else believed.verdicts:
                if verdict.shard is not None:
                    shards[verdict.cluster, verdict.health] += 1
        return shards, services, moves

    def _keys(self, namespace: str = "") -> list[ServiceKey]:
        """Every service that is judged or in a zone, in the order of their names."""
        keys = set(self._federation.observatory.judging.keys())
        keys.update(*(target.writer.agenda.keys() for target in self._federation.targets))
        return sorted((key for key in keys if not namespace or key.namespace == namespace), key=str)

    def _clusters(self, shards: Shards, now: float) -> Iterator[told.Cluster]:
        seen = self._federation.observatory
        origins = {member.name: member.origin for member in seen.enrolment.fleet.members}
        orders = current(seen.judging.orders, now) if seen.orders.known.is_set() else None
        sources = {source.view.name: source for source in seen.sources}
        for state in seen.views.states(now):
            verdicts = Counter({health: shards[state.name, health] for health in Health})
            services = len(sources[state.name].view.keys()) if state.name in sources else 0
            yield overview.cluster_told(state, origins.get(state.name, ""), services, orders, verdicts)

    def _answers(self, key: ServiceKey) -> Iterator[Answer]:
        for target in self._federation.targets:
            yield from overview.answers_told(target.name, target.policy.names, target.writer.agenda.published(key))

    def _failovers(self, most: int | None = None) -> Iterator[told.Failover]:
        journal = self._federation.observatory.judging.failovers
        return journal.last(most, [target.loop for target in self._federation.targets])

    def _holds(self, now: float) -> Iterator[told.Hold]:
        """What a person, a claim or a budget holds."""
        freeze = self._federation.observatory.judging.orders.freeze
        if freeze is not None:
            yield told.Hold("freeze", "", "", 0, freeze_notice(freeze), "feddns thaw")
        for target in self._federation.targets:
            agenda = target.writer.agenda
            if agenda.frozen and freeze is None:
                yield told.Hold("freeze", target.name, "", 0, agenda.frozen, "")
            if agenda.refusal:
                yield told.Hold("claim", target.name, "", 0, agenda.refusal, "feddns adopt")
            for held in _held(target, now):
                release = "feddns apply --allow-deletions"
                yield told.Hold("deletions", target.name, "", held.count, held.text, release)


def _leadership(leadership: Leadership) -> told.Leadership:
    role: Literal["leader", "standby"] = "leader" if leadership.tenure.lasts() else "standby"
    return told.Leadership(
        role=role if leadership.identity else "alone",
        identity=leadership.identity,
        leader=leadership.leader,
        transitions=leadership.transitions,
    )


def _in_force(known: InForce) -> told.Configuration:
    return told.Configuration(known.digest, known.since, known.refusal, known.waiting)


def _held(target: Target, now: float) -> tuple[Held, ...]:
    """What budgets hold, which they can tell where all that is due has been decided."""
    agenda = target.writer.agenda
    return agenda.held(now) if agenda.all_decided else ()


def _turn(move: told.Move) -> tuple[float, str, str]:
    return math.inf if move.due is None else move.due, move.service, move.cluster


def _target(target: Target, now: float) -> told.Target:
    writer, names = target.writer, target.policy.names
    agenda, course = writer.agenda, writer.course
    claim = None if agenda.claim is None else read_claim(agenda.claim)
    return told.Target(
        name=target.name,
        zone=names.zone,
        provider=target.provider.identity,
        is_fenced=target.provider.limits.atomic,
        is_known=writer.known.is_set(),
        record_sets=agenda.owned,
        claim_seq=None if claim is None else claim.seq,
        waiting=waiting_counts(agenda.waiting, _held(target, now)),
        read_at=course.read_at,
        written_at=course.written_at,
        failed_at=course.failed_at,
        failure=course.failure,
        refusal=agenda.refusal,
        frozen=agenda.frozen,
        problems=agenda.problems(),
    )


def _story(target: Target, key: ServiceKey, now: float) -> TargetStory:
    agenda, is_known = target.writer.agenda, target.writer.known.is_set()
    decision, published = target.loop.retold(key), agenda.published(key)
    waiting = agenda.waiting.of(key)
    held = {each.cause: each.text for each in _held(target, now)} if waiting.losses else {}
    holds = [agenda.frozen, agenda.refusal, *dict.fromkeys(held.get(loss.cause, "") for loss in waiting.losses)]
    names = target.policy.names
    return TargetStory(
        target=target.name,
        zone=names.zone,
        is_known=is_known,
        answers=overview.left_over(names, published)
        if decision is None
        else overview.scopes_told(decision, published if is_known else None),
        hostnames=() if decision is None else overview.hostnames_told(decision),
        waiting=tuple(msgspec.convert(change_value(change), Change) for change in waiting.changes),
        holds=tuple(filter(None, holds)),
        problems=(
            *(() if decision is None else decision.problems),
            *(problem for each, problem in agenda.obstacles() if each == key),
        ),
    )
