"""The election in virtual time, over a Lease in memory."""

import asyncio
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.config.host import LeaderElectionSettings
from tests.leadership.replicas import Line, Replica, Shelf, competing, now, replica, until_led, wanton
from tests.virtual import virtually

pytestmark = [pytest.mark.looptime, pytest.mark.servers]  # no servers, but seconds


async def test_the_first_of_two_leads_at_once_and_goes_on() -> None:
    shelf = Shelf()
    one, other = replica(shelf, "one"), replica(shelf, "other")
    async with competing(shelf, one, other):
        _, waited_s = await until_led(one, other)
        assert waited_s < 0.1
        await asyncio.sleep(100)
        assert sorted([one.told, other.told]) == [[], ["begin"]]
        leader = one if one.leads() else other
        assert shelf.spec["holderIdentity"] == leader.lock.identity
        assert shelf.spec["leaseTransitions"] == 0
        assert shelf.spec["leaseDurationSeconds"] == 6
        assert shelf.spec["renewTime"] >= shelf.spec["acquireTime"]


async def test_a_standby_that_watches_sends_nothing_and_a_leader_one_request_a_second() -> None:
    shelf = Shelf()
    one, other = replica(shelf, "one"), replica(shelf, "other")
    async with competing(shelf, one, other):
        leader, _ = await until_led(one, other)
        standby = other if leader is one else one
        await asyncio.sleep(1)
        before = leader.line.sent, standby.line.sent
        await asyncio.sleep(100)
        assert standby.line.sent == before[1]
        assert leader.line.sent - before[0] == pytest.approx(100, abs=5)


@pytest.mark.parametrize("watching", [True, False])
async def test_a_leader_that_is_killed_is_followed_when_its_lease_is_over_and_not_before(*, watching: bool) -> None:
    shelf = Shelf()
    one, other = replica(shelf, "one"), replica(shelf, "other")
    async with competing(shelf, one, other, watching=watching):
        leader, _ = await until_led(one, other)
        standby = other if leader is one else one
        await asyncio.sleep(20.5)
        await leader.kill()
        await asyncio.sleep(4)
        assert not leader.leads()
        _, waited_s = await until_led(standby)
        # Without a watch a standby finds out only when it tries that the lease was renewed.
        assert 0.9 <= waited_s <= (2.1 if watching else 8.1)
        assert shelf.spec["leaseTransitions"] == 1


async def test_a_lease_that_is_released_is_taken_at_once() -> None:
    shelf = Shelf()
    one, other = replica(shelf, "one"), replica(shelf, "other")
    async with competing(shelf, one, other):
        leader, _ = await until_led(one, other)
        standby = other if leader is one else one
        await asyncio.sleep(10)
        await leader.release()
        assert not leader.leads()
        _, waited_s = await until_led(standby)
        assert waited_s < 0.1
        await asyncio.sleep(100)
        assert leader.told == ["begin", "end"], "it takes part no more"
        assert shelf.spec["leaseTransitions"] == 1


async def test_a_released_lease_says_so_as_client_go_does() -> None:
    shelf = Shelf()
    one = replica(shelf, "one")
    async with competing(shelf, one):
        await until_led(one)
        await one.release()
    assert "holderIdentity" not in shelf.spec
    assert shelf.spec["leaseDurationSeconds"] == 1
    assert shelf.lease is not None
    assert shelf.lease["metadata"]["labels"] == {"app": "feddns"}, "what others put into it stays"


async def test_a_standby_releases_nothing() -> None:
    shelf = Shelf()
    one, other = replica(shelf, "one"), replica(shelf, "other")
    async with competing(shelf, one, other):
        leader, _ = await until_led(one, other)
        standby = other if leader is one else one
        await standby.release()
        await asyncio.sleep(100)
        assert leader.leads()
        assert leader.told == ["begin"]


async def test_a_leader_that_is_cut_off_stops_before_another_begins_and_comes_back_when_it_can() -> None:
    shelf = Shelf()
    one, other = replica(shelf, "one"), replica(shelf, "other")
    async with competing(shelf, one, other):
        leader, _ = await until_led(one, other)
        standby = other if leader is one else one
        await asyncio.sleep(10)
        leader.line.is_cut = True
        await asyncio.sleep(4.1)
        assert not leader.leads()
        assert not standby.leads()
        assert leader.told == ["begin", "end"]
        await asyncio.sleep(2)
        assert standby.leads()
        leader.line.is_cut = False
        await asyncio.sleep(20)
        assert standby.leads()
        await standby.release()
        assert (await until_led(leader))[1] < 1.1


async def test_an_outage_of_the_api_server_that_is_shorter_than_the_deadline_costs_nothing() -> None:
    shelf = Shelf()
    one, other = replica(shelf, "one"), replica(shelf, "other")
    async with competing(shelf, one, other):
        leader, _ = await until_led(one, other)
        for _ in range(20):
            await asyncio.sleep(2)
            one.line.is_cut = other.line.is_cut = True
            await asyncio.sleep(1.9)
            one.line.is_cut = other.line.is_cut = False
        assert leader.told == ["begin"]


