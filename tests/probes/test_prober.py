import asyncio
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.model.probing import HttpProbe, Probe, ProbeState, TcpProbe, Track
from feddns.probes.prober import Prober
from tests.probes.scripted import ILL, LOOPBACK, NOW, PROBE, WELL, Script, fleet, probing, running
from tests.virtual import virtually

ONE, TWO = "10.0.0.1", "10.0.0.2"
FASTER = msgspec.structs.replace(PROBE, interval_s=2.0)


@pytest.mark.looptime
async def test_a_new_target_is_asked_at_once_and_then_at_its_interval_give_or_take_a_tenth() -> None:
    script = Script()
    async with probing(script) as prober:
        prober.want("shop", {ONE: PROBE})
        await asyncio.sleep(0.005)
        assert script.asked[ONE] == [0.0]
        await asyncio.sleep(300)
    first, *others = script.pauses(ONE)
    assert 0 <= first <= 10
    assert len(others) > 25
    assert min(others) >= 9
    assert max(others) <= 11.01
    assert max(others) - min(others) > 0.5


@pytest.mark.servers  # takes its time
@pytest.mark.looptime
async def test_targets_that_came_together_are_spread_over_the_interval() -> None:
    script = Script()
    async with probing(script) as prober:
        prober.want("shop", fleet(1000))
        await asyncio.sleep(12)
    second = sorted(times[1] for times in script.asked.values())
    tenths = [sum(1 for each in second if number <= each < number + 1) for number in range(10)]
    assert min(tenths) > 50
    assert max(tenths) < 200


@pytest.mark.looptime
async def test_no_more_questions_are_under_way_than_may_be() -> None:
    script = Script()
    script.took_s = dict.fromkeys(fleet(100), 3.0)
    async with probing(script, concurrency=10) as prober:
        prober.want("shop", fleet(100))
        await asyncio.sleep(1)
        assert script.under_way == 10
        await asyncio.sleep(60)
        assert max(prober.figures().lateness_s) > 20
        assert script.most_under_way == 10
        assert len(script.asked) == 100
        prober.want("shop", fleet(10))
        await asyncio.sleep(100)
        assert max(prober.figures().lateness_s) < 1


@pytest.mark.servers  # takes its time
@pytest.mark.looptime
async def test_a_dark_cluster_does_not_hold_up_the_questions_to_others() -> None:
    script, dark, bright = Script(), list(fleet(200))[:100], list(fleet(200))[100:]
    script.took_s = dict.fromkeys(dark, 3.0)
    script.answers = dict.fromkeys(dark, ILL)
    async with probing(script, concurrency=8) as prober:
        prober.want("shop", fleet(200))
        await asyncio.sleep(200)
    assert max(pause for address in bright for pause in script.pauses(address)[10:]) < 11.1
    assert max(pause for address in dark for pause in script.pauses(address)[2:]) > 40


@pytest.mark.servers  # takes its time
@pytest.mark.looptime
async def test_rounds_that_were_missed_are_not_made_up_for() -> None:
    script = Script()
    async with probing(script) as prober:
        prober.want("shop", {ONE: PROBE})
        await asyncio.sleep(15)
        script.took_s[ONE] = 95.0
        await asyncio.sleep(300)
    assert max(script.pauses(ONE)) == pytest.approx(95, abs=0.1)
    assert all(pause >= 9 for pause in script.pauses(ONE)[1:])


@pytest.mark.looptime
async def test_the_same_question_is_asked_once_for_all_who_want_it() -> None:
    script = Script()
    async with probing(script) as prober:
        prober.want("shop", {ONE: PROBE})
        prober.want("web", {ONE: Probe(TcpProbe(80)), TWO: PROBE})
        await asyncio.sleep(5)
        assert script.told == [{"shop", "web"}]
        prober.want("web", {TWO: PROBE})
        await asyncio.sleep(20)
        prober.want("shop", {})
        script.asked.clear()
        await asyncio.sleep(30)
        assert prober.figures().targets == 1
    assert set(script.asked) == {TWO}


@pytest.mark.looptime
async def test_users_are_told_of_changes_and_never_of_more_of_the_same() -> None:
    script = Script()
    script.answers[ONE] = ILL
    async with probing(script) as prober:
        prober.want("shop", {ONE: PROBE})
        await asyncio.sleep(1)
        assert len(script.told) == 1  # the first result, though it decides nothing yet
        assert prober.tracks("shop")[ONE].state is ProbeState.UNTESTED
        await asyncio.sleep(40)
        assert len(script.told) == 2
        assert prober.tracks("shop")[ONE].state is ProbeState.FAILING
        script.answers[ONE] = WELL
        await asyncio.sleep(1000)
        assert len(script.told) == 3
        track = prober.tracks("shop")[ONE]
    assert (track.state, track.text, track.since, track.tested_at) == (ProbeState.PASSING, "well", NOW, NOW)


@pytest.mark.looptime
async def test_changes_that_come_together_are_told_together() -> None:
    script = Script()
    async with probing(script) as prober:
        for number in range(50):
            prober.want(number, {f"10.0.0.{number}": PROBE})
        await asyncio.sleep(5)
    assert script.told == [frozenset(range(50))]


