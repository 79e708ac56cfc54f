"""What keeps the prober itself from asking, which is no evidence on anybody."""

import asyncio
import socket
import time

import msgspec
import pytest

from feddns.model.probing import HttpProbe, Probe, ProbeState
from feddns.probes.answer import Outcome, hindered
from feddns.probes.ask import Asker
from feddns.probes.prober import Prober
from tests.probes.listening import no_headers
from tests.probes.scripted import ILL, LOOPBACK, NOW, PROBE, WELL, Script, probing, running

ONE, TWO = "10.0.0.1", "10.0.0.2"


@pytest.mark.looptime
async def test_what_we_could_not_ask_changes_nothing_but_is_told_once() -> None:
    script = Script()
    script.answers[ONE] = hindered("no route")
    async with probing(script) as prober:
        prober.want("shop", {ONE: PROBE})
        await asyncio.wait_for(prober.first_results(), 1)
        await asyncio.sleep(100)
        track = prober.tracks("shop")[ONE]
        assert (track.state, track.hindrance, track.tested_at) == (ProbeState.UNTESTED, "no route", None)
        assert len(script.told) == 1
        script.answers[ONE] = WELL
        await asyncio.sleep(20)
        script.answers[ONE] = hindered("no route")
        await asyncio.sleep(100)
        track = prober.tracks("shop")[ONE]
        assert (track.state, track.hindrance) == (ProbeState.PASSING, "no route")
        assert len(script.told) == 2


@pytest.mark.looptime
async def test_it_is_told_when_a_failing_address_cannot_be_asked_any_more_and_when_it_can() -> None:
    script = Script()
    script.answers[ONE] = ILL
    async with probing(script) as prober:
        prober.want("shop", {ONE: PROBE})
        await asyncio.sleep(60)
        told = len(script.told)
        script.answers[ONE] = hindered("no route")
        await asyncio.sleep(30)
        assert len(script.told) == told + 1
        script.answers[ONE] = ILL
        await asyncio.sleep(30)
        assert len(script.told) == told + 2
        track = prober.tracks("shop")[ONE]
        assert (track.state, track.hindrance) == (ProbeState.FAILING, "")


@pytest.mark.looptime
async def test_an_unforeseen_error_ends_one_question_and_nothing_else() -> None:
    script = Script()
    script.answers[ONE] = ZeroDivisionError()
    async with probing(script) as prober:
        prober.want("shop", {ONE: PROBE, TWO: PROBE})
        await asyncio.sleep(100)
        tracks = prober.tracks("shop")
    assert tracks[ONE].hindrance == "an error in feddns: ZeroDivisionError"
    assert tracks[TWO].state is ProbeState.PASSING
    assert len(script.asked[ONE]) >= 9


async def test_what_failed_while_our_process_was_away_does_not_count() -> None:
    probe = Probe(HttpProbe(0), interval_s=0.1, timeout_s=0.2, fall=1)
    told: list[frozenset[object]] = []
    prober = Prober(told.append, lambda: NOW, Asker(no_headers).ask, allowed=LOOPBACK)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        question = HttpProbe(silent.getsockname()[1])
        prober.want("shop", {"127.0.0.1": msgspec.structs.replace(probe, question=question)})
        async with running(prober):
            await asyncio.sleep(0.05)
            time.sleep(0.4)  # noqa: ASYNC251 - this is what is tested
            await asyncio.sleep(0.05)
            assert prober.figures().void >= 1
            assert prober.tracks("shop")["127.0.0.1"].tested_at is None
            async with asyncio.timeout(10):
                while not told:  # noqa: ASYNC110 - what tells is what is tested
                    await asyncio.sleep(0.01)
    assert prober.tracks("shop")["127.0.0.1"].state is ProbeState.FAILING
    assert prober.figures().asked[Outcome.FAILED] == 1
