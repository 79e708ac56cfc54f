"""Zones as a provider lists them."""

from collections.abc import Iterable

import msgspec

from feddns.model.records import RecordSet, ZoneName


class HostedZone(msgspec.Struct, frozen=True, order=True):
    """One zone that the credentials can see.

    Attributes:
        id: how the provider tells it from others of the same name; empty where names do.
        private: whether it is answered in private networks alone.
        name_servers: names of the servers that the provider says answer for it, absolute, sorted; empty where it does
            not say.
        written: whether it is the one that is read and written.
    """

    name: ZoneName
    id: str = ""
    private: bool = False
    name_servers: tuple[str, ...] = ()
    written: bool = False


def written_zone(name: ZoneName, record_sets: Iterable[RecordSet]) -> HostedZone:
    """The zone that is written, told from what was read of it, where the provider keeps no list of zones."""
    servers = (found.values for found in record_sets if str(found.name) == name and found.type == "NS")
    return HostedZone(name, name_servers=next(servers, ()), written=True)
