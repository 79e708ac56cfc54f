import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import dns.query
import dns.update
import pytest

from feddns.clusters.hostnames import Hostnames
from feddns.clusters.lookup import FamilyFound, Found
from tests.clusters.test_lookup import lookup_through
from tests.servers import DnsServer

LB = "lb.example.com."


def addresses(*a: str, aaaa: tuple[str, ...] = (), ttl_s: float = 60) -> Found:
    return {"A": FamilyFound(a, ttl_s), "AAAA": FamilyFound(aaaa, ttl_s)}


def failing(trouble: str = "there is no such name (NXDOMAIN)") -> Found:
    return {"A": FamilyFound(None, trouble=trouble), "AAAA": FamilyFound(None, trouble=trouble)}


class Script:
    """A lookup that answers as told, and remembers when it was asked."""

    def __init__(self, answer: Callable[[str], Found], takes_s: Callable[[str], float] = lambda _: 0.0) -> None:
        self.answer = answer
        self.takes_s = takes_s
        self.asked: list[tuple[float, str]] = []
        self.changed: list[str] = []
        self.hostnames = Hostnames(self.changed.append, self.lookup)

    async def lookup(self, name: str) -> Found:
        self.asked.append((asyncio.get_running_loop().time(), name))
        await asyncio.sleep(self.takes_s(name))
        return self.answer(name)

    def times(self, name: str = LB) -> list[float]:
        return [at for at, asked in self.asked if asked == name]

    @asynccontextmanager
    async def running(self, *names: str) -> AsyncIterator[Hostnames]:
        self.hostnames.want(frozenset(names))
        task = asyncio.create_task(self.hostnames.run())
        await asyncio.sleep(0.01)
        yield self.hostnames
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_name_that_is_not_wanted_is_not_known() -> None:
    hostnames = Hostnames(lambda _: None)
    assert hostnames.addresses(LB) is None
    assert hostnames.problem(LB) is None


@pytest.mark.looptime
async def test_both_families_stand_together_in_order() -> None:
    script = Script(lambda _: addresses("192.0.2.1", aaaa=("2001:db8::1",)))
    async with script.running(LB) as hostnames:
        assert hostnames.addresses(LB) == ("192.0.2.1", "2001:db8::1")
        assert hostnames.problem(LB) is None
    assert script.changed == [LB]


@pytest.mark.looptime
@pytest.mark.parametrize(("ttl_s", "pause_s"), [(60, 60), (0, 5), (86_400, 300)])
async def test_a_name_is_asked_again_when_its_ttl_is_over_within_bounds(ttl_s: float, pause_s: float) -> None:
    script = Script(lambda _: addresses("192.0.2.1", ttl_s=ttl_s))
    async with script.running(LB):
        await asyncio.sleep(pause_s * 5)
    pauses = [later - earlier for earlier, later in pairwise(script.times())]
    assert len(pauses) >= 3
    assert all(pause_s <= pause <= pause_s * 1.1 + 0.001 for pause in pauses)


@pytest.mark.looptime
async def test_an_answer_that_stays_the_same_is_no_change() -> None:
    script = Script(lambda _: addresses("192.0.2.1"))
    async with script.running(LB):
        await asyncio.sleep(1000)
    assert len(script.asked) > 10
    assert script.changed == [LB]


@pytest.mark.looptime
async def test_the_last_good_answer_stays_while_the_name_does_not_resolve() -> None:
    script = Script(lambda _: addresses("192.0.2.1"))
    async with script.running(LB) as hostnames:
        script.answer = lambda _: failing()
        await asyncio.sleep(100)
        assert hostnames.addresses(LB) == ("192.0.2.1",)
        problem = hostnames.problem(LB)
        assert problem is not None
        assert problem.text == (
            f"load balancer host name {LB}: there is no such name (NXDOMAIN); its last addresses stay"
        )
        script.answer = lambda _: addresses("192.0.2.9")
        await asyncio.sleep(100)
        assert hostnames.addresses(LB) == ("192.0.2.9",)
        assert hostnames.problem(LB) is None
    assert script.changed == [LB] * 3


@pytest.mark.looptime
async def test_a_name_that_never_resolved_has_no_addresses_and_a_problem() -> None:
    script = Script(lambda _: failing("every name server failed or refused to answer"))
    async with script.running(LB) as hostnames:
        assert hostnames.addresses(LB) is None
        problem = hostnames.problem(LB)
        assert problem is not None
        assert problem.reason == "HostnameNotResolved"
        assert problem.text.endswith("every name server failed or refused to answer")


@pytest.mark.looptime
async def test_a_name_that_has_no_addresses_any_more_keeps_the_last_ones() -> None:
    script = Script(lambda _: addresses("192.0.2.1"))
    async with script.running(LB) as hostnames:
        script.answer = lambda _: addresses()
        await asyncio.sleep(100)
        assert hostnames.addresses(LB) == ("192.0.2.1",)
        problem = hostnames.problem(LB)
        assert problem is not None
        assert "it has no addresses" in problem.text


