"""feddns' own DNS server as a provider: the zone is a file beside the configuration, and feddns answers from it."""

import asyncio
import ipaddress
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal, Self, cast

import msgspec

from feddns.answers.names import encode_name
from feddns.answers.zone import Apex, NameServer
from feddns.config.scalars import Pause, Section
from feddns.errors import Rejected
from feddns.model.address import parse_address
from feddns.model.changes import Batch, Limits
from feddns.model.endpoint import Endpoint
from feddns.model.labels import absolute, is_within
from feddns.model.records import DnsName, RecordSet, ZoneName
from feddns.model.zones import HostedZone, written_zone
from feddns.nameserver.authority import Authority
from feddns.nameserver.dispatch import Dispatch, Network, TransferAccess
from feddns.nameserver.listeners import Listeners
from feddns.nameserver.peers import Peers
from feddns.nameserver.signatures import Keyring
from feddns.nameserver.zonefile import ZoneFile
from feddns.providers.embedded_filling import fill
from feddns.providers.embedded_limits import ConnectionSettings, RateLimitSettings
from feddns.providers.tsigkey import Secret, TsigSettings

LIMITS: Final = Limits(changes=5_000, characters=2_000_000)
"""A batch is one transaction of the file; a larger one would keep other processes from writing for long."""

_LOOK_EVERY_S: Final = 1.0
"""How often keys' files are looked at, whoever asks how often."""


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
        peers: names or addresses of the other replicas, with ports, such as those of a headless Service; a new file is
            filled with what one of them answers, and their hosts may transfer the zone. This replica may be among them.
        tsig_keys: keys that secondaries sign with.
        lameduck: seconds that queries are still answered after SIGTERM, while those who send them learn that this
            server goes, as from the endpoints of a Kubernetes Service.
        rate_limit: how many answers by UDP one network gets.
        connections: how many connections by TCP may be open.
    """

    listen: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("127.0.0.1:5300",)
    file: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    nameservers: tuple[NameServerSettings, ...] = ()
    hostmaster: str | None = None
    negative_ttl: Annotated[int, msgspec.Meta(ge=0, le=10_800)] = 30
    transfer: TransferSettings = TransferSettings()
    peers: tuple[str, ...] = ()
    tsig_keys: tuple[TsigSettings, ...] = ()
    lameduck: Pause = 3.0
    rate_limit: RateLimitSettings = RateLimitSettings()
    connections: ConnectionSettings = ConnectionSettings()

    def __post_init__(self) -> None:
        """Refuse addresses and names that are none, and keys that are not there.

        Raises:
            ValueError: says which.
        """
        for text in self.listen:
            Endpoint.parse(text)
        for text in self.peers:
            parse_address(text)
        if self.hostmaster is not None:
            encode_name(_mailbox(self.hostmaster))
        if not all(key.name for key in self.tsig_keys):
            raise ValueError("each of tsigKeys needs a `name`, by which transfer.keys names it")
        known = {absolute(key.name) for key in self.tsig_keys}
        for name in self.transfer.keys:
            if absolute(name) not in known:
                raise ValueError(f'transfer.keys names "{name}", which is not among tsigKeys')


class Embedded:
    """The zone in a file, and the server that answers from it.

    Attributes:
        Settings: the settings under `dns.provider.embedded`.
        per_replica: see `feddns.providers.base.PerReplica`.
        lameduck_s: see `feddns.providers.base.Lingering`.
    """

    Settings: ClassVar[type[msgspec.Struct]] = EmbeddedSettings
    per_replica: ClassVar[Literal[True]] = True
    lameduck_s = 0.0

    def __init__(
        self,
        zone: ZoneName,
        authority: Authority,
        dispatch: Dispatch,
        listeners: Listeners,
        peers: Peers,
        identity: str,
    ) -> None:
        self._zone = zone
        self._authority = authority
        self._dispatch = dispatch
        self._listeners = listeners
        self._identity = identity
        self._peers = peers
        self._is_settled = asyncio.Event()
        self._is_settled.set()

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
        secrets = [Secret(key, folder, every_s=_LOOK_EVERY_S) for key in settings.tsig_keys]
        keyring = Keyring([secret.key for secret in secrets])
        peers = Peers(tuple(map(parse_address, settings.peers)))
        dispatch = Dispatch(authority.responder, _access(settings.transfer), keyring, time.time, peers.include)
        listeners = Listeners(dispatch, endpoints, settings.rate_limit.limits, settings.connections.limits)
        made = cls(zone, authority, dispatch, listeners, peers, f"zone {zone} in {path}")
        made.lameduck_s = settings.lameduck
        return made

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

    @property
    def servers(self) -> tuple[str, ...]:
        """What the server listens on, as it can be asked from this machine."""
        loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is listened on here
        endpoints = self._listeners.endpoints
        return tuple(str(Endpoint(loopback.get(each.host, each.host), each.port)) for each in endpoints)

    def queries(self) -> Iterator[tuple[str, str, int]]:
        """Transport, RCODE and how many messages were answered so; see `Counting`."""
        return self._dispatch.counts.queries()

    def turned_away(self) -> Iterator[tuple[str, int]]:
        """What limits have turned away; see `Counting`."""
        return self._listeners.turned_away()

    async def zones(self) -> tuple[HostedZone, ...]:
        """The zone."""
        return (written_zone(self._zone, await self.read_zone()),)

    async def read_zone(self) -> tuple[RecordSet, ...]:
        """Every record set but the SOA (see `Provider.read_zone`); no file is an empty zone.

        While this process begins to answer, it waits until a blank zone was filled, as what is there is decided by.
        """
        await self._is_settled.wait()
        return await self._authority.read()

    async def apply(self, batch: Batch) -> None:
        """Carry out a batch in one transaction (see `Provider.apply`)."""
        await self._authority.commit(batch)

    def fill_while(self, is_filled: Callable[[], bool]) -> None:
        """Answer SERVFAIL for what is not in a zone that began empty, until this is true (see `PerReplica`)."""
        self._authority.is_filled = is_filled

    async def serve(self) -> None:
        """Answer queries until cancelled: at once what the file has from the last time.

        What is blank is filled from a peer first. It is answered from meanwhile all the same, so that peers that are
        blank as well learn that of each other, and wait no longer.

        Raises:
            ProviderError: an address cannot be listened on, or the file cannot be read.
        """
        self._is_settled.clear()  # before anything is awaited: whoever is started after this reads what it has left
        try:
            await self._authority.load()
            async with self._listeners, asyncio.TaskGroup() as parts:
                parts.create_task(self._authority.follow())
                if self._peers:
                    if self._authority.is_blank:
                        await fill(self._zone, self._authority, self._peers)
                    parts.create_task(self._peers.follow())
                self._is_settled.set()
        finally:
            self._is_settled.set()

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
    is_inside = is_within(name, zone)
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
