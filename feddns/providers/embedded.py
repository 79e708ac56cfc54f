"""feddns' own DNS server as a provider: the zone is a file beside the configuration, and feddns answers from it."""

import ipaddress
import time
from pathlib import Path
from typing import Annotated, ClassVar, Final, Self, cast

import msgspec

from feddns.answers.names import encode_name
from feddns.answers.zone import Apex, NameServer
from feddns.config.scalars import Section
from feddns.errors import Rejected
from feddns.model.changes import Batch, Limits
from feddns.model.endpoint import Endpoint
from feddns.model.labels import absolute
from feddns.model.records import DnsName, RecordSet, ZoneName
from feddns.model.zones import HostedZone, written_zone
from feddns.nameserver.authority import Authority
from feddns.nameserver.dispatch import Dispatch, Network, TransferAccess
from feddns.nameserver.listeners import Listeners
from feddns.nameserver.signatures import Keyring
from feddns.nameserver.zonefile import ZoneFile
from feddns.providers.tsigkey import Secret, TsigSettings

LIMITS: Final = Limits(changes=5_000, characters=2_000_000)
"""A batch is one transaction of the file; a larger one would keep other processes from writing for long."""


class NameServerSettings(Section, frozen=True):
    """One name server of the zone.

    Attributes:
        name: its name, as the delegation in the parent zone has it.
        addresses: its IP addresses, where the name is in the zone itself.
    """

    name: str
    addresses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no name or no address.

        Raises:
            ValueError: says which.
        """
        encode_name(absolute(self.name))
        for address in self.addresses:
            ipaddress.ip_address(address)


class TransferSettings(Section, frozen=True):
    """Who may transfer the whole zone, as secondaries do; nobody by default.

    Attributes:
        networks: networks such as `192.0.2.0/24`, whose hosts may without a signature.
        keys: names of `tsigKeys`; who signs with one of them may from anywhere.
    """

    networks: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no network.

        Raises:
            ValueError: says which.
        """
        for network in self.networks:
            ipaddress.ip_network(network)


class EmbeddedSettings(Section, frozen=True):
    """feddns' own DNS server, with the zone in a file.

    Attributes:
        listen: addresses and ports to answer on by UDP and TCP, such as `192.0.2.1:53` or `[2001:db8::1]:53`; port 0
            stands for a free one.
        file: path of the file that holds the zone; by default it is named after the zone, with `.zone.sqlite` behind.
        nameservers: the zone's name servers; by default `ns1` in the zone, at the addresses listened on.
        hostmaster: mail address of who is responsible for the zone; by default `hostmaster` at the zone.
        negative_ttl: seconds that resolvers may keep that a name is not there, and so the longest that a new service
            can stay unknown to them.
        transfer: who may transfer the whole zone.
        tsig_keys: keys that secondaries sign with.
    """

    listen: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("127.0.0.1:5300",)
    file: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    nameservers: tuple[NameServerSettings, ...] = ()
    hostmaster: str | None = None
    negative_ttl: Annotated[int, msgspec.Meta(ge=0, le=10_800)] = 30
    transfer: TransferSettings = TransferSettings()
    tsig_keys: tuple[TsigSettings, ...] = ()

    def __post_init__(self) -> None:
        """Refuse addresses and names that are none, and keys that are not there.

        Raises:
            ValueError: says which.
        """
        for text in self.listen:
            Endpoint.parse(text)
        if self.hostmaster is not None:
            encode_name(_mailbox(self.hostmaster))
        known = {absolute(key.name) for key in self.tsig_keys}
        for name in self.transfer.keys:
            if absolute(name) not in known:
                raise ValueError(f'transfer.keys names "{name}", which is not among tsigKeys')


