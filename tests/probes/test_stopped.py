import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from tests.lab.processes import Process
from tests.probes.listening import listening
from tests.probes.stoppable import TIMEOUT_S

pytestmark = pytest.mark.servers

START_S = 20.0


class Pace:
    """How long the server thinks."""

    seconds = TIMEOUT_S / 4


@asynccontextmanager
async def a_slow_server() -> AsyncIterator[tuple[int, Pace]]:
    pace = Pace()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(pace.seconds)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()

    async with listening(serve) as port:
        yield port, pace


@contextmanager
def a_prober(port: int, folder: Path) -> Iterator[Process]:
    process = Process([sys.executable, "-m", "tests.probes.stoppable", str(port)], folder / "log")
    process.start()
    try:
        yield process
    finally:
        process.send(signal.SIGCONT)
        process.kill()


async def told(process: Process, what: str) -> None:
    async with asyncio.timeout(START_S):
        while what not in process.tail():  # noqa: ASYNC110 - it is another process that says it
            await asyncio.sleep(0.02)


async def test_a_process_that_is_stopped_and_goes_on_blames_nobody(tmp_path: Path) -> None:
    async with a_slow_server() as (port, pace):
        with a_prober(port, tmp_path) as process:
            await told(process, "passing")
            for _ in range(5):
                process.send(signal.SIGSTOP)
                await asyncio.sleep(1.5 * TIMEOUT_S)
                process.send(signal.SIGCONT)
                await asyncio.sleep(TIMEOUT_S)
            states = process.tail().splitlines()
            assert not any(line.startswith("failing") for line in states), states
            assert states[-1] != "passing 0", "no question was under way when the process was stopped"
            pace.seconds = 2 * TIMEOUT_S
            await told(process, "failing")
