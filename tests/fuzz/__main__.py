"""Runs one fuzz target, or all of them one after the other, under atheris (libFuzzer for Python).

    python -m tests.fuzz dns_datagram --runs 1000000
    python -m tests.fuzz all --seconds 60
    python -m tests.fuzz orders --runs 200000 --keep

What it finds is written beside the corpus as `crash-*` with the traceback above it; it becomes a test, and a seed. With
`--keep` inputs that reach new code are added to the kept corpus, the smallest that do.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from tests.fuzz.names import CORPUS, names

MOST_KEPT = 48
LONGEST = {"dns_datagram": 600, "dns_stream": 1_200}
"""Octets of an input, where it is not 4,096."""


def main() -> int:
    options = _options()
    if options.target == "all":
        return max(subprocess.call(_command(name, options)) for name in names())
    if options.keep:
        return _keep(options)
    _fuzz(options.target, options)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=[*names(), "all"])
    parser.add_argument("--runs", type=int, default=-1, help="inputs to try")
    parser.add_argument("--seconds", type=int, default=0, help="end after so long")
    parser.add_argument(
        "--seed", type=int, default=0, help="what all chance comes from; by default another one each time"
    )
    parser.add_argument("--keep", action="store_true", help="add to the kept corpus what reaches new code")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _command(name: str, options: argparse.Namespace, *more: str) -> list[str]:
    limits = ["--runs", str(options.runs), "--seconds", str(options.seconds), "--seed", str(options.seed)]
    return [sys.executable, "-m", "tests.fuzz", name, *limits, *more]


def _fuzz(name: str, options: argparse.Namespace) -> None:
    import atheris  # noqa: PLC0415 - of the group `fuzz`; the corpus is replayed without it

    with atheris.instrument_imports(include=["feddns"], enable_loader_override=False):
        target: Callable[[bytes], None] = import_module(f"tests.fuzz.targets.{name}").fuzz
    with tempfile.TemporaryDirectory(prefix="feddns-fuzz-") as found:
        kept = CORPUS / name
        flags = [
            f"-runs={options.runs}",
            f"-max_total_time={options.seconds}",
            f"-seed={options.seed}",
            f"-max_len={LONGEST.get(name, 4_096)}",
            f"-artifact_prefix={kept}/",
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *flags, str(options.folder or found), str(kept)], target)
        atheris.Fuzz()


def _keep(options: argparse.Namespace) -> int:
    kept = CORPUS / options.target
    with tempfile.TemporaryDirectory(prefix="feddns-fuzz-") as found:
        failed = subprocess.call(_command(options.target, options, "--folder", found))
        if failed:
            return failed
        room = MOST_KEPT - sum(1 for _ in kept.iterdir())
        by_size = sorted(Path(found).iterdir(), key=lambda path: (path.stat().st_size, path.name))
        for path in by_size[:: max(1, len(by_size) // max(1, room))][: max(0, room)]:
            (kept / path.name[:16]).write_bytes(path.read_bytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
