"""No server outlives the tests, however they end."""

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import pytest

from tests.lab.api import until
from tests.lab.processes import Process

pytestmark = pytest.mark.servers

PARENT = """
import sys
from pathlib import Path
from tests.lab.processes import Process

child = Process(["sleep", "1000"], Path(sys.argv[1]))
child.start()
while Path(f"/proc/{child.pid}/comm").read_text() != "sleep\\n":
    pass
print(child.pid, flush=True)
sys.stdin.read()
"""


def is_there(process: Path) -> bool:
    return process.exists()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
async def test_a_process_dies_with_its_parent(tmp_path: Path, end: signal.Signals) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(tmp_path / "log"), stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )
    assert parent.stdout is not None
    child = Path("/proc") / (await parent.stdout.readline()).decode().strip()
    assert is_there(child)
    parent.send_signal(end)
    await parent.wait()

    async def gone() -> bool:
        return not is_there(child)

    await until(gone, 5)


async def test_a_process_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    script = "trap '' TERM; echo ready; while :; do sleep 1; done"
    process = Process(["bash", "-c", script], tmp_path / "log")
    process.start()

    async def ready() -> bool:
        return process.tail() == "ready"

    await until(ready, 5)
    await asyncio.to_thread(process.stop, 0.1)
    assert not process.running
