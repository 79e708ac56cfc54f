from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feddns.assess import assess
from feddns.config.health import ClusterBudget, HealthSettings
from feddns.decide import decide
from feddns.health.cutoff import is_cut_off
from feddns.model.changes import Limits
from feddns.model.decisions import Memory
from feddns.model.evidence import Sight, Sighting
from feddns.model.orders import Drain, Orders
from feddns.model.records import RecordSet
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from feddns.whatif.rhythm import Rhythm
from feddns.whatif.scenario import Scenario
from tests.builders import NOW, a_cluster, numbered
from tests.whatif.playing import (
    ASIA,
    EU,
    PROBE,
    US,
    Fleet,
    Play,
    down,
    drain,
    fleets,
    one,
    scenarios,
    shown,
    unready,
    values,
    without_ttl,
)

HASTY = HealthSettings(witness=20.0, hold_down=5.0, unknown_limit=150.0)
SHORT = ClusterBudget(interval=20.0, window=60.0)
AT_ONCE = Rhythm(Limits(1_000, 100_000), batch_s=0.0)

SETTLE_S = HealthSettings().settle


def stepped(play: Play, seconds: int) -> dict[ServiceKey, tuple[RecordSet, ...]]:
    """What the zone has when everything is looked at again each second, and written at once."""
    beliefs = play.beliefs()
    orders = beliefs.circumstances.orders
    found, memories = dict(play.assessments), dict[ServiceKey, Memory]()
    zone: dict[ServiceKey, tuple[RecordSet, ...]] = {}
    world = play.world()
    for second in range(-1, seconds):
        now = NOW + max(0, second)
        began, states = second >= 0, {each.name: each for each in world.states(now)}
        circumstances = msgspec.structs.replace(
            beliefs.circumstances,
            orders=play.scenario.orders(orders, NOW) if began else orders,
            is_cut_off=is_cut_off(states.values()),
        )
        beliefs = msgspec.structs.replace(beliefs, circumstances=circumstances)
        for key in sorted(found):
            course = play.simulation.courses[key]
            sightings = course.sightings(states, now) if began else play.assessments[key].sightings
            found[key] = assess(key, sightings, found[key].history, now, beliefs)
            decision = decide(found[key], zone.get(key, ()), memories.get(key, {}), play.policy)
            zone[key], memories[key] = decision.records, decision.memory
    return {key: without_ttl(records) for key, records in zone.items()}


@given(fleets())
def test_where_nothing_happens_nothing_changes(fleet: Fleet) -> None:
    found = Play(fleet, Scenario()).run()
    assert found.changed == ()
    assert found.kept == ()


@pytest.mark.servers  # takes its time
@settings(max_examples=20)
@given(fleets(), scenarios(), st.sampled_from((1, 5)))
def test_it_ends_as_when_everything_is_looked_at_each_second(fleet: Fleet, scenario: Scenario, at_least: int) -> None:
    budget = msgspec.structs.replace(SHORT, at_least=at_least)
    play = Play(fleet, scenario, rules=HASTY, budget=budget, rhythm=AT_ONCE)
    expected = stepped(play, 400)
    play.run()
    assert play.answers() == expected


@given(fleets(), scenarios())
def test_no_time_is_negative_and_all_add_up(fleet: Fleet, scenario: Scenario) -> None:
    for each in Play(fleet, scenario).run().changed:
        assert 0 <= each.first_s <= each.decided_s
        assert each.write_s >= 1.0
        assert each.ttl_s >= 0
        assert each.moved_s == each.decided_s + each.write_s + each.ttl_s


@given(fleets(), scenarios())
def test_whatever_still_leads_to_what_is_gone_is_told_and_why(fleet: Fleet, scenario: Scenario) -> None:
    play = Play(fleet, scenario)
    told = play.run().kept
    for key, course in play.simulation.courses.items():
        left = {each.name for each in play.zone.agenda.published(key) if set(each.values) & course.gone.keys()}
        assert {each.name for each in told if each.service == key} == left
    assert all(each.reasons for each in told)


@given(fleets(clusters=("a", "b", "c")), st.sampled_from(("a", "b", "c")))
def test_no_answer_keeps_a_probed_address_of_a_cluster_that_is_down_unless_a_brake_holds_it(
    fleet: Fleet, cluster: str
) -> None:
    play = Play(fleet, down(cluster))
    for kept in play.run().kept:
        verdicts = play.simulation.assessments[kept.service].verdicts
        (verdict,) = (each for each in verdicts if each.cluster == cluster)
        assert verdict.shard is not None
        assert verdict.shard.probe is None or any(each.brake for each in verdict.pending)


def three(**fields: Any) -> Fleet:
    return one(shown(US, "192.0.2.1", **fields), shown(EU, "192.0.2.2", **fields), shown(ASIA, "192.0.2.3", **fields))


