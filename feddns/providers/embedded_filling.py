"""A blank zone of the embedded server is filled with what another replica answers, before anything is decided on it."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Final

from feddns.answers.lookup import SERVFAIL
from feddns.errors import Conflict, ProviderError, Rejected, Unavailable
from feddns.model.address import Address
from feddns.model.records import TXT, RecordSet, ZoneName
from feddns.nameserver.authority import Authority
from feddns.nameserver.peers import Peers
from feddns.plan.claim import read_claim
from feddns.telemetry.events import LogEvent, log

_PATIENCE_S: Final = 10.0
"""How long peers are asked that refuse or cannot be reached: the address of a new pod comes to all after a moment."""
_PAUSE_S: Final = 0.5
_ANSWER_S: Final = 2.0
"""For a connection, and for each message of a transfer."""
_TRANSFER_S: Final = 20.0
"""For a whole transfer: 100,000 record sets take some five where both ends share a core."""
_MOST_RECORDS: Final = 500_000
_MOST_OCTETS: Final = 64 * 1024 * 1024
"""Of a transfer: with more, what a peer sends could take all the memory of a pod."""


async def fill(zone: ZoneName, authority: Authority, peers: Peers) -> None:
    """Ask the peers for their zone until one gives it, all of them say that theirs is blank too, or time is up.

    Without it a cluster that cannot be seen now would have no answers here, though the other replicas have them.

    Args:
        zone: the zone's name.
        authority: of our zone, which is blank and already served, so that a peer that asks us learns that it is.
        peers: whom to ask; oneself may be among them.
    """
    clock = asyncio.get_running_loop().time
    until = clock() + _PATIENCE_S
    while True:
        try:
            await _ask_all(zone, authority, peers)
        except ProviderError as error:
            if clock() + _PAUSE_S >= until:
                log(LogEvent.ZONE_NOT_FILLED, zone=zone, reason=str(error))
                return
        else:
            return
        await asyncio.sleep(_PAUSE_S)


async def _ask_all(zone: ZoneName, authority: Authority, peers: Peers) -> None:
    """Ask one after the other.

    Raises:
        ProviderError: nobody gave a zone, and not all of them are known to have none.
    """
    reasons = []
    try:
        await peers.look()
    except Unavailable as error:
        reasons.append(str(error))
    for peer in peers.addresses:
        try:
            if await _fill_from(peer, zone, authority):
                return
        except Conflict:
            return  # another process has written, so it is blank no more
        except ProviderError as error:
            reasons.append(str(error))
    if reasons:
        raise Unavailable("; ".join(reasons))


async def _fill_from(peer: Address, zone: ZoneName, authority: Authority) -> bool:
    """Whether the peer had something to fill the zone with.

    Raises:
        ProviderError: it cannot be known, or used.
    """
    copy = await _transfer(peer, zone)
    if copy is None:
        return False
    serial, record_sets = copy
    if not any(each.type == TXT and read_claim(each) for each in record_sets):
        return False
    left_out = await authority.fill(record_sets, serial)
    told = {"left_out": len(left_out), "such_as": next(iter(left_out.values()))} if left_out else {}
    log(LogEvent.ZONE_FILLED, zone=zone, peer=str(peer), record_sets=len(record_sets) - len(left_out), **told)
    return True


async def _transfer(peer: Address, zone: ZoneName) -> tuple[int, tuple[RecordSet, ...]] | None:
    """The serial and record sets of a peer's zone; None where it says that it is not filled itself.

    Raises:
        ProviderError: it cannot be had.
    """
    # Only a blank zone needs what reads transfers.
    from feddns.providers.rfc2136.connection import Unanswered  # noqa: PLC0415
    from feddns.providers.rfc2136.message import MalformedMessage  # noqa: PLC0415
    from feddns.providers.rfc2136.reading import Bounds, Refused, ZoneReader  # noqa: PLC0415

    reader = ZoneReader(zone, peer, _ANSWER_S, lambda: None, Bounds(_MOST_RECORDS, _MOST_OCTETS))
    try:
        async with asyncio.timeout(_TRANSFER_S):
            copy = await reader.transfer()
    except Refused as error:
        if error.rcode == SERVFAIL:
            return None
        raise Unavailable(f"{peer} does not transfer the zone ({error})") from error
    except TimeoutError as error:
        raise Unavailable(f"{peer} does not transfer the zone within {_TRANSFER_S:g} s") from error
    except Unanswered as error:
        raise Unavailable(str(error)) from error
    except MalformedMessage as error:
        raise Rejected(f"what {peer} sent is not the whole zone: {error}") from error
    return copy.serial, tuple(_without_servers(copy.sets, zone))


def _without_servers(sets: Mapping[tuple[str, str], RecordSet], zone: ZoneName) -> Iterator[RecordSet]:
    """Without what the peer's configuration says of its name servers: for a while it may say other than ours."""
    own = sets.get((zone, "NS"))
    servers = () if own is None else own.values
    return (each for each in sets.values() if each is not own and each.name not in servers)
