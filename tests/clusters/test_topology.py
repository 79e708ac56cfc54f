from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.clusters.decode import NodeFacts
from feddns.clusters.topology import GRACE_S, Nodes, locate, needs_nodes
from feddns.config.settings import ClusterSettings
from feddns.model.labels import is_label
from feddns.model.topology import Topology

AUTO = ClusterSettings(name="us")


def places(**counts: int) -> Counter[NodeFacts]:
    """Nodes by `region__zone`."""
    return Counter({NodeFacts(*name.split("__")): count for name, count in counts.items()})


def located(counts: Counter[NodeFacts], settings: ClusterSettings = AUTO) -> tuple[Topology, list[str]]:
    topology, problems = locate(counts, settings)
    return topology, [problem.reason for problem in problems]


def test_region_and_zones_are_those_of_the_nodes() -> None:
    assert located(places(us__b=2, us__a=1)) == (Topology("us", ("a", "b")), [])


def test_a_cluster_without_nodes_or_labels_counts_for_the_global_scope_alone() -> None:
    assert located(Counter()) == (Topology(), [])
    assert located(Counter({NodeFacts("", ""): 3, NodeFacts("", "a"): 1})) == (Topology(), [])


def test_a_node_without_a_zone_adds_none() -> None:
    assert located(Counter({NodeFacts("us", ""): 1})) == (Topology("us"), [])


def test_of_several_regions_the_one_with_most_nodes_counts_with_its_zones() -> None:
    topology, problems = locate(places(us__a=1, eu__a=2, eu__c=2), AUTO)
    assert topology == Topology("eu", ("a", "c"))
    (problem,) = problems
    assert problem.reason == "SeveralRegions"
    assert "several regions (eu, us); it counts for eu, which has the most nodes" in problem.text


def test_regions_with_equally_many_nodes_are_taken_by_name() -> None:
    assert located(places(us__a=1, eu__b=1)) == (Topology("eu", ("b",)), ["SeveralRegions"])


@pytest.mark.parametrize("label", ["us_central", "-us", "us.central", "x" * 64, "ü"])
def test_a_label_that_is_no_dns_label_is_a_problem_and_counts_as_absent(label: str) -> None:
    assert located(Counter({NodeFacts(label, "a"): 1})) == (Topology(), ["InvalidRegion"])
    assert located(Counter({NodeFacts("us", label): 1, NodeFacts("us", "a"): 1})) == (
        Topology("us", ("a",)),
        ["InvalidZone"],
    )


def test_the_configuration_goes_before_the_nodes() -> None:
    both = ClusterSettings(name="us", region="EU-West1", zones=("EU-West1-b", "EU-West1-a"))
    assert located(places(us__a=1), both) == (Topology("eu-west1", ("eu-west1-a", "eu-west1-b")), [])
    assert not needs_nodes(both)
    no_zones = ClusterSettings(name="us", region="eu", zones=())
    assert located(places(eu__a=1), no_zones) == (Topology("eu"), [])
    assert not needs_nodes(no_zones)


def test_a_configured_region_takes_the_zones_of_its_nodes() -> None:
    settings = ClusterSettings(name="us", region="eu")
    assert needs_nodes(settings)
    assert located(places(eu__a=1, us__b=9), settings) == (Topology("eu", ("a",)), [])


def test_a_configured_region_that_no_node_has_takes_the_zones_of_all() -> None:
    assert located(places(x__a=1, y__b=1), ClusterSettings(name="us", region="eu")) == (Topology("eu", ("a", "b")), [])


def test_configured_zones_stand_in_the_region_of_the_nodes() -> None:
    settings = ClusterSettings(name="us", zones=("z",))
    assert needs_nodes(settings)
    assert located(places(us__a=1), settings) == (Topology("us", ("z",)), [])


def test_a_bad_configured_region_is_a_problem() -> None:
    assert located(Counter(), ClusterSettings(name="us", region="eu west", zones=("a",))) == (
        Topology(),
        ["InvalidRegion"],
    )


A, B = NodeFacts("us", "a"), NodeFacts("us", "b")


def topology_of(nodes: Nodes) -> Topology:
    return locate(nodes.places(), AUTO)[0]


def test_a_zone_outlives_its_last_node_for_a_while() -> None:
    nodes = Nodes()
    nodes.replace({"n1": A, "n2": B}, now=0)
    nodes.put("n2", None, now=100)
    assert topology_of(nodes) == Topology("us", ("a", "b"))
    assert not nodes.forget(100 + GRACE_S - 1)
    assert topology_of(nodes) == Topology("us", ("a", "b"))
    assert nodes.forget(100 + GRACE_S)
    assert topology_of(nodes) == Topology("us", ("a",))


def test_a_zone_whose_node_comes_back_has_its_full_time_again() -> None:
    nodes = Nodes()
    nodes.replace({"n1": A, "n2": B}, now=0)
    nodes.put("n2", None, now=100)
    nodes.put("n3", B, now=200)
    nodes.forget(100 + GRACE_S)
    nodes.put("n3", None, now=2 * GRACE_S)
    nodes.forget(3 * GRACE_S - 1)
    assert topology_of(nodes) == Topology("us", ("a", "b"))


def test_the_region_outlives_the_last_node_of_the_cluster_too() -> None:
    nodes = Nodes()
    nodes.replace({"n1": A}, now=0)
    nodes.replace({}, now=10)
    assert topology_of(nodes) == Topology("us", ("a",))
    nodes.forget(10 + GRACE_S)
    assert topology_of(nodes) == Topology()


def test_a_region_that_is_only_remembered_does_not_compete() -> None:
    nodes = Nodes()
    nodes.replace({"n1": NodeFacts("aa", "x"), "n2": NodeFacts("aa", "x")}, now=0)
    nodes.replace({"n1": NodeFacts("bb", "y")}, now=1)
    assert locate(nodes.places(), AUTO) == (Topology("bb", ("y",)), ())


def test_nodes_that_say_what_they_said_change_nothing() -> None:
    nodes = Nodes()
    assert nodes.put("n1", A, now=0)
    assert not nodes.put("n1", A, now=1)
    assert not nodes.put("n2", None, now=1)
    assert not nodes.replace({"n1": A}, now=1)


@given(
    st.dictionaries(st.builds(NodeFacts, st.text(max_size=70), st.text(max_size=70)), st.integers(0, 9)),
    st.builds(
        ClusterSettings, name=st.just("us"), region=st.none() | st.text(), zones=st.none() | st.tuples(st.text())
    ),
)
def test_whatever_the_labels_say_a_topology_is_of_dns_labels(
    counts: dict[NodeFacts, int], settings: ClusterSettings
) -> None:
    topology, problems = locate(Counter(counts), settings)
    assert not topology.region or is_label(topology.region)
    assert all(is_label(zone) for zone in topology.zones)
    assert topology.region or not topology.zones
    assert list(topology.zones) == sorted(set(topology.zones))
    assert list(problems) == sorted(problems)
