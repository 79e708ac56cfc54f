"""`python -m tests.soak`: three API servers, BIND and two replicas of feddns under random changes and faults."""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from tests.lab.federation import Lab
from tests.soak.soak import Report, Say, soak


def main() -> int:
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="feddns-soak-")) if options.folder is None else options.folder
    seed = random.SystemRandom().randrange(1_000_000) if options.seed is None else options.seed
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:7.1f} s  {text}", file=sys.stderr, flush=True)

    say(f"--minutes {options.minutes:g} --seed {seed}; logs are in {folder}")
    lab = Lab(folder=folder / "lab", controllers=False)
    try:
        report = asyncio.run(_soak(lab, folder, options.minutes, seed, say))
    finally:
        lab.close()
    print(msgspec.json.format(msgspec.json.encode(report)).decode())
    for text in report.faulty:
        say(f"FAULTY: {text}")
    return 1 if report.faulty else 0


async def _soak(lab: Lab, folder: Path, minutes: float, seed: int, say: Say) -> Report:
    await lab.start()
    return await soak(lab, folder / "replicas", minutes, seed, say)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="how long things change and fail")
    parser.add_argument("--seed", type=int, help="what all chance comes from; by default another one each time")
    parser.add_argument("--folder", type=Path, help="an empty folder for logs; by default a temporary one that stays")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
