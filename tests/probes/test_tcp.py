import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from feddns.model.probing import TcpProbe
from feddns.probes.answer import Outcome, failed, succeeded
from tests.probes.listening import SHORT_S, asked, closed_port, full_backlog, listening, says


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_connection_that_is_taken_is_a_success(host: str) -> None:
    async with listening(says(), host) as port:
        assert await asked(TcpProbe(port), host) == succeeded("connection taken")


async def test_a_refusal_and_silence_are_failures() -> None:
    with closed_port() as port:
        assert await asked(TcpProbe(port)) == failed("connection refused")
    with full_backlog() as port:
        assert await asked(TcpProbe(port), timeout_s=SHORT_S) == failed("no answer within 250ms")


async def test_nothing_is_left_of_a_connection_when_the_question_is_over() -> None:
    ended = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        try:
            ended.set_result(await reader.read(1))
        except ConnectionResetError:
            ended.set_result("reset")

    async with listening(serve) as port:
        await asked(TcpProbe(port))
        assert await asyncio.wait_for(ended, 5) == "reset"


def open_files() -> set[Path]:
    return set(Path("/proc/self/fd").iterdir())


async def test_sockets_are_closed_whatever_becomes_of_the_question() -> None:
    with full_backlog() as port:
        before = open_files()
        await asked(TcpProbe(port), timeout_s=0.02)
        cancelled = asyncio.create_task(asked(TcpProbe(port)))
        await asyncio.sleep(0.01)
        assert len(open_files()) == len(before) + 1
        cancelled.cancel()
        await asyncio.gather(cancelled, return_exceptions=True)
        assert open_files() == before


async def test_an_address_that_we_have_no_route_to_says_nothing_of_it() -> None:
    # Linux refuses connections to multicast groups as it does where there is no route, before a packet is sent.
    answer = await asked(TcpProbe(80), "224.0.0.1")
    assert answer.outcome is Outcome.HINDERED
    assert answer.text == "feddns has no route to IPv4 addresses such as this one"


@contextmanager
def no_more_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_too_many_open_files_are_our_own_fault() -> None:
    with no_more_files():
        answer = await asked(TcpProbe(80))
    assert answer.outcome is Outcome.HINDERED
    assert "ulimit -n" in answer.text