def test_a_cluster_without_probes_that_dies_keeps_its_answers_and_it_is_said_what_would_take_it_out() -> None:
    found = Play(three(), down("eu")).run()
    assert found.changed == ()
    assert len(found.kept) == 3
    for kept in found.kept:
        assert kept.values == ("192.0.2.2",)
        assert kept.clusters == ("eu",)
        (reason,) = kept.reasons
        assert reason == (
            "nothing withdraws it: eu would be Unknown and this service has no probe; `feddns evict eu` takes it out, "
            "or annotate feddns.io/probe"
        )


def test_probes_notice_a_dead_cluster_after_three_pauses_and_a_time_limit() -> None:
    play = Play(three(probe=PROBE), down("eu"))
    found = play.run()
    assert found.kept == ()
    assert len(found.changed) == 3
    for changed in found.changed:
        assert changed.first_s == pytest.approx(3 * 11.0 + 3.0)
        assert "192.0.2.2" not in values(changed.after)


def test_what_probes_took_away_does_not_come_back_when_the_cluster_is_lost() -> None:
    for changed in Play(three(probe=PROBE), down("eu")).run().changed:
        assert changed.decided_s == changed.first_s


def test_a_cluster_without_ready_endpoints_leaves_when_that_has_settled() -> None:
    for changed in Play(three(), unready("eu")).run().changed:
        assert (changed.decided_s, changed.write_s, changed.ttl_s) == (SETTLE_S, 1.0, 180.0)
        assert changed.moved_s == SETTLE_S + 181.0


def test_a_drained_cluster_leaves_after_the_old_ttl_and_its_clients_after_the_lower_one() -> None:
    found = Play(three(), drain("eu")).run()
    assert len(found.changed) == 3
    for changed in found.changed:
        assert (changed.decided_s, changed.write_s, changed.ttl_s) == (180.0, 1.0, 30.0)
        assert changed.lowered is not None
        assert (changed.lowered.after_s, changed.lowered.ttl_s) == (1.0, 30)


def test_a_drain_that_was_ordered_before_counts_from_then() -> None:
    orders = Orders(drains={ClusterName("eu"): Drain(NOW - 100)})
    for changed in Play(three(), drain("eu"), orders=orders).run().changed:
        assert changed.decided_s == 80.0


def test_a_drain_that_would_leave_nobody_keeps_the_answers_and_tells_why() -> None:
    found = Play(one(shown(US, "192.0.2.1")), drain("us")).run()
    assert found.changed == ()
    assert {each.values for each in found.kept} == {("192.0.2.1",)}
    assert all("as soon as another shard can answer" in reason for each in found.kept for reason in each.reasons)


def test_when_most_clusters_die_feddns_takes_itself_to_be_cut_off() -> None:
    far = [a_cluster("x"), a_cluster("y")]
    mostly = Play(three(probe=PROBE), down("us", "eu", "asia"), more=far)
    reasons = {reason for each in mostly.run().kept for reason in each.reasons}
    assert reasons
    assert all("most clusters cannot be seen" in reason and "`feddns evict " in reason for reason in reasons)


def test_the_last_answers_are_kept_where_their_owner_asks_for_it() -> None:
    found = Play(one(shown(US, "192.0.2.1", no_healthy_shards="keep")), unready("us")).run()
    assert found.changed == ()
    assert {reason for each in found.kept for reason in each.reasons} == {
        "no healthy shard would be left anywhere, and then the last answers stay (noHealthyShards: keep)"
    }


def two_of_five() -> Play:
    """Both clusters of a service die, which are too few of all for feddns to be cut off."""
    fleet = one(shown(US, "192.0.2.1", probe=PROBE), shown(EU, "192.0.2.2", probe=PROBE))
    return Play(fleet, down("us", "eu"), more=[a_cluster(name) for name in ("x", "y", "z")])


def test_panic_keeps_the_last_shard_and_names_the_rule() -> None:
    found = two_of_five().run()
    assert {each.values for each in found.kept if each.others == 0} == {("192.0.2.1",)}
    assert all("health.panicShare" in reason for each in found.kept for reason in each.reasons)


def test_what_is_held_for_good_ends_the_play_long_before_the_day_is_over() -> None:
    play = two_of_five()
    assert play.run().is_over
    assert play.simulation.now < NOW + 3_600


def test_a_second_cluster_waits_for_its_turn_at_the_brake() -> None:
    fleet = {
        numbered(number): [
            shown(cluster, f"192.0.2.{10 * number + index}", number=number, probe=PROBE)
            for index, cluster in enumerate((US, EU, ASIA, a_cluster("x"), a_cluster("y")))
        ]
        for number in range(8)
    }
    budget = ClusterBudget(interval=200.0, share=1.0)
    found = Play(fleet, down("us", "eu"), budget=budget).run()
    assert found.kept == ()
    times = {each.decided_s for each in found.changed if each.name.count(".") == 8}
    assert max(times) >= 200.0


def test_nothing_is_told_of_a_cluster_of_which_nothing_is_known() -> None:
    unseen = Sighting(a_cluster("eu", sight=Sight.UNSEEN), None)
    found = Play(one(shown(US, "192.0.2.1"), unseen), down("eu")).run()
    assert (found.changed, found.kept) == ((), ())
