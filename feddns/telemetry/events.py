"""Every log event of feddns: its level, its constant message, and what it means; values travel as keys beside it."""

import enum
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

DEBUG: Final = logging.DEBUG
INFO: Final = logging.INFO
WARNING: Final = logging.WARNING
ERROR: Final = logging.ERROR


class LogEvent(enum.Enum):
    """One kind of line in the log."""

    CLUSTER_VISIBLE = (INFO, "cluster visible", "Everything of the cluster is listed and its API server answers.")
    CLUSTER_LOST = (WARNING, "cluster lost", "The cluster has been silent for too long; its answers stay as they are.")
    VERDICT = (
        INFO,
        "verdict",
        "A shard is judged otherwise than before, or will be soon: what it answers with, and why.",
    )
    CLOCK_JUMPED = (
        WARNING,
        "clock jumped",
        "The machine's wall clock was set; nothing is judged by it but what people ordered.",
    )
    RECORDS_WRITTEN = (INFO, "records written", "A batch of changes is in the zone.")
    NOT_VISIBLE = (
        WARNING,
        "write not visible",
        "Not every authoritative server gave the new answer in time: some gave another (stale), or none (unanswered).",
    )
    SERVERS_UNKNOWN = (
        INFO,
        "servers unknown",
        "No authoritative server of the zone can be found, so nobody is asked whether writes can be seen.",
    )
    WRITE_CONFLICT = (
        WARNING,
        "write conflict",
        "The zone was not as known: nothing was written, and it is read again.",
    )
    SERVICE_REFUSED = (
        ERROR,
        "service refused",
        "The provider refuses a service's records; the others go on without it.",
    )
    ZONE_REFUSED = (ERROR, "zone refused", "The zone holds names that are not this installation's: nothing is written.")
    DELETIONS_HELD = (
        ERROR,
        "deletions held",
        "More would be deleted for one cause than its budget allows, so it stays.",
    )
    PROVIDER_FAILED = (WARNING, "provider failed", "A provider could not be read or written; it is tried again.")
    CREDENTIALS_RENEWED = (
        INFO,
        "credentials renewed",
        "Files with credentials hold others now, which are used from now on.",
    )
    CREDENTIALS_KEPT = (
        WARNING,
        "credentials kept",
        "Files with credentials cannot be used any more: what they held before stays in use.",
    )
    PROBLEM = (WARNING, "problem", "Something of a service or cluster is not as it should be; the rest goes on.")
    PART_FAILED = (ERROR, "part failed", "A part of feddns ended by an error that nobody foresaw; it is started again.")
    SERVING = (INFO, "serving", "The embedded DNS server answers on these addresses.")
    WEB_SERVING = (INFO, "web serving", "Metrics and probes are answered over HTTP on this address.")
    ZONE_FILLED = (INFO, "zone filled", "The blank zone of the embedded DNS server has what another replica answers.")
    ZONE_NOT_FILLED = (
        WARNING,
        "zone not filled",
        "No other replica gave its zone, so a blank one has only what the clusters show.",
    )
    ZONE_FILE_FAILED = (WARNING, "zone file failed", "The zone's file cannot be read; the answers stay as they were.")
    TWINS_DIFFER = (WARNING, "twins differ", "Two targets of one zone hold different records for more than a moment.")
    TWINS_AGREE = (INFO, "twins agree", "Two targets of one zone hold the same records again.")
    NOT_FENCED = (
        WARNING,
        "not fenced",
        "The target's provider cannot carry a fence: make sure that no second feddns writes the same names.",
    )
    STARTED = (INFO, "started", "feddns runs.")
    STOPPED = (INFO, "stopped", "feddns ends, as it was told.")
    ABANDONED = (
        WARNING,
        "abandoned",
        "At the end something did not come to its own in time and is left: it was done as a whole or not at all.",
    )
    MEMBERS_UNREADABLE = (
        WARNING,
        "members unreadable",
        "The Secrets that bring clusters in cannot be read; the last known clusters stay.",
    )
    MEMBER_REFUSED = (
        WARNING,
        "member refused",
        "A Secret that should bring a cluster in cannot be used; the others go on, and a cluster that it had stays.",
    )
    CLUSTER_JOINED = (INFO, "cluster joined", "A cluster is a member of the federation from now on.")
    CLUSTER_LEFT = (INFO, "cluster left", "A cluster is no member any more: its answers are taken away.")
    CLUSTER_REOPENED = (
        INFO,
        "cluster reopened",
        "A cluster is seen by its new settings, which take the place of the old ones.",
    )
    CONFIG_RELOADED = (INFO, "configuration reloaded", "The file of the configuration has changed, and counts.")
    CONFIG_REFUSED = (
        ERROR,
        "configuration refused",
        "The file of the configuration has changed and cannot be used; what counted before goes on counting.",
    )
    CONFIG_NEEDS_RESTART = (
        WARNING,
        "configuration needs restart",
        "Settings have changed that only count from the next start.",
    )
    CLUSTER_UNREADABLE = (WARNING, "cluster unreadable", "Objects of a cluster cannot be read; it is tried again.")
    ORDERS_CHANGED = (INFO, "orders changed", "A person has ordered, or taken back, a drain, an eviction or a freeze.")
    ORDERS_UNREADABLE = (WARNING, "orders unreadable", "What is ordered cannot be read; the last known orders stay.")
    FROZEN = (WARNING, "frozen", "Nothing is written any more, by a person's order, until `feddns thaw`.")
    THAWED = (INFO, "thawed", "Nothing is frozen any more: what has waited is written.")
    CLUSTER_NOT_READY = (
        WARNING,
        "cluster not ready",
        "An API server says that it is not ready; its cluster is lost if that lasts.",
    )
    READINESS_UNTOLD = (
        INFO,
        "readiness untold",
        "An API server does not tell feddns whether it is ready; its watches alone speak for it.",
    )
    LEADING = (INFO, "leading", "This replica holds the lease, and writes the zones from now on.")
    STANDING_BY = (INFO, "standing by", "Another replica holds the lease and writes; this one is ready to take over.")
    LEADERSHIP_LOST = (
        WARNING,
        "leadership lost",
        "The lease was not renewed in time, or is another's: this replica writes nothing until it holds it again.",
    )
    LEASE_UNUSABLE = (
        WARNING,
        "lease unusable",
        "The lease cannot be read or renewed; it is tried again, and nothing is written without it.",
    )
    EVENTS_REFUSED = (INFO, "events refused", "A cluster takes no Events from feddns; its problems are only logged.")

    def __init__(self, level: int, message: str, meaning: str) -> None:
        self.level = level
        self.message = message
        self.meaning = meaning


