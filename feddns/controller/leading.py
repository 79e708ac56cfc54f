"""What only the leader does: it writes zones that all replicas share, and tells the owners of Services of problems."""

from collections.abc import Iterable

from feddns.controller.assemble import Federation
from feddns.controller.targets import Target
from feddns.leadership.opening import Alone
from feddns.providers.base import PerReplica
from feddns.providers.writer import ZoneWriter


class Leading:
    """Holds the parts of a federation to that.

    Everything else goes on in a standby as in the leader: what it sees, believes and would write is ready when it takes
    over. A replica that always leads is held to nothing.
    """

    def __init__(self, federation: Federation) -> None:
        self._federation = federation
        self._tenure = federation.leadership.tenure
        if not isinstance(federation.leadership, Alone):
            self._tenure.tell(self._writers)
            federation.observatory.fleet.reporting = self._tenure.while_it_lasts
        self.admit(federation.targets)

    def admit(self, targets: Iterable[Target]) -> None:
        """Hold these targets to it, too, before anything is written for them."""
        if not isinstance(self._federation.leadership, Alone):
            for target in targets:
                if not isinstance(target.provider, PerReplica):
                    target.writer.gate.guard(self._tenure.lasts)

    def _writers(self) -> list[ZoneWriter]:
        """Of the targets that there are now."""
        return [each.writer for each in self._federation.targets if not isinstance(each.provider, PerReplica)]
