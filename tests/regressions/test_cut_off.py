"""We see nothing any more: not a byte of the zone changes, whatever else fails with it."""

import pytest

from feddns.model.probing import Probe
from tests.regressions.federation import DETECTED_S, PROBE, VIRTUAL, Federation

pytestmark = VIRTUAL

LONG_S = 700.0
"""Longer than it takes to lose a cluster, to hear a second witness, and for every brake to be released."""
FREQUENT = Probe(PROBE.question, interval_s=1.0, timeout_s=0.5)


@pytest.mark.parametrize(
    ("probe", "seconds"),
    [(None, LONG_S), (PROBE, LONG_S), (FREQUENT, 3 * DETECTED_S)],
    ids=["unprobed", "probed", "probed each second"],
)
async def test_all_clusters_unknown_and_a_byte_of_the_zone_changes(probe: Probe | None, seconds: float) -> None:
    """ExternalDNS deleted all records when its API server timed out: https://github.com/kubernetes-sigs/external-dns/issues/2858.

    And again: https://github.com/kubernetes-sigs/external-dns/issues/3997.
    """
    async with Federation(probe=probe) as federation:
        before, writes = federation.text(), federation.writes
        federation.cut("us", "eu", "asia")
        federation.balancers.is_cut = True
        await federation.wait(seconds)
        assert federation.unknown() == {"us", "eu", "asia"}
        assert (federation.text(), federation.writes) == (before, writes)
        federation.balancers.is_cut = False
        federation.mend("eu", "asia")
        await federation.wait(12)  # one probe of each is answered
        federation.mend("us")
        await federation.wait(60)
        assert (federation.text(), federation.writes) == (before, writes)


@pytest.mark.parametrize("seconds", [25, 35, 50])
async def test_we_are_cut_off_for_a_moment_and_it_is_blamed_on_load_balancers(seconds: float) -> None:
    """The first answers after that must not count: https://github.com/acudovs/powergslb/issues/11."""
    async with Federation(probe=PROBE) as federation:
        before, writes = federation.text(), federation.writes
        federation.cut("us", "eu", "asia")
        federation.balancers.is_cut = True
        await federation.wait(seconds)
        federation.mend("us", "eu", "asia")
        federation.balancers.is_cut = False
        await federation.wait(60)
        assert (federation.text(), federation.writes) == (before, writes)
        federation.die("eu")
        await federation.wait(DETECTED_S)
        assert federation.ask() == federation.without("eu"), "what fails from then on counts as ever"


async def test_probes_that_fail_once_all_clusters_are_unknown_change_a_byte() -> None:
    """What is cut first must not make the rest count: https://github.com/kubernetes-sigs/external-dns/issues/2858."""
    async with Federation(probe=PROBE) as federation:
        before, writes = federation.text(), federation.writes
        federation.cut("us", "eu", "asia")
        await federation.wait(DETECTED_S + 5)
        federation.balancers.is_cut = True
        await federation.wait(LONG_S)
        assert (federation.text(), federation.writes) == (before, writes)


async def test_most_clusters_unknown_and_the_rest_is_blamed_too() -> None:
    """Kubernetes stops evicting where all nodes are silent, but not their endpoints: https://github.com/kubernetes/kubernetes/issues/77864."""
    async with Federation(probe=PROBE) as federation:
        before, writes = federation.text(), federation.writes
        federation.cut("us", "eu")
        await federation.wait(DETECTED_S + 5)
        federation.balancers.is_cut = True
        await federation.wait(LONG_S)
        assert federation.unknown() == {"us", "eu"}
        assert (federation.text(), federation.writes) == (before, writes)
        federation.clusters["asia"].ready()  # what its API server tells is believed all the same
        await federation.wait(5)
        assert federation.ask() == federation.without("asia")


async def test_our_own_way_out_breaks_and_every_answer_is_withdrawn() -> None:
    """PowerGSLB's users fear it: all checks fail at once, and it is us: https://github.com/acudovs/powergslb/issues/11."""
    async with Federation(probe=PROBE, services=8) as federation:
        before = federation.text()
        federation.balancers.is_cut = True
        for _ in range(800):
            await federation.wait(0.5)
            for number in range(8):
                assert len(federation.ask(number=number)) >= 2, "half of the shards stay, rounded up"
        federation.balancers.is_cut = False
        await federation.wait(180)
        assert federation.text() == before
