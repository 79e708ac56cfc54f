"""The Dockerfile as its instructions."""

import re
from collections.abc import Iterator

from tests.rules.files import ROOT

TEXT = (ROOT / "Dockerfile").read_text()


def instructions(kind: str) -> list[str]:
    """The arguments of all instructions of one kind, in their order; those of several lines in one."""
    return [rest for found, rest in _all() if found == kind]


def environment() -> dict[str, str]:
    """The environment of the image's processes."""
    return dict(re.findall(r"(\w+)=(\S+)", instructions("ENV")[-1]))


def _all() -> Iterator[tuple[str, str]]:
    lines = [line for line in TEXT.splitlines() if line.strip() and not line.startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        kind, _, rest = line.partition(" ")
        yield kind, rest