@pytest.mark.looptime
async def test_another_pace_keeps_what_is_known_and_another_question_begins_anew() -> None:
    script = Script()
    script.answers[ONE] = ILL
    async with probing(script) as prober:
        prober.want("shop", {ONE: PROBE})
        await asyncio.sleep(60)
        failing = prober.tracks("shop")[ONE]
        prober.want("shop", {ONE: FASTER})
        assert prober.tracks("shop")[ONE] == failing
        prober.want("shop", {ONE: Probe(HttpProbe(80))})
        assert prober.tracks("shop")[ONE].state is ProbeState.UNTESTED
        await asyncio.sleep(1)
        assert script.probes[-1].question == HttpProbe(80)


@pytest.mark.looptime
async def test_what_may_not_be_probed_is_refused_with_the_reason() -> None:
    script = Script()
    async with probing(script) as prober:
        prober.want("shop", {"127.0.0.1": PROBE, ONE: PROBE})
        await asyncio.sleep(30)
        tracks = dict(prober.tracks("shop"))
        text = "never asked: it is a loopback address, and `health.probing.allow` does not list it"
        assert tracks.pop("127.0.0.1") == Track(hindrance=text)
        assert tracks.keys() == script.asked.keys() == {ONE}
        assert not prober.tracks("nobody")


@pytest.mark.looptime
async def test_a_question_under_way_ends_with_the_wish() -> None:
    script = Script()
    script.took_s[ONE] = 3.0
    async with probing(script) as prober:
        prober.want("shop", {ONE: PROBE})
        await asyncio.sleep(1)
        prober.want("shop", {})
        prober.want("shop", {ONE: PROBE})
        await asyncio.sleep(0.1)
        assert script.under_way == 1
        assert len(script.asked[ONE]) == 2
        await asyncio.wait_for(prober.first_results(), 3)
    assert script.told == [{"shop"}]


@pytest.mark.looptime
async def test_a_prober_that_is_started_again_goes_on() -> None:
    script = Script()
    script.took_s[ONE] = 3.0
    prober = Prober(script.told.append, lambda: NOW, script.ask, allowed=LOOPBACK)
    prober.want("shop", {ONE: PROBE})
    async with running(prober):
        await asyncio.sleep(1)
    assert script.under_way == 0
    async with running(prober):
        await asyncio.wait_for(prober.first_results(), 4)
    assert prober.tracks("shop")[ONE].state is ProbeState.PASSING


@pytest.mark.looptime
async def test_in_haste_enough_failures_come_within_seconds() -> None:
    script = Script()
    script.answers = {ONE: ILL, TWO: WELL}
    async with probing(script, hasty=True) as prober:
        await prober.first_results()
        prober.want("shop", {ONE: PROBE, TWO: PROBE})
        await asyncio.wait_for(prober.first_results(), 2.1)
        states = {address: track.state for address, track in prober.tracks("shop").items()}
    assert states == {ONE: ProbeState.FAILING, TWO: ProbeState.PASSING}


@pytest.mark.looptime
async def test_waiting_for_first_results_ends_when_nobody_wants_them_any_more() -> None:
    script = Script()
    script.took_s[ONE] = 3.0
    async with probing(script) as prober:
        prober.want("shop", {ONE: PROBE})
        waits = asyncio.create_task(prober.first_results())
        await asyncio.sleep(1)
        assert not waits.done()
        prober.want("shop", {})
        await asyncio.wait_for(waits, 0.1)


wishes = st.dictionaries(st.sampled_from([ONE, TWO, "127.0.0.1", "10.0.0.3"]), st.sampled_from([PROBE, FASTER]))
calls = st.lists(st.tuples(st.sampled_from("abc"), wishes, st.sampled_from([0.0, 0.005, 3.0])), max_size=12)


@given(calls)
def test_after_any_wishes_exactly_the_wanted_addresses_are_asked(
    calls: list[tuple[str, dict[str, Probe], float]],
) -> None:
    async def main() -> None:
        script, last = Script(), dict[str, dict[str, Probe]]()
        async with probing(script, concurrency=2) as prober:
            for user, wish, pause_s in calls:
                last[user] = wish
                prober.want(user, wish)
                await asyncio.sleep(pause_s)
            wanted = {(address, probe) for wish in last.values() for address, probe in wish.items()}
            await asyncio.wait_for(prober.first_results(), 30)
            script.asked.clear()
            await asyncio.sleep(12)
            fine = {address for address, _ in wanted} - {"127.0.0.1"}
            assert script.asked.keys() == fine
            assert prober.figures().targets == len({each for each in wanted if each[0] in fine})
            for user, wish in last.items():
                tracks = prober.tracks(user)
                assert tracks.keys() == wish.keys()
                for address, track in tracks.items():
                    assert (track.state is ProbeState.PASSING) is (address in fine)
                    assert bool(track.hindrance) is (address not in fine)

    virtually(main())


@pytest.mark.looptime
async def test_an_unchanged_wish_costs_next_to_nothing() -> None:
    script = Script()
    async with probing(script) as prober:
        wish = fleet(8)
        prober.want("shop", wish)
        began = time.perf_counter()
        for _ in range(10_000):
            prober.want("shop", dict(wish))
        assert time.perf_counter() - began < 1
