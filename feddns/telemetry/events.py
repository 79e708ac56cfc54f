"""Every log event of feddns: its level, its constant message, and what it means; values travel as keys beside it."""

import enum
import logging
from typing import Final

import structlog

DEBUG: Final = logging.DEBUG
INFO: Final = logging.INFO
WARNING: Final = logging.WARNING
ERROR: Final = logging.ERROR


class LogEvent(enum.Enum):
    """One kind of line in the log."""

    CLUSTER_VISIBLE = (INFO, "cluster visible", "Everything of the cluster is listed and its API server answers.")
    CLUSTER_LOST = (WARNING, "cluster lost", "The cluster has been silent for too long; its answers stay as they are.")

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
    structlog.get_logger("feddns").log(event.level, event.message, **values)
