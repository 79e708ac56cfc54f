"""Clusters whose API servers are silent: what is dead leaves every answer, what is not stays, and a byte is a byte."""

import msgspec
import pytest

from feddns.config.health import HealthSettings
from feddns.model.probing import Probe
from tests.regressions.federation import DETECTED_S, PROBE, VIRTUAL, Federation

pytestmark = VIRTUAL

WITNESS_S = HealthSettings().witness
A_DAY_S = 86_400.0


def led_away(federation: Federation, name: str) -> dict[str, list[str]]:
    """The answers when a cluster is withdrawn: its zone leads to its region, and that to all the world without it."""
    rest = federation.without(name)
    answers = {"": rest, name: ["global", *rest], f"{name}-a.{name}": [name, "global", *rest]}
    for other, address in federation.addresses.items():
        if other != name:
            answers |= {other: [address], f"{other}-a.{other}": [address]}
    return answers


def whole(federation: Federation) -> dict[str, list[str]]:
    """The answers when nothing is wrong."""
    answers = {"": federation.everyone}
    for name, address in federation.addresses.items():
        answers |= {name: [address], f"{name}-a.{name}": [address]}
    return answers


async def test_a_lost_clusters_zone_name_keeps_dead_addresses_while_its_peers_heal() -> None:
    """Cluster federation v1 kept the address of a dead cluster: https://github.com/kubernetes/kubernetes/issues/36923.

    Cilium's cluster mesh goes on routing to one, too: https://github.com/cilium/cilium/issues/20729.
    """
    async with Federation(probe=PROBE) as federation:
        before, answers = federation.text(), whole(federation)
        federation.cut("eu")
        await federation.stays(2 * DETECTED_S, answers)  # that it is Unknown is no news about the service
        federation.die("eu")
        await federation.stays(WITNESS_S, answers)
        await federation.wait(PROBE.interval_s + 5)
        assert {scope: federation.ask(scope) for scope in answers} == led_away(federation, "eu")
        await federation.stays(120, led_away(federation, "eu"))
        federation.mend("eu")
        federation.live("eu")
        await federation.wait(120)
        assert federation.text() == before


async def test_a_cluster_that_dies_with_its_load_balancers_keeps_its_addresses() -> None:
    """The same, where all of the cluster dies at once: https://github.com/kubernetes/kubernetes/issues/36923."""
    async with Federation(probe=PROBE) as federation:
        before = federation.text()
        federation.cut("eu")
        federation.die("eu")
        await federation.wait(DETECTED_S)
        gone = led_away(federation, "eu")
        await federation.stays(120, gone)
        federation.mend("eu")
        await federation.stays(60, gone)  # its API server is back, its load balancer is not
        federation.live("eu")
        await federation.wait(120)
        assert federation.text() == before


async def test_a_dead_cluster_cannot_be_taken_out_as_it_does_not_answer() -> None:
    """Cilium's cluster mesh has to reach a crashed cluster to leave it: https://github.com/cilium/cilium/issues/19217."""
    async with Federation() as federation:
        before = federation.text()
        federation.cut("eu")
        await federation.stays(120, whole(federation))
        await federation.evict("eu")
        await federation.wait(1)
        gone = led_away(federation, "eu")
        await federation.stays(60, gone)
        await federation.restart()
        await federation.stays(60, gone)
        federation.mend("eu")
        await federation.stays(60, gone)
        await federation.readmit("eu")
        await federation.wait(1)
        assert federation.text() == before


@pytest.mark.parametrize("limit_s", [None, A_DAY_S])
@pytest.mark.parametrize("probe", [None, PROBE])
async def test_a_controller_cut_off_from_one_cluster_fails_it_over(probe: Probe | None, limit_s: float | None) -> None:
    """Karmada fails over clusters that it cannot reach, though they serve: https://github.com/karmada-io/karmada/issues/7408.

    Why that is contentious was said of federation v1: https://github.com/kubernetes/kubernetes/pull/36390.
    """
    rules = msgspec.structs.replace(HealthSettings(), unknown_limit=limit_s)
    async with Federation(probe=probe, rules=rules) as federation:
        before, writes = federation.text(), federation.writes
        federation.cut("eu")
        await federation.wait(600)
        assert federation.unknown() == {"eu"}
        assert (federation.text(), federation.writes) == (before, writes)
        federation.clusters["us"].ready()
        await federation.wait(5)
        assert federation.ask() == federation.without("us")
        federation.clusters["us"].ready("us-a")
        federation.mend("eu")
        await federation.wait(120)
        assert federation.text() == before
