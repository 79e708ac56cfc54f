"""A zone in memory, in the form that answers are made from."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from feddns.answers.names import ancestors, encode_name, is_within
from feddns.answers.rdata import NS, SOA, RRset, encode_set, name_set, soa_set
from feddns.errors import Rejected
from feddns.model.records import AAAA, ADDRESS_TYPES, A, DnsName, RecordSet, ZoneName

APEX_TTL_S: Final = 3_600
"""Of the records that only the configuration changes."""

Node = Mapping[int, RRset]
"""The record sets of one name by type; replaced as a whole, so that a transfer may hold on to an old one."""

Key = tuple[DnsName, str]


class NameServer(msgspec.Struct, frozen=True):
    """A name server of the zone.

    Attributes:
        name: its name, for the NS record.
        addresses: its IP addresses in canonical form; only where the name is in the zone itself.
    """

    name: DnsName
    addresses: tuple[str, ...] = ()


class Apex(msgspec.Struct, frozen=True):
    """What the configuration says about a zone.

    Attributes:
        name: the zone's name.
        nameservers: at least one; the first is the primary of the SOA (RFC 1035 section 3.3.13).
        hostmaster: the mailbox of who is responsible, as a domain name.
        negative_ttl_s: how long resolvers may keep that something is not there (RFC 2308 section 4).
    """

    name: ZoneName
    nameservers: tuple[NameServer, ...]
    hostmaster: DnsName
    negative_ttl_s: int

    def record_sets(self) -> tuple[RecordSet, ...]:
        """The NS records of the zone, and the addresses of those name servers that are in it."""
        servers = tuple(sorted({server.name for server in self.nameservers}))
        sets = [RecordSet(DnsName(self.name), "NS", APEX_TTL_S, servers)]
        for server in self.nameservers:
            addresses = {address for address in server.addresses if ":" not in address}
            for type_, values in ((A, addresses), (AAAA, set(server.addresses) - addresses)):
                if values:
                    sets.append(RecordSet(server.name, type_, APEX_TTL_S, tuple(sorted(values))))
        return tuple(sets)


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A record set as the model has it and as the wire does."""

    record_set: RecordSet
    name: bytes
    rrset: RRset

    @property
    def key(self) -> Key:
        """What it is found by."""
        return self.record_set.name, self.record_set.type


