"""What goes wrong with the next requests, one after another."""

import enum
from collections.abc import Callable

import msgspec

from tests.providers.fakes.clouddns.refusal import Refused


class Cut(enum.Enum):
    """The connection is reset, and no answer comes."""

    BEFORE = "before it is carried out"
    AFTER = "after it was carried out"


class Fault(msgspec.Struct, frozen=True):
    """What happens to the next request of a method.

    Attributes:
        what: the answer in place of the true one, or none at all.
        method: such as `changes.create`.
    """

    what: Refused | Cut
    method: str = "changes.create"


class Script:
    """Faults that wait for their requests.

    Attributes:
        chance: tells what happens to a request of a method that none is waiting for.
    """

    def __init__(self) -> None:
        self.chance: Callable[[str], Refused | Cut | None] = lambda _: None
        self._waiting: list[Fault] = []

    def add(self, *faults: Fault) -> None:
        self._waiting.extend(faults)

    def clear(self) -> None:
        self._waiting.clear()

    @property
    def is_over(self) -> bool:
        return not self._waiting

    def take(self, method: str) -> Refused | Cut | None:
        """What happens to this request."""
        for fault in self._waiting:
            if fault.method == method:
                self._waiting.remove(fault)
                return fault.what
        return self.chance(method)
