import msgspec

from feddns.assess import assess
from feddns.model.assessments import NO_HISTORY
from feddns.model.evidence import Sight, Sighting
from feddns.model.probing import ProbeState
from feddns.model.services import ReadyEndpoints
from feddns.model.topology import ClusterName
from feddns.whatif.course import Course
from feddns.whatif.scenario import Scenario
from tests.builders import NGINX, NOW
from tests.whatif.playing import EU, PROBE, US, Play, down, drain, named, one, shown, unready


def course(scenario: Scenario, *sightings: Sighting) -> Course:
    found = assess(NGINX, sightings, NO_HISTORY, NOW, Play(one(*sightings), Scenario()).beliefs())
    return Course(found, scenario, NOW, 0.0)


PAIR = (shown(EU, "192.0.2.1", probe=PROBE), shown(US, "192.0.2.2", probe=PROBE))


STATES = {each.name: each for each in (EU, US)}


def test_the_addresses_of_a_dead_cluster_fail_and_those_of_others_go_on_answering() -> None:
    dying = course(down("eu"), *PAIR)
    assert dying.moments == {NOW + 36.0}
    eu, us = dying.sightings(STATES, NOW + 35.9)
    assert eu == PAIR[0]
    eu, us = dying.sightings(STATES, NOW + 36.0)
    assert eu.shard == PAIR[0].shard
    assert [track.state for track in eu.probed.values()] == [ProbeState.FAILING]
    assert [(track.state, track.tested_at) for track in us.probed.values()] == [(ProbeState.PASSING, NOW + 33.0)]


def test_a_lost_cluster_is_shown_as_lost_with_what_is_remembered_of_it() -> None:
    lost = msgspec.structs.replace(EU, sight=Sight.LOST, since=NOW + 45)
    eu, us = course(down("eu"), *PAIR).sightings({**STATES, EU.name: lost}, NOW + 45)
    assert (eu.cluster, eu.shard) == (lost, PAIR[0].shard)
    assert (us.cluster, us.shard) == (US, PAIR[1].shard)


def test_an_unready_cluster_has_all_its_endpoints_but_none_ready() -> None:
    many = shown(EU, "192.0.2.1")
    assert many.shard is not None
    ready = ReadyEndpoints(3, (("eu-b", 3),), not_ready=1, terminating=1)
    many = msgspec.structs.replace(many, shard=msgspec.structs.replace(many.shard, ready=ready))
    eu, us = course(unready("eu"), many, PAIR[1]).sightings(STATES, NOW)
    assert eu.shard is not None
    assert eu.shard.ready == ReadyEndpoints(not_ready=4, terminating=1)
    assert us.shard == PAIR[1].shard


def test_what_is_gone_is_what_only_the_clusters_have_that_something_happens_to() -> None:
    both = (shown(EU, "192.0.2.1", "192.0.2.9"), shown(US, "192.0.2.2", "192.0.2.9"))
    assert course(drain("eu"), *both).gone == {"192.0.2.1": "eu"}
    assert course(Scenario(), *both).gone == {}
    everything = course(Scenario(down=named("eu"), unready=named("us")), *both).gone
    assert everything.keys() == {"192.0.2.1", "192.0.2.2", "192.0.2.9"}


def test_host_names_of_load_balancers_and_their_addresses_are_gone_with_them() -> None:
    led = msgspec.structs.replace(shown(EU, hostnames=("lb.cloud.test.",)), resolved=("192.0.2.7",))
    cluster = ClusterName("eu")
    assert course(down("eu"), led, PAIR[1]).gone == {"lb.cloud.test.": cluster, "192.0.2.7": cluster}
