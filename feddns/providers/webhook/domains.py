"""Which names a webhook serves, as it says itself when it is first asked."""

import re
from collections.abc import Iterable

import msgspec

from feddns.model.labels import absolute, is_zone_name
from feddns.model.records import ZoneName


class DomainFilter(msgspec.Struct, frozen=True, rename="camel"):
    """ExternalDNS' filter of names: lists of domains, or regular expressions, which then go before the lists.

    Attributes:
        include: only these domains and what is below them, with a dot in front only what is below; empty for all.
        exclude: never these.
        regex_include: a regular expression somewhere in the name; empty for all.
        regex_exclude: a regular expression that is nowhere in the name; empty for none.
        filters: what the protocol's OpenAPI description calls `include`.
    """

    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    regex_include: str | None = None
    regex_exclude: str | None = None
    filters: tuple[str, ...] | None = None

    def __str__(self) -> str:
        if self.regex_include or self.regex_exclude:
            told = {"what matches": self.regex_include, "not what matches": self.regex_exclude}
        else:
            told = {"names in": ", ".join(self._included), "not names in": ", ".join(self.exclude or ())}
        return ", ".join(f"{words} {values}" for words, values in told.items() if values) or "everything"

    def covers(self, zone: ZoneName) -> bool:
        """Whether names of a zone are served."""
        return self.matches(zone) or self.matches(f"feddns.{zone}")

    def matches(self, name: str) -> bool:
        """Whether a name is served.

        Go's regular expressions know forms that Python's do not; one that is not understood keeps nothing out.
        """
        bare = name.removesuffix(".")
        if self.regex_include or self.regex_exclude:
            return not _found(self.regex_exclude, bare, otherwise=False) and _found(
                self.regex_include, bare, otherwise=True
            )
        included = tuple(_folded(self._included))
        return (not included or _is_among(bare, included)) and not _is_among(bare, _folded(self.exclude or ()))

    def zones(self) -> frozenset[ZoneName]:
        """The domains that are named, which most often are zones."""
        return frozenset(ZoneName(absolute(domain)) for domain in _folded(self._included) if is_zone_name(domain))

    @property
    def _included(self) -> tuple[str, ...]:
        return (self.include or ()) + (self.filters or ())


def _found(pattern: str | None, name: str, *, otherwise: bool) -> bool:
    if not pattern:
        return otherwise
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return otherwise


def _is_among(name: str, domains: Iterable[str]) -> bool:
    return any(
        name.endswith(domain) if domain.startswith(".") else f".{name}".endswith(f".{domain}") for domain in domains
    )


def _folded(domains: Iterable[str]) -> Iterable[str]:
    """Domains in the form in which names compare: ASCII, lower case, without the final dot."""
    for domain in domains:
        bare = domain.strip().removesuffix(".").lower()
        try:
            ascii_form = bare if bare.isascii() else bare.encode("idna").decode()
        except UnicodeError:
            continue  # no name is like this
        if ascii_form:
            yield ascii_form
