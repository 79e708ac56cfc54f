"""The one policy of retries: what is tried again, when, and for how long."""

import asyncio
from collections.abc import Callable
from typing import Final

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_never, wait_random_exponential

from feddns.errors import Conflict, ProviderError, Rejected, Throttled, Unauthorized

_BASE_S: Final = 0.2
_LONGEST_S: Final = 20.0
_UNAUTHORIZED_S: Final = 60.0
"""Credentials are mended by people: asking often helps nobody and may lock an account."""
_CONFLICT_S: Final = 0.05
"""Another writer may be at the same zone: a little chance decides who is next."""

_backoff = wait_random_exponential(multiplier=_BASE_S, max=_LONGEST_S)
_short_backoff = wait_random_exponential(multiplier=_CONFLICT_S, max=1.0)


def pause_s(state: RetryCallState) -> float:
    """Seconds until the next attempt: exponential with full jitter, and never sooner than the provider asked for."""
    match _error(state):
        case Throttled(retry_after_s=asked_s):
            return max(asked_s, _backoff(state))
        case Unauthorized() | Rejected():
            return _UNAUTHORIZED_S
        case Conflict():
            return _short_backoff(state)
        case _:
            return _backoff(state)


def retrying(failed: Callable[[ProviderError, float], None], deadline_s: float | None) -> AsyncRetrying:
    """Attempts at something that a provider does; to be called where the event loop runs, whose clock counts.

    Args:
        failed: told of each failed attempt that is followed by another, and of the pause in seconds between them.
        deadline_s: seconds within which the last attempt must begin; its error is raised. What only a person can mend
            is then raised at once. None to go on for ever.
    """

    def tell(state: RetryCallState) -> None:
        error = _error(state)
        if isinstance(error, ProviderError):
            failed(error, state.upcoming_sleep)

    return AsyncRetrying(
        retry=retry_if_exception_type(ProviderError),
        wait=pause_s,
        stop=stop_never if deadline_s is None else _within(deadline_s),
        before_sleep=tell,
        reraise=True,
    )


def _within(deadline_s: float) -> Callable[[RetryCallState], bool]:
    """Tells whether to stop: the next attempt would come too late, or for nothing."""
    clock = asyncio.get_running_loop().time
    ends = clock() + deadline_s

    def is_over(state: RetryCallState) -> bool:
        return isinstance(_error(state), Unauthorized | Rejected) or clock() + state.upcoming_sleep > ends

    return is_over


def _error(state: RetryCallState) -> BaseException | None:
    return None if state.outcome is None else state.outcome.exception()
