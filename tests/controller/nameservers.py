"""A BIND with a secondary, as zones have in the field: what is written at the one comes to the other a moment later."""

import re
from typing import Final

from tests.lab.processes import free_port
from tests.servers import Bind

DELAY_S: Final = 1
"""How long the primary waits before it tells its secondary of a change; BIND counts whole seconds."""


class Primary(Bind):
    """Tells its secondary of each change, after a while."""

    def __init__(self, secondary_port: int) -> None:
        super().__init__()
        self._secondary_port = secondary_port

    def _configure(self) -> list[str]:
        command = super()._configure()
        path = self.folder / "named.conf"
        told = f"notify explicit; notify-delay {DELAY_S}; also-notify {{ {self.host} port {self._secondary_port}; }};"
        path.write_text(path.read_text().replace("type primary;", f"type primary; {told}"))
        return command


class Secondary(Bind):
    """Holds a copy of the primary's zone."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._fixed_port = port
        self.primary: Primary | None = None

    def start(self) -> None:
        """Start where the primary expects it."""
        self.port = self._fixed_port
        assert self._launch(), self._running().tail()

    def _configure(self) -> list[str]:
        assert self.primary is not None
        command = super()._configure()
        path = self.folder / "named.conf"
        zone = (
            f'zone "{self.zone}" {{ type secondary; file "copy"; '
            f"primaries {{ {self.primary.host} port {self.primary.port} key {self.key_name}; }}; }};\n"
        )
        path.write_text(re.sub(r"^zone .*", "", path.read_text(), flags=re.MULTILINE | re.DOTALL) + zone)
        return command


def pair() -> tuple[Primary, Secondary]:
    """Both, not started yet; the primary is to be started first."""
    port = free_port()
    primary, secondary = Primary(port), Secondary(port)
    secondary.primary = primary
    return primary, secondary
