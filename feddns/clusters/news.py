"""What turned about the Services of one cluster and was not told to their owners yet.

Like everything here it is a level and no history: of what turned to and fro while nobody could be told, nothing is
left.
"""

from collections.abc import Iterator

import msgspec

from feddns.model.notices import Notice
from feddns.model.services import ServiceKey


class News:
    """At most one notice for each topic of each Service."""

    def __init__(self) -> None:
        self._kept: dict[ServiceKey, dict[str, Notice]] = {}

    def note(self, key: ServiceKey, notice: Notice) -> None:
        """Take note that something turned, in place of how it had turned before."""
        waiting = self._kept.setdefault(key, {})
        before = waiting.pop(notice.topic, notice).before
        if before != notice.after:
            waiting[notice.topic] = msgspec.structs.replace(notice, before=before)
        if not waiting:
            del self._kept[key]

    def told(self, key: ServiceKey, notice: Notice) -> None:
        """Take note that the owner was told; what has turned since then waits as ever."""
        waiting = self._kept.get(key, {})
        latest = waiting.pop(notice.topic, notice)
        if latest.after != notice.after:
            waiting[notice.topic] = msgspec.structs.replace(latest, before=notice.after)
        if not waiting:
            self._kept.pop(key, None)

    def waiting(self) -> Iterator[tuple[ServiceKey, Notice]]:
        """What was not told yet."""
        for key, notices in self._kept.items():
            yield from ((key, notice) for notice in notices.values())

    def forget(self, key: ServiceKey) -> None:
        """The Service is gone, and its owner with it."""
        self._kept.pop(key, None)

    def clear(self) -> None:
        """Tell nothing of what was until now."""
        self._kept.clear()
