"""Orders in words, for people."""

from datetime import UTC, datetime

from feddns.model.orders import Drain, Eviction, Freeze


def instant(seconds: float) -> str:
    """A time in seconds since the epoch as RFC 3339 has it, such as `2026-01-01T10:00:00Z`."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def freeze_text(freeze: Freeze) -> str:
    """Who froze everything, since when, and why."""
    return f"frozen{_given(freeze)}{f': {freeze.reason}' if freeze.reason else ''}"


def freeze_notice(freeze: Freeze) -> str:
    """The same, with what ends it: for where it is in somebody's way."""
    return f"{freeze_text(freeze)}; `feddns thaw` releases it"


def drain_text(drain: Drain) -> str:
    """Who drained a cluster, since when, and until when."""
    until = "" if drain.until is None else f" until {instant(drain.until)}"
    return f"drained{_given(drain)}{until}{_force(drain)}"


def eviction_text(eviction: Eviction) -> str:
    """Who evicted a cluster, and since when."""
    return f"evicted{_given(eviction)}{_force(eviction)}"


def _given(order: Drain | Eviction | Freeze) -> str:
    by = f" by {order.by}" if order.by else ""
    return f"{by} since {instant(order.since)}"


def _force(order: Drain | Eviction) -> str:
    return " (forced)" if order.forced else ""