class Embedded:
    """The zone in a file, and the server that answers from it.

    Attributes:
        Settings: the settings under `dns.provider.embedded`.
    """

    Settings: ClassVar[type[msgspec.Struct]] = EmbeddedSettings

    def __init__(self, zone: ZoneName, authority: Authority, listeners: Listeners, identity: str) -> None:
        self._zone = zone
        self._authority = authority
        self._listeners = listeners
        self._identity = identity

    @classmethod
    def open(cls, settings: msgspec.Struct, zone: ZoneName, folder: Path) -> Self:
        """Make the provider (see `Provider.open`); the zone's file is not touched.

        Raises:
            Rejected: the settings do not fit the zone.
            Unauthorized: a key's secret is not there.
        """
        settings = cast("EmbeddedSettings", settings)
        endpoints = tuple(map(Endpoint.parse, settings.listen))
        path = folder / (settings.file or f"{zone.removesuffix('.')}.zone.sqlite")
        authority = Authority(ZoneFile(path, zone), _apex(settings, zone, endpoints), time.time)
        keyring = Keyring([Secret(key, folder).key() for key in settings.tsig_keys])
        dispatch = Dispatch(authority.responder, _access(settings.transfer), keyring, time.time)
        return cls(zone, authority, Listeners(dispatch, endpoints), f"zone {zone} in {path}")

    @property
    def limits(self) -> Limits:
        """What one batch may hold."""
        return LIMITS

    @property
    def identity(self) -> str:
        """The zone and its file."""
        return self._identity

    @property
    def addresses(self) -> tuple[str, ...]:
        """What the server listens on, such as `127.0.0.1:5300`; empty while it does not."""
        return tuple(str(endpoint) for endpoint in self._listeners.endpoints)

    async def zones(self) -> tuple[HostedZone, ...]:
        """The zone."""
        return (written_zone(self._zone, await self.read_zone()),)

    async def read_zone(self) -> tuple[RecordSet, ...]:
        """Every record set but the SOA (see `Provider.read_zone`); no file is an empty zone."""
        return await self._authority.read()

    async def apply(self, batch: Batch) -> None:
        """Carry out a batch in one transaction (see `Provider.apply`)."""
        await self._authority.commit(batch)

    async def serve(self) -> None:
        """Answer queries until cancelled: at once what the file has from the last time.

        Raises:
            ProviderError: an address cannot be listened on, or the file cannot be read.
        """
        await self._authority.load()
        async with self._listeners:
            await self._authority.follow()

    async def close(self) -> None:
        """Let go of the file, once a batch in flight is done."""
        await self._authority.close()


def _apex(settings: EmbeddedSettings, zone: ZoneName, endpoints: tuple[Endpoint, ...]) -> Apex:
    heard = tuple(sorted({endpoint.host for endpoint in endpoints if not endpoint.is_wildcard}))
    servers = tuple(_name_server(server, zone) for server in settings.nameservers)
    return Apex(
        zone,
        servers or (NameServer(DnsName(f"ns1.{zone}"), heard),),
        _mailbox(settings.hostmaster or f"hostmaster@{zone}"),
        settings.negative_ttl,
    )


def _name_server(settings: NameServerSettings, zone: ZoneName) -> NameServer:
    name = DnsName(absolute(settings.name))
    is_inside = f".{name}".endswith(f".{zone}")
    if is_inside and not settings.addresses:
        raise Rejected(f"nameservers: {name} is in the zone {zone}, so it needs addresses")
    if settings.addresses and not is_inside:
        raise Rejected(f"nameservers: {name} is not in the zone {zone}, so its addresses are to be set where it is")
    return NameServer(name, tuple(str(ipaddress.ip_address(address)) for address in settings.addresses))


def _mailbox(text: str) -> DnsName:
    """A mail address as a domain name, in which dots before the @ are escaped (RFC 1035 section 8)."""
    user, _, host = text.rpartition("@")
    return DnsName(absolute(user.replace(".", "\\.") + "." + host if user else host))


def _access(settings: TransferSettings) -> TransferAccess:
    networks: tuple[Network, ...] = tuple(map(ipaddress.ip_network, settings.networks))
    return TransferAccess(networks, frozenset(map(absolute, settings.keys)))