class Zone:
    """The names and record sets of one zone at one serial.

    Attributes:
        apex: the zone's name on the wire.
        serial: of the SOA record (RFC 1982).
        nodes: the record sets by name, on the wire.
    """

    def __init__(self, settings: Apex, serial: int = 0) -> None:
        """Make a zone that has nothing but what the configuration says.

        Raises:
            Rejected: that cannot be served.
        """
        self.apex = encode_name(settings.name)
        self.serial = serial
        self.nodes: dict[bytes, Node] = {}
        self._settings = settings
        self._entries: dict[Key, Entry] = {}
        self._fixed: frozenset[bytes] = frozenset()
        self._open_at_apex: frozenset[str] = frozenset()
        self._below: dict[bytes, int] = {}
        addresses = [record_set for record_set in settings.record_sets() if record_set.type != "NS"]
        for record_set in addresses:
            entry = self.encode(record_set)
            self._put(entry.name, entry.rrset)
        servers = tuple(encode_name(server.name) for server in settings.nameservers)
        self._primary = servers[0]
        self._hostmaster = encode_name(settings.hostmaster)
        self._put(self.apex, name_set(NS, APEX_TTL_S, sorted(set(servers))))
        self._fixed = frozenset({self.apex, *servers})
        self._open_at_apex = frozenset(() if self.apex in servers else ADDRESS_TYPES)
        self._set_serial(serial)

    @property
    def is_blank(self) -> bool:
        """Whether it has nothing but what the configuration says."""
        return not self._entries

    @property
    def soa(self) -> RRset:
        """The SOA record."""
        return self.nodes[self.apex][SOA]

    @property
    def negative_ttl_s(self) -> int:
        """How long a negative answer may be kept: the lesser of the SOA's TTL and its MINIMUM (RFC 2308 section 3)."""
        return min(self._settings.negative_ttl_s, APEX_TTL_S)

    def exists(self, name: bytes) -> bool:
        """Whether a name has records or is above one that has: an empty non-terminal (RFC 8020)."""
        return name in self.nodes or name in self._below

    def encode(self, record_set: RecordSet) -> Entry:
        """A record set as this zone would serve it.

        Raises:
            Rejected: it would not; says why.
        """
        names = frozenset({record_set.name})
        try:
            name = encode_name(record_set.name)
        except ValueError as error:
            raise Rejected(str(error), names) from error
        if not is_within(name, self.apex):
            raise Rejected(f"{record_set.name} is not in the zone {self._settings.name}", names)
        if name in self._fixed and not (name == self.apex and record_set.type in self._open_at_apex):
            raise Rejected(f"{record_set.name} is the zone's or a name server's own name: see the configuration", names)
        return Entry(record_set, name, encode_set(record_set))

    def difference(self, record_sets: Iterable[RecordSet]) -> tuple[tuple[Key, ...], tuple[Entry, ...]]:
        """What is to go and to come so that the zone has these record sets, beside what the configuration says.

        Raises:
            Rejected: a record set cannot be served.
        """
        wanted = {(record_set.name, record_set.type): record_set for record_set in record_sets}
        coming = tuple(
            self.encode(record_set)
            for key, record_set in wanted.items()
            if (entry := self._entries.get(key)) is None or entry.record_set != record_set
        )
        return tuple(self._entries.keys() - wanted.keys()), coming

    def change(self, going: Iterable[Key], coming: Iterable[Entry], serial: int) -> frozenset[bytes]:
        """Change all of this at once.

        Args:
            going: record sets that go; those that are not there are passed over.
            coming: record sets that come, or take the place of others of their name and type.
            serial: of the zone from now on.

        Returns:
            The names whose record sets are others now, on the wire.
        """
        touched = set()
        for key in going:
            entry = self._entries.pop(key, None)
            if entry is not None:
                self._drop(entry.name, entry.rrset.type)
                touched.add(entry.name)
        for entry in coming:
            self._entries[entry.key] = entry
            self._put(entry.name, entry.rrset)
            touched.add(entry.name)
        self._set_serial(serial)
        return frozenset(touched)

    def records(self) -> Iterator[tuple[bytes, RRset]]:
        """Every record set with its name as a zone transfer has them: between two times the SOA (RFC 5936 section 2.2).

        The zone may change meanwhile: all of it is of the moment in which the first was asked for.
        """
        nodes = list(self.nodes.items())
        soa = self.soa
        yield self.apex, soa
        for name, node in nodes:
            for rrset in node.values():
                if rrset.type != SOA:
                    yield name, rrset
        yield self.apex, soa

    def _set_serial(self, serial: int) -> None:
        self.serial = serial
        soa = soa_set(APEX_TTL_S, self._primary, self._hostmaster, serial, self._settings.negative_ttl_s)
        self.nodes[self.apex] = {**self.nodes[self.apex], SOA: soa}

    def _put(self, name: bytes, rrset: RRset) -> None:
        node = self.nodes.get(name)
        if node is None:
            self._appear(name)
        self.nodes[name] = {**(node or {}), rrset.type: rrset}

    def _drop(self, name: bytes, type_: int) -> None:
        node = {key: rrset for key, rrset in self.nodes[name].items() if key != type_}
        if node:
            self.nodes[name] = node
        else:
            del self.nodes[name]
            self._vanish(name)

    def _appear(self, name: bytes) -> None:
        """A name gets its first records: count it with its parent, and that with its own if it did not exist either."""
        if name == self.apex or name in self._below:
            return
        for above in ancestors(name):
            children = self._below.get(above, 0)
            self._below[above] = children + 1
            if children or above in self.nodes or above == self.apex:
                return

    def _vanish(self, name: bytes) -> None:
        """A name has lost its last records: the reverse."""
        if name in self._below:
            return
        for above in ancestors(name):
            children = self._below.pop(above) - 1
            if children:
                self._below[above] = children
            if children or above in self.nodes:
                return
