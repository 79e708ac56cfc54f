"""A question and its answer as octets, and how they are exchanged."""

from typing import Protocol

from feddns.probes.answer import Answer
from feddns.probes.stream import Stream


class Dialogue(Protocol):
    """One question in a protocol: it does no I/O, so that any octets can be tried on it.

    Attributes:
        protocol: the application protocol, as ALPN names it (RFC 7301).
    """

    protocol: str

    def opening(self) -> bytes:
        """What is sent first.

        Raises:
            NotAnswered: the question cannot be put in this protocol.
        """

    def heard(self, data: bytes) -> Answer | None:
        """Take what came.

        Args:
            data: octets in their order, in pieces of any size; empty at the end.

        Returns:
            The answer, once there is one; always at the end.
        """

    def reply(self) -> bytes:
        """What the protocol wants to be sent before the answer can go on; often nothing."""


async def converse(stream: Stream, dialogue: Dialogue) -> Answer:
    """Ask and listen until there is an answer.

    Raises:
        NotAnswered: the connection broke, or the question cannot be put.
    """
    await stream.send(dialogue.opening())
    while True:
        answer = dialogue.heard(await stream.receive())
        if answer is not None:
            return answer
        reply = dialogue.reply()
        if reply:
            await stream.send(reply)
