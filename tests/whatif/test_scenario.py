from feddns.model.evidence import Sight
from feddns.model.orders import Drain, Orders
from feddns.model.topology import ClusterName
from feddns.whatif.scenario import Scenario, Sightlines, World
from tests.builders import NOW, a_cluster
from tests.whatif.playing import ASIA, EU, US, down, drain, named

LINES = Sightlines(lost_after_s=45, silence_s=30)


def test_a_dead_cluster_is_visible_until_its_silence_is_noticed_and_lost_from_then_on() -> None:
    world = World(down("eu"), (US, EU, ASIA), NOW, LINES)
    assert world.moments == (NOW + 45,)
    assert {state.sight for state in world.states(NOW + 44.9)} == {Sight.VISIBLE}
    us, eu, asia = world.states(NOW + 45)
    assert (us.sight, asia.sight) == (Sight.VISIBLE, Sight.VISIBLE)
    assert (eu.sight, eu.since, eu.topology) == (Sight.LOST, NOW + 45, EU.topology)


def test_a_dead_cluster_is_heard_of_no_more_and_the_others_at_their_longest_silence() -> None:
    world = World(down("eu"), (US, EU), NOW, LINES)
    for seconds, heard_after in ((0, 0), (29.9, 0), (30, 30), (44, 30), (61, 60)):
        us, eu = world.states(NOW + seconds)
        assert us.heard_at == NOW + heard_after
        assert eu.heard_at == NOW


def test_a_cluster_that_cannot_be_seen_before_stays_as_it_is() -> None:
    unseen, lost = a_cluster("eu", sight=Sight.UNSEEN), a_cluster("us", sight=Sight.LOST)
    world = World(down("eu", "us"), (unseen, lost), NOW, LINES)
    assert world.moments == ()
    assert world.states(NOW + 100) == (unseen, lost)


def test_a_drain_is_ordered_as_the_verb_does_without_force() -> None:
    orders = drain("eu").orders(Orders(drains={ClusterName("us"): Drain(NOW - 5, forced=True)}), NOW)
    assert orders.drains == {ClusterName("us"): Drain(NOW - 5, forced=True), ClusterName("eu"): Drain(NOW)}


def test_a_scenario_concerns_all_clusters_that_it_names() -> None:
    assert Scenario(down=named("a"), unready=named("b"), drained=named("a", "c")).clusters == named("a", "b", "c")
