"""A provider whose calls are counted and timed, whichever it is."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Literal, get_args

from feddns.errors import Conflict, ProviderError, Rejected, Throttled, Unauthorized, Unavailable
from feddns.model.changes import Batch, Limits
from feddns.model.records import RecordSet
from feddns.model.zones import HostedZone
from feddns.providers.base import OpenProvider, Paced
from feddns.telemetry.histogram import Histogram
from feddns.telemetry.metrics import Metric

Operation = Literal["apply", "read_zone", "zones"]
OPERATIONS: Final[tuple[Operation, ...]] = get_args(Operation)

_RESULTS: Final[Mapping[type[BaseException], str]] = {
    Throttled: "throttled",
    Unavailable: "unavailable",
    Conflict: "conflict",
    Rejected: "rejected",
    Unauthorized: "unauthorized",
}
_OK: Final = "ok"
_OTHER: Final = "error"
RESULTS: Final = (_OK, *_RESULTS.values(), _OTHER)
"""What may come of a call; `error` is what no provider should raise."""


class Calls:
    """The calls of one target's provider.

    Attributes:
        results: how many there were, by operation and what came of them.
        durations: how long they took, in seconds.
    """

    def __init__(self) -> None:
        self.results: Counter[tuple[Operation, str]] = Counter()
        self.durations = {operation: Histogram(Metric.PROVIDER_CALL_DURATION.bounds) for operation in OPERATIONS}

    @contextmanager
    def call(self, operation: Operation) -> Iterator[None]:
        """Count what is done inside; one that is cancelled counts as nothing."""
        began = time.perf_counter()
        result = _OK
        try:
            yield
        except ProviderError as error:
            result = next((name for kind, name in _RESULTS.items() if isinstance(error, kind)), _OTHER)
            raise
        except Exception:
            result = _OTHER
            raise
        except BaseException:
            result = ""
            raise
        finally:
            if result:
                self.results[operation, result] += 1
                self.durations[operation].observe(time.perf_counter() - began)


class Measured:
    """A provider as its target's writer and whoever looks at its zones have it.

    Args:
        provider: that does the work.
        calls: where its calls are counted.
        written: told of each batch that was taken, at once.
    """

    def __init__(self, provider: OpenProvider, calls: Calls, written: Callable[[Batch], None]) -> None:
        self._provider = provider
        self._calls = calls
        self._written = written

    @property
    def limits(self) -> Limits:
        """As the provider says."""
        return self._provider.limits

    @property
    def identity(self) -> str:
        """As the provider says."""
        return self._provider.identity

    def pause_s(self, *, is_full: bool) -> float:
        """As the provider says, if it is paced; see `Paced`."""
        return self._provider.pause_s(is_full=is_full) if isinstance(self._provider, Paced) else 0.0

    async def zones(self) -> tuple[HostedZone, ...]:
        """As the provider does."""
        with self._calls.call("zones"):
            return await self._provider.zones()

    async def read_zone(self) -> tuple[RecordSet, ...]:
        """As the provider does."""
        with self._calls.call("read_zone"):
            return await self._provider.read_zone()

    async def apply(self, batch: Batch) -> None:
        """As the provider does."""
        with self._calls.call("apply"):
            await self._provider.apply(batch)
        self._written(batch)

    async def close(self) -> None:
        """As the provider does."""
        await self._provider.close()
