"""What is printed of many measurements."""

import math
import platform
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def summary(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 99th percentile and worst, in milliseconds, and how many measurements they are of."""
    ordered = sorted(seconds)
    p99 = ordered[math.ceil(0.99 * len(ordered)) - 1]
    figures = {"median": statistics.median(ordered), "p99": p99, "worst": ordered[-1]}
    return {f"{name}_ms": round(value * 1000, 1) for name, value in figures.items()} | {"changes": len(ordered)}


def memory(pid: int) -> dict[str, float]:
    """A process's resident memory in MiB: now (`VmRSS`) and at its highest (`VmHWM`)."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {
        f"{name}_mib": round(int(fields[field].split()[0]) / 1024, 1)
        for name, field in (("rss", "VmRSS"), ("peak_rss", "VmHWM"))
    }


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    info = Path("/proc/cpuinfo").read_text()
    models = {line.partition(": ")[2] for line in info.splitlines() if line.startswith("model name")}
    return {"cpus": info.count("processor\t"), "cpu": ", ".join(sorted(models)), "python": platform.python_version()}


def say(text: str) -> None:
    """Tell how far the run is; the figures alone go to standard output."""
    sys.stderr.write(f"{text}\n")