@pytest.mark.looptime
async def test_a_family_that_goes_while_the_other_stays_is_gone() -> None:
    script = Script(lambda _: addresses("192.0.2.1", aaaa=("2001:db8::1",)))
    async with script.running(LB) as hostnames:
        script.answer = lambda _: addresses(aaaa=("2001:db8::1",))
        await asyncio.sleep(100)
        assert hostnames.addresses(LB) == ("2001:db8::1",)
        assert hostnames.problem(LB) is None


@pytest.mark.looptime
async def test_a_family_that_is_not_answered_keeps_its_own_while_the_other_moves() -> None:
    script = Script(lambda _: addresses("192.0.2.1", aaaa=("2001:db8::1",)))
    async with script.running(LB) as hostnames:
        script.answer = lambda _: {**addresses("192.0.2.2"), "AAAA": FamilyFound(None, trouble="away")}
        await asyncio.sleep(100)
        assert hostnames.addresses(LB) == ("192.0.2.2", "2001:db8::1")
        problem = hostnames.problem(LB)
        assert problem is not None
        assert "away" in problem.text


@pytest.mark.looptime
async def test_failures_are_tried_again_with_growing_pauses_of_at_most_a_minute() -> None:
    script = Script(lambda _: failing())
    async with script.running(LB):
        await asyncio.sleep(1000)
    pauses = [later - earlier for earlier, later in pairwise(script.times())]
    assert pauses[0] < 1
    assert max(pauses) <= 66.001
    assert 20 <= len(pauses) <= 60


@pytest.mark.servers  # takes its time
@pytest.mark.looptime
async def test_hundreds_of_names_that_never_answer_do_not_delay_one_that_does() -> None:
    dead = [f"dead-{number}.example.com." for number in range(300)]
    script = Script(
        lambda name: addresses("192.0.2.1", ttl_s=10) if name == LB else failing("no answer"),
        takes_s=lambda name: 0.0 if name == LB else 30.0,  # longer than any lane of all names could bear
    )
    async with script.running(*dead, LB):
        await asyncio.sleep(400)  # until each of the dead ones is known to be so
        begin = asyncio.get_running_loop().time()
        await asyncio.sleep(1000)
    at = [time for time in script.times() if time >= begin]
    assert max(later - earlier for earlier, later in pairwise(at)) <= 11.001


@pytest.mark.looptime
async def test_names_come_and_go() -> None:
    script = Script(lambda _: addresses("192.0.2.1"))
    async with script.running(LB) as hostnames:
        hostnames.want(frozenset({"other.example.com."}))
        await asyncio.sleep(0.01)
        assert hostnames.addresses("other.example.com.") == ("192.0.2.1",)
        assert hostnames.addresses(LB) is None
        before = len(script.times())
        await asyncio.sleep(1000)
        assert len(script.times()) == before


@pytest.mark.looptime
async def test_a_name_that_goes_while_it_is_asked_for_leaves_nothing_behind() -> None:
    script = Script(lambda _: addresses("192.0.2.1"), takes_s=lambda _: 1.0)
    async with script.running(LB) as hostnames:
        hostnames.want(frozenset())
        await asyncio.sleep(10)
        assert hostnames.addresses(LB) is None
    assert script.changed == []


@pytest.mark.looptime
async def test_what_is_known_outlives_a_new_start() -> None:
    script = Script(lambda _: addresses("192.0.2.1"))
    async with script.running(LB):
        pass
    script.answer = lambda _: failing()
    async with script.running(LB) as hostnames:
        assert hostnames.addresses(LB) == ("192.0.2.1",)


@pytest.mark.looptime
async def test_one_pass_asks_for_everything_and_leaves_what_is_late() -> None:
    script = Script(lambda _: addresses("192.0.2.1"), takes_s=lambda name: 60.0 if name == "late." else 1.0)
    script.hostnames.want(frozenset({LB, "late."}))
    begin = asyncio.get_running_loop().time()
    await script.hostnames.resolve_all(10)
    assert asyncio.get_running_loop().time() - begin == pytest.approx(10)
    assert script.hostnames.addresses(LB) == ("192.0.2.1",)
    assert script.hostnames.addresses("late.") is None
    problem = script.hostnames.problem("late.")
    assert problem is not None
    assert problem.text.endswith("not resolved within 10 s")


async def test_a_load_balancer_that_moves_is_followed_in_a_real_server(bind: DnsServer) -> None:
    bind.seed("lb 1 A 192.0.2.1")
    moved = asyncio.Event()
    hostnames = Hostnames(lambda _: moved.set(), lookup_through(bind.host, bind.port))
    hostnames.want(frozenset({LB}))
    await hostnames.resolve_all(5)
    assert hostnames.addresses(LB) == ("192.0.2.1",)
    update = dns.update.UpdateMessage("example.com", keyring=bind.keyring())
    update.replace("lb", 1, "A", "192.0.2.2")
    await asyncio.to_thread(dns.query.tcp, update, bind.host, port=bind.port, timeout=5)
    moved.clear()
    task = asyncio.create_task(hostnames.run())
    await asyncio.wait_for(moved.wait(), 5)
    assert hostnames.addresses(LB) == ("192.0.2.2",)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