def log(event: LogEvent, **values: object) -> None:
    """Write one line.

    Args:
        event: what happened.
        values: the facts of this case; never a secret.
    """
    if event.level >= _output.least:
        logger("feddns").log(event.level, event.message, **_everywhere.get(), **values)


@contextmanager
def logging_with(**values: object) -> Iterator[None]:
    """Add these values to every line that is written inside, also by tasks that are started there."""
    token = _everywhere.set({**_everywhere.get(), **values})
    try:
        yield
    finally:
        _everywhere.reset(token)


_everywhere: Final[ContextVar[dict[str, object]]] = ContextVar("values of every line", default={})  # noqa: B039 - never changed in place


class _Output:
    """Where lines go in this process.

    Attributes:
        least: the least level of events that are written.
        set_up: makes structlog ready; None once it is.
    """

    least: int = DEBUG
    set_up: Callable[[], None] | None = None


_output: Final = _Output()


def write_from(least: int, set_up: Callable[[], None] | None) -> None:
    """Say what is written and how.

    Args:
        least: the least level of events that are written.
        set_up: called before the first line; None where structlog is to stay as it is.
    """
    _output.least, _output.set_up = least, set_up


def logger(name: str) -> Any:
    """A logger of structlog."""
    import structlog  # noqa: PLC0415 - a quarter of a second, which a verb that has nothing to log need not pay

    set_up, _output.set_up = _output.set_up, None
    if set_up is not None:
        set_up()
    return structlog.get_logger(name)
