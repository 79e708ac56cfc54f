"""The one policy of retries: what is tried again, when, and for how long."""

from collections.abc import Callable
from typing import Final

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_delay, wait_random_exponential
from tenacity.stop import stop_base, stop_never

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
    match state.outcome.exception() if state.outcome is not None else None:
        case Throttled(retry_after_s=asked_s):
            return max(asked_s, _backoff(state))
        case Unauthorized() | Rejected():
            return _UNAUTHORIZED_S
        case Conflict():
            return _short_backoff(state)
        case _:
            return _backoff(state)


def retrying(failed: Callable[[ProviderError, float], None], deadline_s: float | None) -> AsyncRetrying:
    """Attempts at something that a provider does.

    Args:
        failed: told of each failed attempt and of the pause in seconds that follows.
        deadline_s: seconds after which the last error is raised; None to go on for ever.
    """

    def tell(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome is not None else None
        if isinstance(error, ProviderError):
            failed(error, state.next_action.sleep if state.next_action is not None else 0.0)

    stop: stop_base = stop_never if deadline_s is None else stop_after_delay(deadline_s)
    return AsyncRetrying(
        retry=retry_if_exception_type(ProviderError),
        wait=pause_s,
        stop=stop,
        before_sleep=tell,
        reraise=True,
    )
