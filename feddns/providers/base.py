"""The whole contract between feddns and a DNS provider.

A provider reads and changes zones; it never decides, never retries and never logs. What goes wrong it raises as one of
the `ProviderError`s of `feddns.errors`; an error of its client library never leaves it.

A provider is a class that an entry point of the group `feddns.providers` names; the entry point's name is the key under
`dns.provider` in the configuration.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar, Literal, Protocol, runtime_checkable

import msgspec

from feddns.model.changes import Batch, Limits
from feddns.model.records import DnsName, RecordSet, ZoneName
from feddns.model.zones import HostedZone


class OpenProvider(Protocol):
    """A DNS service that holds zones, made and ready."""

    @property
    def limits(self) -> Limits:
        """What one batch may hold."""

    @property
    def identity(self) -> str:
        """Where and as whom records are written, for logs and people; never a secret."""

    async def zones(self) -> tuple[HostedZone, ...]:
        """The zones that the credentials can see, in any order; the one that is written is marked.

        A provider that cannot list tells of the one that is written alone, once it has seen it.

        Raises:
            ProviderError: as `read_zone`; but a zone that is not there is simply not among the others.
        """

    async def read_zone(self) -> tuple[RecordSet, ...]:
        """Every record set of the zone except its SOA, in canonical form, in any order.

        Raises:
            Throttled: later.
            Unavailable: it cannot be reached, or broke off.
            Rejected: there is no such zone, or what came is no zone.
            Unauthorized: the credentials do not allow it.
        """

    async def apply(self, batch: Batch) -> None:
        """Carry out one batch: check the fence and each changed set's exact current state, then change all or nothing.

        Raises:
            Conflict: the fence or a record set is not as the batch expects; nothing was changed.
            Throttled: nothing was changed.
            Unavailable: nothing was changed, unless it says `outcome_unknown`.
            Rejected: nothing was changed, and this batch never will be taken.
            Unauthorized: the credentials do not allow it.
        """

    async def close(self) -> None:
        """Give connections back; a batch in flight is finished or abandoned whole."""


class Provider(OpenProvider, Protocol):
    """A DNS service that holds zones, and how it is made.

    Attributes:
        Settings: a `msgspec.Struct` that the provider's part of the configuration is decoded into, strictly.
    """

    Settings: ClassVar[type[msgspec.Struct]]

    @classmethod
    def open(cls, settings: msgspec.Struct, zone: ZoneName, folder: Path) -> "Provider":
        """Make a provider; nothing is contacted yet.

        Args:
            settings: an instance of `cls.Settings`.
            zone: the zone that will be read and written.
            folder: the folder of the configuration file, which relative paths in the settings start from.

        Raises:
            ProviderError: a file that the settings name cannot be read, or its content is not usable.
        """


@runtime_checkable
class Aliasing(Protocol):
    """A provider that can let a name answer with the addresses of certain host names, whatever they are at the time.

    It takes record sets of the type `ALIAS` (see `feddns.model.records`), also at the zone's apex.
    """

    @staticmethod
    def can_alias(hostname: DnsName) -> bool:
        """Whether a name of the zone can be an alias of this host name outside of it."""


@runtime_checkable
class Paced(Protocol):
    """A provider whose requests wait until they may go, as by an account's limit."""

    def pause_s(self, *, is_full: bool) -> float:
        """Seconds until a batch should go; what is in it is chosen anew then, so that the most urgent goes first.

        Args:
            is_full: whether more waits than one batch holds. Where not, more may come that costs no request of its own.
        """


@runtime_checkable
class PerReplica(Protocol):
    """A provider whose zone each replica of feddns keeps for itself, so that each writes its own, whoever leads."""

    per_replica: ClassVar[Literal[True]]

    def fill_while(self, is_filled: Callable[[], bool]) -> None:
        """Take what tells whether a zone that began empty has what belongs there; nothing is absent before."""


@runtime_checkable
class Lingering(Protocol):
    """A provider whose clients should be answered for a while yet when feddns was told to end."""

    @property
    def lameduck_s(self) -> float:
        """How long, in seconds."""


@runtime_checkable
class Serving(Protocol):
    """A provider that also answers DNS queries itself, as the embedded one does."""

    async def serve(self) -> None:
        """Answer queries until cancelled.

        Raises:
            ProviderError: an address cannot be listened on.
        """


@runtime_checkable
class Answering(Protocol):
    """A provider that knows where servers that answer for the zone listen, beside those that `zones` names."""

    @property
    def servers(self) -> tuple[str, ...]:
        """Addresses or host names with ports, such as `192.0.2.1:53`; they may change."""


@runtime_checkable
class Counting(Protocol):
    """A provider that answers DNS queries itself and counts them."""

    def queries(self) -> Iterable[tuple[str, str, int]]:
        """Transport (`udp`, `tcp`), RCODE (`none` for no answer), and how many messages were answered so by now.

        Each pair comes once, also before it was ever counted.
        """

    def turned_away(self) -> Iterable[tuple[str, int]]:
        """What limits have turned away by now, each kind once.

        Queries by UDP that got no answer (`dropped`) or one that only says to come by TCP (`cut`), and connections by
        TCP that were closed to make room for another (`evicted`).
        """
