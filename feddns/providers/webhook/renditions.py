"""What DNS services make of what was asked for, so that it is known again."""

from feddns.model.records import RecordSet
from feddns.providers.webhook.endpoints import Key, key


class Renditions:
    """Remembers what became of record sets that were not kept as they were asked for.

    Many services raise a low TTL to their least one, or have none at all. Without this memory such a set would look
    changed by someone, and be written again, at every reading.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._asked: dict[Key, tuple[RecordSet, RecordSet]] = {}

    def note(self, asked: RecordSet, kept: RecordSet) -> None:
        """Take note of what was asked for and what is there now."""
        if asked == kept:
            self._asked.pop(key(asked), None)
        else:
            self._asked[key(asked)] = (kept, asked)

    def as_asked(self, found: RecordSet) -> RecordSet:
        """What was asked for, where this is what became of it; else what was found."""
        kept, asked = self._asked.get(key(found), (None, found))
        return asked if kept == found else found
