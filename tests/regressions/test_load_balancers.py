"""What clouds do to load balancers: their status is emptied, their addresses rotate, or are not found."""

import pytest

from feddns.config.health import HealthSettings
from feddns.model.probing import Probe
from tests.regressions.federation import DETECTED_S, PROBE, VIRTUAL, Federation

pytestmark = VIRTUAL

ELB = "elb.cloud.test."
HOLD_S = HealthSettings().load_balancer_hold
ROTATED_S = 70.0
"""By then a host name with a TTL of 60 s has been asked for again."""


async def behind_a_hostname(federation: Federation, *addresses: str) -> None:
    """The load balancer of `eu` has a host name that leads to these addresses."""
    federation.resolvers.addresses[ELB] = addresses
    federation.clusters["eu"].balance(hostname=ELB)
    await federation.wait(5)
    assert federation.ask("eu") == sorted(addresses)


@pytest.mark.parametrize("hostname", [False, True], ids=["addresses", "host name"])
@pytest.mark.parametrize("restarts", [False, True], ids=["", "and feddns restarts meanwhile"])
async def test_a_cloud_empties_the_status_of_load_balancers_and_records_vanish(
    *, hostname: bool, restarts: bool
) -> None:
    """ExternalDNS deletes the records at once: https://github.com/kubernetes-sigs/external-dns/issues/2677.

    Ingress controllers empty the status whenever they stop: https://github.com/kubernetes/ingress-nginx/issues/881.
    GitOps tools do it, too: https://github.com/kubernetes/kubernetes/issues/136316.
    """
    async with Federation() as federation:
        eu = federation.clusters["eu"]
        if hostname:
            await behind_a_hostname(federation, "198.51.100.1")
        before, scopes = federation.text(), ["", "eu", "eu-a.eu", "us"]
        answers = {scope: federation.ask(scope) for scope in scopes}
        eu.balance()
        await federation.stays(HOLD_S / 3, answers)
        if restarts:
            await federation.restart()
        await federation.stays(HOLD_S / 3, answers)
        eu.balance(*(() if hostname else (federation.addresses["eu"],)), hostname=ELB if hostname else "")
        await federation.stays(90, answers)
        assert federation.text() == before
        eu.balance()
        await federation.wait(HOLD_S + 5)
        assert federation.ask() == federation.without("eu"), "it is believed in the end"


async def test_a_load_balancers_addresses_rotate_and_the_record_rots() -> None:
    """Federation v1 resolved a host name once: https://github.com/kubernetes/kubernetes/issues/35637."""
    async with Federation() as federation:
        await behind_a_hostname(federation, "198.51.100.1", "198.51.100.2")
        for last in range(2, 8):
            now = (f"198.51.100.{last}", f"198.51.100.{last + 1}")
            federation.resolvers.addresses[ELB] = now
            await federation.wait(ROTATED_S)
            assert federation.ask("eu") == federation.ask("eu-a.eu") == [*now]
            assert federation.ask() == sorted((*federation.without("eu"), *now))


async def test_a_load_balancers_addresses_rotate_while_its_cluster_cannot_be_seen() -> None:
    """DNS goes on to tell, though the API server does not: https://github.com/kubernetes/kubernetes/issues/35637."""
    async with Federation() as federation:
        await behind_a_hostname(federation, "198.51.100.1")
        federation.cut("eu")
        await federation.wait(DETECTED_S + 5)
        assert federation.unknown() == {"eu"}
        federation.resolvers.addresses[ELB] = ("198.51.100.2",)
        await federation.wait(ROTATED_S)
        assert federation.ask("eu") == ["198.51.100.2"]
        del federation.resolvers.addresses[ELB]
        await federation.wait(600)
        assert federation.ask("eu") == ["198.51.100.2"]


async def test_a_status_is_filled_again_with_a_name_that_is_slow_to_resolve() -> None:
    """By then it is not known any more, and the records vanish: https://github.com/kubernetes-sigs/external-dns/issues/2677."""
    async with Federation() as federation:
        await behind_a_hostname(federation, "198.51.100.1")
        before, writes = federation.text(), federation.writes
        federation.clusters["eu"].balance()
        await federation.wait(10)
        federation.resolvers.hanging.add(ELB)
        federation.clusters["eu"].balance(hostname=ELB)
        await federation.wait(60)
        assert (federation.text(), federation.writes) == (before, writes)
        federation.resolvers.hanging.clear()
        await federation.wait(90)
        assert (federation.text(), federation.writes) == (before, writes)


async def test_an_address_that_was_rotated_in_is_published_before_it_serves() -> None:
    """The new address has to speak for itself, and the old one is gone: https://github.com/kubernetes/kubernetes/issues/35637."""
    async with Federation(probe=PROBE) as federation:
        await behind_a_hostname(federation, "198.51.100.1")
        federation.balancers.dead.add("198.51.100.2")
        federation.resolvers.addresses[ELB] = ("198.51.100.2",)
        await federation.wait(ROTATED_S)
        await federation.stays(DETECTED_S, {"": federation.without("eu"), "eu": ["global", *federation.without("eu")]})
        federation.balancers.dead.clear()
        await federation.wait(DETECTED_S)
        assert federation.ask("eu") == ["198.51.100.2"]
        federation.resolvers.addresses[ELB] = ("198.51.100.3",)
        await federation.wait(ROTATED_S)
        assert federation.ask("eu") == ["198.51.100.3"], "one that serves has waited for its first probe alone"


@pytest.mark.parametrize("hangs", [False, True], ids=["does not exist", "is never answered"])
@pytest.mark.parametrize("probe", [None, PROBE])
async def test_one_unresolvable_hostname_blocks_other_clusters(probe: Probe | None, *, hangs: bool) -> None:
    """Federation v1 gave a record up over one name: https://github.com/kubernetes/kubernetes/pull/27999.

    KubeFed failed on it for the whole service: https://github.com/kubernetes-retired/kubefed/issues/834; k8gb did not
    look at further clusters: https://github.com/k8gb-io/k8gb/pull/1904.
    """
    async with Federation(probe=probe) as federation:
        if hangs:
            federation.resolvers.hanging.add("lost.cloud.test.")
        federation.clusters["eu"].balance(hostname="lost.cloud.test.")
        await federation.wait(30)
        federation.clusters["us"].ready()
        await federation.wait(4)
        assert federation.ask("us") == ["global", *federation.ask()]
        assert federation.addresses["us"] not in federation.ask()
        federation.clusters["asia"].balance("198.51.100.9")
        await federation.wait(1)
        assert federation.ask("asia") == ["198.51.100.9"]
        federation.clusters["us"].ready("us-a")
        await federation.wait(10)
        assert federation.ask("us") == [federation.addresses["us"]]


async def test_a_hostname_that_stops_resolving_takes_its_addresses_along() -> None:
    """A lookup that fails gives ExternalDNS no target: https://github.com/kubernetes-sigs/external-dns/pull/3913."""
    async with Federation() as federation:
        await behind_a_hostname(federation, "198.51.100.1")
        before, writes = federation.text(), federation.writes
        del federation.resolvers.addresses[ELB]
        await federation.wait(600)
        assert (federation.text(), federation.writes) == (before, writes)