async def test_after_a_long_outage_of_the_api_server_there_is_one_leader_again() -> None:
    shelf = Shelf()
    one, other = replica(shelf, "one"), replica(shelf, "other")
    async with competing(shelf, one, other):
        await until_led(one, other)
        one.line.is_cut = other.line.is_cut = True
        await asyncio.sleep(60)
        assert not one.leads()
        assert not other.leads()
        one.line.is_cut = other.line.is_cut = False
        await until_led(one, other, patience_s=7)


async def test_an_answer_that_comes_late_counts_from_when_it_was_asked_for() -> None:
    shelf = Shelf()
    one = replica(shelf, "one")
    async with competing(shelf, one):
        await until_led(one)
        one.line.delays = lambda: 0.7  # 1.4 s in all, which is just within its patience
        await asyncio.sleep(10)
        began = now()
        one.line.is_cut = True
        while one.leads():  # noqa: ASYNC110 - in virtual time
            await asyncio.sleep(0.02)
        assert now() - began < 4.0 - 0.6


async def test_a_deleted_lease_is_made_again_by_its_holder_before_another_takes_it() -> None:
    shelf = Shelf()
    one, other = replica(shelf, "one"), replica(shelf, "other")
    async with competing(shelf, one, other):
        leader, _ = await until_led(one, other)
        for _ in range(5):
            await asyncio.sleep(3.3)
            shelf.delete()
        await asyncio.sleep(10)
        assert leader.told == ["begin"]
        assert shelf.spec["holderIdentity"] == leader.lock.identity


async def test_a_person_who_gives_the_lease_to_another_is_obeyed() -> None:
    shelf = Shelf()
    one = replica(shelf, "one")
    async with competing(shelf, one):
        await until_led(one)
        found = shelf.get()
        assert found is not None
        shelf.replace(found, type(found.spec)("somebody", 3600))
        await asyncio.sleep(1.2)  # when it has tried to renew it
        assert not one.leads()
        assert one.told == ["begin", "end"]
        await asyncio.sleep(3_000)
        assert not one.leads()
        await asyncio.sleep(610)
        assert one.leads()


@pytest.mark.parametrize("spec", [{}, {"holderIdentity": ""}, {"holderIdentity": None, "leaseDurationSeconds": None}])
async def test_a_lease_that_says_nothing_is_free(spec: dict[str, Any]) -> None:
    shelf = Shelf()
    shelf.lease = {"metadata": {"name": "feddns", "resourceVersion": "7"}, "spec": spec}
    one = replica(shelf, "one")
    async with competing(shelf, one):
        assert (await until_led(one))[1] < 0.1


async def test_a_holder_that_gives_no_duration_has_ours() -> None:
    shelf = Shelf()
    shelf.lease = {"metadata": {"name": "feddns", "resourceVersion": "7"}, "spec": {"holderIdentity": "old"}}
    one = replica(shelf, "one")
    async with competing(shelf, one):
        assert (await until_led(one))[1] == pytest.approx(6.0, abs=0.1)


async def test_a_holder_has_the_time_that_its_own_settings_give_it() -> None:
    shelf = Shelf()
    spec = {"holderIdentity": "old", "leaseDurationSeconds": 20}
    shelf.lease = {"metadata": {"name": "feddns", "resourceVersion": "7"}, "spec": spec}
    one = replica(shelf, "one")
    async with competing(shelf, one):
        assert (await until_led(one))[1] == pytest.approx(20.0, abs=0.1)


spans = st.tuples(*[st.floats(0.5, 1.0)] * 3).map(
    lambda parts: LeaderElectionSettings(
        "feddns",
        lease_duration=10 * parts[0],
        renew_deadline=9.9 * parts[0] * parts[1],
        retry_period=5 * parts[0] * parts[1] * parts[2],
    )
)


@given(
    seed=st.integers(0, 1 << 32),
    settings=st.lists(spans, min_size=2, max_size=4),
    longest_s=st.floats(0.0, 20.0),
    loss=st.sampled_from([0.0, 0.05, 0.5]),
    watching=st.booleans(),
)
def test_never_may_two_write_at_once_whatever_is_delayed_lost_or_killed(
    seed: int, settings: list[LeaderElectionSettings], longest_s: float, loss: float, *, watching: bool
) -> None:
    async def main() -> None:
        shelf, chance = Shelf(), random.Random(seed)
        replicas = [
            Replica(f"r{place}", Line(shelf, *wanton(chance, longest_s, loss)), each)
            for place, each in enumerate(settings)
        ]
        async with competing(shelf, *replicas, watching=watching):
            for _ in range(25):
                await asyncio.sleep(chance.random() * 5)
                victim = chance.choice(replicas)
                match chance.randrange(4):
                    case 0:
                        victim.line.is_cut = not victim.line.is_cut
                    case 1:
                        await victim.kill()
                        victim.start()  # whose memory is the same; a new one would know less
                    case _:
                        pass
            await chance.choice(replicas[1:]).release()
            for each in replicas:
                each.line.is_cut = False
                each.line.delays, each.line.loses = (lambda: 0.01), (lambda: False)
            await until_led(replicas[0], *replicas, patience_s=100)

    virtually(main())
