"""Record sets of every kind come back as they went, however many."""

import ipaddress
from typing import ClassVar, Final

import pytest

from feddns.model.changes import Create, Delete, Replace
from feddns.providers.base import Provider
from feddns.testing.pen import Pen, among, contents
from feddns.testing.subject import Subject

TEXTS: Final = {
    "semicolons": "v=1; k=2, spaces  and ; semicolons",
    "255-octets": "x" * 255,
    "quotes": '"say \\"hi\\""',
    "backslash": '"back\\\\slash"',
    "two-strings": f'"{"x" * 255}" "{"y" * 20}"',
    "utf-8": '"\\195\\164"',
}
"""Texts in canonical form, by what is special about each."""


class ValueContract(Subject):
    """What holds for names and values.

    Attributes:
        foreign: record sets of types that feddns never writes, as (type, value); fewer where a provider knows fewer.
    """

    foreign: ClassVar[tuple[tuple[str, str], ...]] = (
        ("MX", "10 mail.example.net."),
        ("SRV", "0 5 5060 sip.example.net."),
        ("CAA", '0 issue "ca.example.net"'),
        ("TYPE65280", "\\# 4 0a000001"),
    )

    @pytest.mark.parametrize(
        "name",
        [
            "0.1.2",
            "_under._score",
            "*.wild",
            "xn--bcher-kva",
            "a" * 63,
            ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 48]),
        ],
        ids=["digits", "underscores", "wildcard", "idn", "long-label", "253-octets"],
    )
    async def test_names_of_every_kind_come_back_as_they_went(self, pen: Pen, provider: Provider, name: str) -> None:
        # Host names have no underscores (RFC 1123 section 2.1), and BIND refuses them for addresses.
        kind, values = ("TXT", ("one", "two")) if "_" in name else ("A", ("192.0.2.1", "192.0.2.2"))
        first, second = pen.set(name, kind, values[0]), pen.set(name, kind, values[1])
        await pen.write(Create(first))
        await pen.write(Replace(first, second))
        assert await among(provider, second)

    @pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
    async def test_texts_of_every_kind_come_back_as_they_went(self, pen: Pen, provider: Provider, text: str) -> None:
        first, second = pen.set("text", "TXT", text), pen.set("text", "TXT", text, "and another")
        await pen.write(Create(first))
        await pen.write(Replace(first, second))
        assert await among(provider, second)

    @pytest.mark.parametrize("address", ["2001:db8::1", "2001:db8:0:1:1:1:1:1", "2001:0:0:1::1", "::ffff:c000:201"])
    async def test_ipv6_addresses_come_back_in_canonical_form(self, pen: Pen, provider: Provider, address: str) -> None:
        # Whether the last one is written with an IPv4 address inside depends on the version of Python.
        www = pen.set("www", "AAAA", str(ipaddress.IPv6Address(address)))
        await pen.write(Create(www))
        assert (await contents(provider))[www.name, "AAAA"] == www

    async def test_foreign_types_survive_untouched(self, pen: Pen, provider: Provider) -> None:
        theirs = [pen.set("www", kind, value, ttl=77) for kind, value in self.foreign]
        await pen.write(*map(Create, theirs))
        www, others = pen.set("www", "A", "192.0.2.1"), pen.set("www", "A", "192.0.2.2")
        await pen.write(Create(www))
        await pen.write(Replace(www, others))
        await pen.write(Delete(others))
        assert await among(provider, *theirs)

    async def test_a_zone_of_ten_thousand_sets_is_read_whole(self, pen: Pen, provider: Provider) -> None:
        before = await contents(provider)
        many = [
            pen.set(f"service-{number}.shop-{number % 7}.fed.svc", "A", f"10.0.{number >> 8}.{number & 255}")
            for number in range(10_000)
        ]
        await pen.write_all(many)
        assert pen.claim is not None
        assert set((await contents(provider)).values()) == {*before.values(), *many, pen.claim}
