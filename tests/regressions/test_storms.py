"""Too much at once, or too often: what flaps is damped, and what is withdrawn in masses is braked."""

import pytest

from feddns.config.health import ClusterBudget, HealthSettings
from tests.regressions.federation import DETECTED_S, PROBE, VIRTUAL, Federation

pytestmark = VIRTUAL

AN_HOUR_S = 3600
A_FLAP_S = 10
SERVICES = 12


@pytest.mark.servers  # takes its time
async def test_a_flapping_shard_causes_write_storms() -> None:
    """Rancher's ExternalDNS sent a request a second: https://github.com/rancher/rancher/issues/5612."""
    async with Federation() as federation:
        eu, writes, per_hour = federation.clusters["eu"], federation.writes, AN_HOUR_S / A_FLAP_S
        for _ in range(int(per_hour / 2)):
            eu.ready()
            await federation.wait(A_FLAP_S)
            eu.ready("eu-a")
            await federation.wait(A_FLAP_S)
        flapped = federation.writes - writes
        assert 0 < flapped < per_hour / 8
        later = federation.zone.written_at[-2:]
        assert later[1] - later[0] > 2, "nor do two of them come at once"
        await federation.wait(600)
        assert federation.ask() == federation.everyone


async def test_a_shard_that_falls_for_a_moment_is_withdrawn() -> None:
    """One failed check was enough for Karmada, until there was a threshold: https://github.com/karmada-io/karmada/pull/1829."""
    async with Federation(probe=PROBE) as federation:
        eu, before, writes = federation.clusters["eu"], federation.text(), federation.writes
        for _ in range(20):
            eu.ready()
            federation.die("eu")
            await federation.wait(0.8 * HealthSettings().settle)
            eu.ready("eu-a")
            await federation.wait(8)
            federation.live("eu")
            await federation.wait(12)
        assert (federation.text(), federation.writes) == (before, writes)


async def test_two_clusters_are_unready_within_a_minute_and_all_clients_are_led_to_the_last() -> None:
    """A mistake of Kubernetes' own made every endpoint unready at once: https://github.com/kubernetes/kubernetes/issues/77864.

    So does a new master: https://github.com/kubernetes/kops/issues/6349.
    """
    async with Federation(services=SERVICES) as federation:
        us, eu, budget = federation.addresses["us"], federation.addresses["eu"], ClusterBudget()
        before = federation.text()
        for number in range(SERVICES):
            federation.clusters["us"].ready(number=number)
        await federation.wait(30)
        for number in range(SERVICES):
            federation.clusters["eu"].ready(number=number)
        await federation.wait(30)
        answers = [federation.ask(number=number) for number in range(SERVICES)]
        assert all(us not in answer for answer in answers), "one cluster may go"
        assert sum(eu in answer for answer in answers) >= SERVICES / 2, "and the second may not, within a minute"
        await federation.wait(budget.window - 120)
        assert sum(eu in federation.ask(number=number) for number in range(SERVICES)) >= SERVICES / 2
        for name in ("us", "eu"):
            for number in range(SERVICES):
                federation.clusters[name].ready(f"{name}-a", number=number)
        await federation.wait(120)
        assert federation.text() == before


async def test_an_answer_loses_a_healthy_address_though_nothing_changed() -> None:
    """k8gb's answers did, and had it back, and lost it: https://github.com/k8gb-io/k8gb/issues/947.

    Which one was missing depended on chance: https://github.com/k8gb-io/k8gb/issues/62.
    """
    async with Federation(probe=PROBE, services=3) as federation:
        before, writes = federation.text(), federation.writes
        assert [federation.ask(number=number) for number in range(3)] == [federation.everyone] * 3
        for _ in range(10):
            await federation.wait(DETECTED_S)
            for cluster in federation.clusters.values():
                cluster.show(federation.now)  # everything is listed anew
        assert (federation.text(), federation.writes) == (before, writes)
