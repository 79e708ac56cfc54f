"""The bodies of answers, none of them larger than agreed."""

from typing import Final

import aiohttp

from feddns.clusters.kubernetes.failures import Unreachable

MOST_OBJECT_OCTETS: Final = 8 * 2**20
"""Of one object: etcd takes 1.5 MiB, which as JSON may be some times as much."""


async def read_at_most(answer: aiohttp.ClientResponse, most: int) -> bytes | None:
    """The whole body; None where it has more than `most` octets, which are then not kept."""
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > most:
            return None
    return bytes(body)


async def read_object(answer: aiohttp.ClientResponse) -> bytes:
    """The whole body of an answer that is one object.

    Raises:
        Unreachable: it does not end where an object must.
    """
    body = await read_at_most(answer, MOST_OBJECT_OCTETS)
    if body is None:
        raise Unreachable(f"{answer.url.host} answered with more than {MOST_OBJECT_OCTETS} octets")
    return body
