"""A cluster in several zones, and load balancers with addresses of two families: each follows its own evidence."""

import pytest

from tests.regressions.federation import DETECTED_S, PROBE, VIRTUAL, Federation
from tests.regressions.surroundings import Cluster

pytestmark = VIRTUAL

FOUR, SIX = "192.0.2.77", "2001:db8::77"


async def test_a_multi_zone_cluster_gets_one_zones_name() -> None:
    """Federation v1 wrote one zone's name of three: https://github.com/kubernetes/kubernetes/issues/50529.

    KubeFed took the zone of the first node for the cluster's: https://github.com/kubernetes-retired/kubefed/issues/678.
    """
    zones = ("eu-a", "eu-b", "eu-c")
    async with Federation(Cluster("us"), Cluster("eu", *zones)) as federation:
        eu, address = federation.clusters["eu"], federation.addresses["eu"]
        assert [federation.ask(f"{zone}.eu") for zone in zones] == [[address]] * 3
        eu.ready("eu-a", "eu-c")
        await federation.wait(5)
        assert [federation.ask(f"{zone}.eu") for zone in zones] == [[address], ["eu", address], [address]]
        assert federation.ask("eu") == [address]
        eu.ready("eu-b")
        await federation.wait(10)
        assert [federation.ask(f"{zone}.eu") for zone in zones] == [["eu", address], [address], ["eu", address]]
        eu.ready()
        await federation.wait(5)
        rest = federation.without("eu")
        assert [federation.ask(f"{zone}.eu") for zone in zones] == [["eu", "global", *rest]] * 3


async def test_a_name_stays_an_address_when_nothing_is_ready_behind_it() -> None:
    """Federation v1 left A records where CNAMEs had to be: https://github.com/kubernetes/kubernetes/issues/52568."""
    async with Federation() as federation:
        federation.clusters["eu"].ready()
        await federation.wait(5)
        assert federation.ask("eu-a.eu") == ["eu", "global", *federation.without("eu")]


async def on_two_families(federation: Federation) -> None:
    """The load balancer of `eu` has an address of each."""
    federation.clusters["eu"].balance(FOUR, SIX)
    await federation.wait(5)
    assert (federation.ask("eu"), federation.ask("eu", "AAAA")) == ([FOUR], [SIX])


@pytest.mark.parametrize(("dead", "a", "aaaa"), [(FOUR, [], [SIX]), (SIX, [FOUR], [])])
async def test_dual_stack_loses_a_family_because_the_other_is_dead(dead: str, a: list[str], aaaa: list[str]) -> None:
    """k8gb answered for IPv6 with 0.0.0.0: https://github.com/k8gb-io/k8gb/pull/2125."""
    async with Federation(probe=PROBE) as federation:
        await on_two_families(federation)
        before, others = federation.text(), federation.without("eu")
        federation.balancers.dead.add(dead)
        await federation.wait(DETECTED_S)
        assert (federation.ask("eu"), federation.ask("eu", "AAAA")) == (a, aaaa)
        assert (federation.ask(), federation.ask("", "AAAA")) == (sorted([*others, *a]), aaaa)
        federation.balancers.dead.clear()
        await federation.wait(DETECTED_S)
        assert federation.text() == before


async def test_dual_stack_loses_a_family_as_the_load_balancer_changes() -> None:
    """ExternalDNS adds no AAAA to a name that has an A: https://github.com/kubernetes-sigs/external-dns/issues/1877."""
    async with Federation() as federation:
        eu, others = federation.clusters["eu"], federation.without("eu")
        await on_two_families(federation)
        eu.balance(FOUR)
        await federation.wait(1)
        assert (federation.ask("eu"), federation.ask("eu", "AAAA")) == ([FOUR], [])
        eu.balance(FOUR, SIX)
        await federation.stays(10, {"eu": [FOUR]})
        assert federation.ask("eu", "AAAA") == [SIX]
        eu.balance(SIX)
        await federation.wait(1)
        assert (federation.ask("eu"), federation.ask("eu", "AAAA")) == ([], [SIX])
        assert (federation.ask(), federation.ask("", "AAAA")) == (others, [SIX])
        eu.balance(FOUR, SIX)
        await federation.wait(10)
        assert (federation.ask("eu"), federation.ask("eu", "AAAA")) == ([FOUR], [SIX])


async def test_dual_stack_is_deleted_and_made_again_for_ever() -> None:
    """ExternalDNS did that with AAAA records on every run: https://github.com/kubernetes-sigs/external-dns/issues/3951."""
    async with Federation(probe=PROBE) as federation:
        await on_two_families(federation)
        writes = federation.writes
        for _ in range(60):
            federation.clusters["eu"].show(federation.now)
            await federation.wait(5)
        assert federation.writes == writes


async def test_dual_stack_loses_both_families_with_the_slice_of_one() -> None:
    """A dual-stack Service has slices for each family: https://github.com/cilium/cilium/pull/26912."""
    async with Federation() as federation:
        await on_two_families(federation)
        eu, writes = federation.clusters["eu"], federation.writes
        eu.ready("eu-a", family="IPv6")
        await federation.wait(5)
        eu.ready(family="IPv4")
        await federation.wait(30)
        eu.ready("eu-a", family="IPv4")
        eu.ready(family="IPv6")
        await federation.wait(30)
        assert federation.writes == writes
        eu.ready(family="IPv4")
        await federation.wait(5)
        assert (federation.ask("eu", "AAAA"), federation.ask("", "AAAA")) == (["global"], [])
