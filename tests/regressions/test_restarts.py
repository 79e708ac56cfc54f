"""A feddns that starts knows what the zone holds and no more, and neither forgets by that nor brings back the dead."""

import pytest

from tests.regressions.federation import DETECTED_S, PROBE, VIRTUAL, Federation

pytestmark = VIRTUAL


@pytest.mark.parametrize("down", [("eu",), ("us", "eu", "asia")], ids=["one", "all"])
async def test_a_controller_restarted_while_clusters_are_down_forgets_them(down: tuple[str, ...]) -> None:
    """Cilium's agents forgot remote backends: https://github.com/cilium/cilium/issues/23823.

    ExternalDNS deleted all records and made them again: https://github.com/kubernetes-sigs/external-dns/issues/2858.
    """
    async with Federation() as federation:
        before, writes = federation.text(), federation.writes
        await federation.kill()
        federation.cut(*down)
        for _ in range(3):
            await federation.restart()
            await federation.wait(100)
        assert (federation.text(), federation.writes) == (before, writes)
        federation.mend(*down)
        await federation.wait(10)
        assert (federation.text(), federation.writes) == (before, writes)
        federation.clusters["eu"].ready()
        await federation.wait(5)
        assert federation.ask("eu") == ["global", *federation.without("eu")]


async def test_a_restart_brings_back_what_probes_had_withdrawn() -> None:
    """Cilium's agents brought back what had gone: https://github.com/cilium/cilium/issues/45441."""
    async with Federation(probe=PROBE) as federation:
        before = federation.text()
        federation.die("eu")
        await federation.wait(DETECTED_S)
        rest = federation.without("eu")
        gone = {"": rest, "eu": ["global", *rest], "eu-a.eu": ["eu", "global", *rest]}
        await federation.restart()
        await federation.stays(DETECTED_S, gone)
        await federation.restart()
        await federation.stays(3, gone)
        federation.live("eu")
        await federation.wait(DETECTED_S)
        assert federation.text() == before


async def test_a_restart_waits_for_a_cluster_that_is_down_to_do_anything() -> None:
    """Istio's pilot did not start at all: https://github.com/istio/istio/issues/33564.

    Nor did Admiralty's controllers: https://github.com/admiraltyio/admiralty/issues/106.
    """
    async with Federation() as federation:
        federation.cut("eu")
        await federation.restart()
        await federation.wait(5)
        federation.clusters["us"].ready()
        await federation.wait(4)
        assert federation.ask() == federation.without("us")
        federation.clusters["asia"].balance("198.51.100.9")
        await federation.wait(1)
        assert federation.ask("asia") == ["198.51.100.9"]
        assert federation.ask("eu") == [federation.addresses["eu"]]
