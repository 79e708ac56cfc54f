"""Whatever happens, in whatever order: what feddns may never do to a service."""

from collections.abc import Iterable

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from feddns.model.assessments import Assessment
from feddns.model.evidence import Sight
from feddns.model.probing import ProbeState
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Brake, Verdict
from tests.health.federation import Federation, Place, some_examples
from tests.health.life import Life, numbers


class JudgedLife(Life):
    """A life in which nothing happens that may not; and nothing would, if something else happened next."""

    # --- what would be, if

    @rule(share=st.floats(0, 1, exclude_min=True, exclude_max=True))
    def nothing_changes_before_it_is_due(self, share: float) -> None:
        due = self.fed.due()
        held = [pending.brake for _, found in self.fed.verdicts() for pending in found.pending]
        if due is None or (len(self.fed.keys) > 1 and Brake.CLUSTERS in held):
            return  # what that brake holds may go as soon as other services are back, which is not looked at sooner
        early, straight = self.fed.fork(), self.fed.fork()
        early.is_probing = straight.is_probing = False
        early.now = min(max(early.now, early.now + share * (due - early.now)), due)
        if early.now < due:
            early.turn()
            assert _answers(early) == _answers(self.fed)
        early.now = straight.now = due
        early.turn()
        straight.turn()
        assert _answers(early) == _answers(straight)

    @rule(seconds=st.sampled_from((0.0, 1.0, 100.0)))
    def what_is_at_rest_is_found_the_same_as_if_it_were_judged_anew(self, seconds: float) -> None:
        quick, thorough = self.fed.fork(), self.fed.fork()
        for fed in (quick, thorough):
            fed.now += seconds
        thorough.assessments = {each: _restless(found) for each, found in thorough.assessments.items()}
        quick.turn()
        thorough.turn()
        assert dict(quick.verdicts()) == dict(thorough.verdicts())
        assert _answers(quick) == _answers(thorough)
        assert quick.due() == thorough.due()

    @rule(clusters=st.sets(numbers, min_size=1), seconds=st.sampled_from((0.0, 1.0, 100.0, 10_000.0)))
    def silence_alone_would_change_no_record(self, clusters: set[int], seconds: float) -> None:
        fed = self.settled()
        if fed is None or fed.rules.unknown_limit is not None:
            return
        zone = dict(fed.zone)
        for number in clusters:
            if fed.sights[self.cluster(number)][0] is Sight.VISIBLE:
                fed.see(self.cluster(number), Sight.LOST)
        fed.turn()
        assert fed.zone == zone
        fed.pass_time(seconds)
        fed.turn()
        assert fed.zone == zone

    @rule(order=st.permutations(range(4)))
    def a_restart_would_change_no_record(self, order: list[int]) -> None:
        fed = self.settled()
        if fed is None or fed.rules.unknown_limit is not None:
            return
        sights, tracks = fed.sights, fed.tracks
        # A service that nothing answers for is answered by what has not been probed yet, for want of anything better.
        zone = {each: records for each, records in fed.zone.items() if fed.published(each)}
        fed.restart()
        fed.turn()
        assert zone.items() <= fed.zone.items()
        for number in order:
            cluster = self.cluster(number)
            if sights[cluster][0] is Sight.VISIBLE:
                fed.see(cluster, Sight.VISIBLE)
                fed.turn()
                assert zone.items() <= fed.zone.items()
        fed.pass_time(1.0)
        for place, found in tracks.items():
            for which, track in found.items():
                if track.state is not ProbeState.UNTESTED:
                    fed.probe(place, which, succeeded=track.state is ProbeState.PASSING, times=2)
            fed.turn([place[1]])
            assert zone.items() <= fed.zone.items()
        fed.pass_time(10_000.0)
        fed.turn()
        assert zone.items() <= fed.zone.items()

    @precondition(lambda self: self.probed)
    @rule(order=st.permutations(range(4)), rounds=st.integers(1, 3))
    def a_restart_in_the_middle_would_bring_back_nothing_dead(self, order: list[int], rounds: int) -> None:
        fed = self.fed.fork()
        fed.is_late = False
        fed.write()
        dead = {(each, which) for each in fed.keys for which in self.dead(each) - fed.published(each)}
        sights, tracks = fed.sights, fed.tracks
        fed.restart()
        for number in order:
            cluster = self.cluster(number)
            if sights[cluster][0] is Sight.VISIBLE:
                fed.see(cluster, Sight.VISIBLE)
                fed.turn()
                self.check_dead(fed, dead)
        for _ in range(rounds):
            fed.pass_time(10.0)
            for place, found in tracks.items():
                for which, track in found.items():
                    fed.probe(place, which, succeeded=track.state is ProbeState.PASSING)
                fed.turn([place[1]])
                self.check_dead(fed, dead)

    def check_dead(self, fed: Federation, dead: set[tuple[ServiceKey, str]]) -> None:
        for each, which in dead:
            others = {other for other in fed.published(each) if (each, other) not in dead}
            assert which not in fed.published(each) or all(self.is_known_bad(each, other) for other in others)

    def dead(self, each: ServiceKey) -> set[str]:
        return {which for cluster in self.fed.clusters for which in self.fed.failing((cluster, each))}

    @rule(seconds=st.sampled_from((0.001, 10.0, 1_000.0, 1e9)))
    def a_clock_that_goes_back_would_withdraw_nothing(self, seconds: float) -> None:
        fed = self.fed.fork()
        fed.is_late = False
        fed.turn()
        before = {each: fed.published(each) for each in fed.keys}
        fed.now -= seconds
        fed.turn()
        if not (fed.orders.drains or fed.orders.evictions):
            assert all(before[each] <= fed.published(each) for each in fed.keys)

    def settled(self) -> Federation | None:
        """The federation when all is done that waits for time alone; None where a brake holds something even so."""
        fed = self.fed.fork()
        fed.is_late = False
        fed.turn()
        fed.pass_time(10_000.0)
        fed.turn()
        held = any(pending.brake is not None for _, found in fed.verdicts() for pending in found.pending)
        dead = any(fed.is_failing(place, which) for place, found in fed.verdicts() for which in found.addresses)
        return None if held or dead else fed

    # --- what must hold

    def look(self, keys: Iterable[ServiceKey] | None = None) -> None:
        looked_at = list(self.fed.keys if keys is None else keys)
        before = {each: self.fed.assessments[each].verdicts for each in looked_at if each in self.fed.assessments}
        self.fed.turn(looked_at)
        for each in looked_at:
            self.check_panic(each, before.get(each, ()))

    def check_panic(self, each: ServiceKey, before: tuple[Verdict, ...]) -> None:
        """Probes alone never leave fewer than the share of the shards that no person wants out."""
        if self.fed.rules.panic == "drop":
            return
        wanted = [found for found in self.fed.assessments[each].verdicts if not self.is_out(found.cluster)]
        went = {found.cluster for found in before if found.addresses}.difference(
            found.cluster for found in wanted if found.addresses
        )
        if any(self.went_by_probes((cluster, each)) for cluster in went):
            known = [found for found in wanted if found.shard and (found.shard.addresses or found.shard.hostnames)]
            staying = sum(bool(found.addresses or found.hostnames) for found in known)
            assert staying >= self.fed.rules.panic_share * len(known)

    def went_by_probes(self, place: Place) -> bool:
        shard = self.fed.shards.get(place)
        if shard is None or self.is_out(place[0]) or not shard.addresses:
            return False
        is_visible = self.fed.sights[place[0]][0] is Sight.VISIBLE
        known = self.fed.history(place[1]).shards.get(ClusterName(place[0]))
        if known is None or (not known.addresses and "" not in known.places):
            return False
        return (
            "" in known.places
            and all(self.fed.is_failing(place, which) for which in known.shard.addresses)
            and (not is_visible or shard.ready.total > 0)
        )

    @invariant()
    def a_service_never_loses_its_last_healthy_address_while_one_is_healthy(self) -> None:
        for each in self.fed.assessments:
            healthy = [place for place in self.healthy(each) if not self.is_forced_out(place[0])]
            if healthy:
                assert self.fed.decided(each), healthy
            if any(self.is_proved(place) and not self.is_out(place[0]) for place in healthy):
                assert any(not self.is_known_bad(each, which) for which in self.fed.decided(each)), healthy

    @invariant()
    def what_evidence_speaks_against_is_gone_or_explained(self) -> None:
        for place, found in self.fed.verdicts():
            if self.is_against(place, found):
                assert found.pending, found
                assert any(pending.text for pending in found.pending)
            for pending in found.pending:
                is_due = pending.due is not None and pending.due > self.fed.now
                assert is_due or pending.brake is not None or pending.due is None, pending
                assert pending.since <= self.fed.now
                assert pending.brake is None or "held" in pending.text

    @invariant()
    def what_is_due_lies_ahead(self) -> None:
        for found in self.fed.assessments.values():
            assert found.due is None or found.due > self.fed.now
            for verdict in found.verdicts:
                for pending in verdict.pending:
                    assert pending.due is None or found.due is not None
                    assert pending.due is None or found.due is None or found.due <= pending.due

    @invariant()
    def what_waits_for_a_probe_is_among_what_answers(self) -> None:
        for _, found in self.fed.verdicts():
            assert set(found.unproved) <= set(found.addresses)
            assert found.addresses or found.hostnames or not found.zones

    # --- in few words

    def healthy(self, each: ServiceKey) -> list[Place]:
        return [
            (cluster, each)
            for cluster, (sight, _) in self.fed.sights.items()
            if sight is Sight.VISIBLE
            and (shard := self.fed.shards.get((cluster, each))) is not None
            and shard.ready.total
            and any(not self.fed.is_failing((cluster, each), which) for which in shard.addresses)
        ]

    def is_proved(self, place: Place) -> bool:
        tracks = self.fed.tracks.get(place, {})
        passing = {which for which, track in tracks.items() if track.state is ProbeState.PASSING}
        return not self.probed or not passing.isdisjoint(self.fed.shards[place].addresses)

    def is_known_bad(self, each: ServiceKey, which: str) -> bool:
        """Whether all is known of an address that may be: it is one of a visible cluster that does not serve."""
        for cluster, (sight, _) in self.fed.sights.items():
            place = (cluster, each)
            if sight is Sight.VISIBLE and which.split(".")[1] == cluster[1:]:
                shard = self.fed.shards.get(place)
                return shard is None or not shard.ready.total or self.fed.is_failing(place, which)
        return False

    def is_against(self, place: Place, found: Verdict) -> bool:
        if not (found.addresses or found.hostnames):
            return False
        if any(piece.against and piece.source != "probe" for piece in found.evidence):
            return True
        return any(self.fed.is_failing(place, which) for which in found.addresses)

    def is_out(self, cluster: str) -> bool:
        name, orders = ClusterName(cluster), self.fed.orders
        drain = orders.drains.get(name)
        if name in orders.evictions:
            return True
        # A drained cluster leaves when its service's TTL has passed, which here is never shorter than the default.
        return drain is not None and not drain.is_over(self.fed.now) and self.fed.now >= drain.since + 180

    def is_forced_out(self, cluster: str) -> bool:
        name, orders = ClusterName(cluster), self.fed.orders
        eviction, drain = orders.evictions.get(name), orders.drains.get(name)
        if eviction is not None:
            return eviction.forced
        return self.is_out(cluster) and drain is not None and drain.forced


def _restless(found: Assessment) -> Assessment:
    """The same with nothing remembered to be at rest."""
    shards = {
        cluster: msgspec.structs.replace(remembered, is_at_rest=False)
        for cluster, remembered in found.history.shards.items()
    }
    return msgspec.structs.replace(found, history=msgspec.structs.replace(found.history, shards=shards))


def _answers(fed: Federation) -> dict[ServiceKey, object]:
    """What would be written, and what each verdict comes to; not how much of a wait is left."""
    return {
        each: (
            found.ttl_s,
            found.is_blind,
            [
                msgspec.structs.replace(verdict, since=0.0, evidence=(), pending=(), unproved=())
                for verdict in found.verdicts
            ],
        )
        for each, found in fed.assessments.items()
    }


JudgedLife.TestCase.settings = settings(max_examples=some_examples(2), stateful_step_count=25)
TestJudgedLife = JudgedLife.TestCase
