"""What came of one question to one address, and whether it is evidence."""

import enum
from typing import Final

import msgspec

from feddns.errors import FeddnsError

CLOSED: Final = "connection closed unanswered"
CUT_SHORT: Final = "connection closed in the middle of an answer"


class Outcome(enum.StrEnum):
    """What an answer says about the address."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    HINDERED = "hindered"
    """Nothing: our own side could not ask, for want of a route, a file descriptor or a header."""


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What came of one question.

    Attributes:
        text: for people; never with the value of a header.
    """

    outcome: Outcome
    text: str


class NotAnswered(FeddnsError):
    """A question that came to its end before an answer did.

    Attributes:
        answer: what that says of the address.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(answer.text)


def succeeded(text: str) -> Answer:
    """It serves."""
    return Answer(Outcome.SUCCEEDED, text)


def failed(text: str) -> Answer:
    """It does not serve as it should."""
    return Answer(Outcome.FAILED, text)


def hindered(text: str) -> Answer:
    """We could not ask."""
    return Answer(Outcome.HINDERED, text)


def seconds(duration_s: float) -> str:
    """A time limit as it was set, such as `3s` or `250ms`."""
    return f"{duration_s:g}s" if duration_s >= 1 else f"{duration_s * 1000:g}ms"
