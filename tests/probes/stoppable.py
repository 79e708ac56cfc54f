"""A process that probes one port of 127.0.0.1 by HTTP and prints what it believes: `state void` at each change.

A single failure that counts makes the address fail.
"""

import asyncio
import sys
import time

from feddns.model.probing import HttpProbe, Probe
from feddns.probes.ask import Asker
from feddns.probes.prober import Prober
from tests.probes.listening import no_headers
from tests.probes.scripted import LOOPBACK, running

ADDRESS = "127.0.0.1"
INTERVAL_S = 0.2
TIMEOUT_S = 0.8


async def main(port: int) -> None:
    prober = Prober(lambda _: None, time.time, Asker(no_headers).ask, allowed=LOOPBACK)
    prober.want("shop", {ADDRESS: Probe(HttpProbe(port), INTERVAL_S, TIMEOUT_S, rise=1, fall=1)})
    last = ""
    async with running(prober):
        while True:
            await asyncio.sleep(0.01)
            now = f"{prober.tracks('shop')[ADDRESS].state} {prober.figures().void}"
            if now != last:
                sys.stdout.write(f"{now}\n")
                sys.stdout.flush()
                last = now


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
