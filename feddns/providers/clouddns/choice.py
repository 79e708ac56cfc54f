"""Which of a project's managed zones is the one that is written."""

from collections.abc import Iterable, Iterator

from feddns.errors import Rejected
from feddns.model.records import ZoneName
from feddns.providers.clouddns.rdata import canonical_name
from feddns.providers.clouddns.resources import ManagedZone


def suffixes(zone: ZoneName) -> Iterator[str]:
    """The DNS names that a managed zone for `zone` may have: itself, then those above it."""
    name = str(zone)
    while name:
        yield name
        name = name.partition(".")[2]


def choose(zone: ZoneName, found: Iterable[ManagedZone], private: bool | None) -> ManagedZone | None:  # noqa: FBT001 - a setting with three values
    """The one managed zone among those of one DNS name; None where none is fit.

    Args:
        zone: the zone that is written.
        found: the managed zones of one of its suffixes.
        private: whether it must be private, or must not; None for either.

    Raises:
        Rejected: there are several.
    """
    fit = [each for each in found if each.holds_records and private in {None, each.private}]
    if len(fit) > 1:
        listed = ", ".join(f"{each.name} ({each.visibility})" for each in sorted(fit, key=lambda each: each.name))
        raise Rejected(
            f"several managed zones have the DNS name {fit[0].dns_name}: {listed}; choose one of them for {zone} by "
            "`managedZone`, or by `private: true` or `private: false`"
        )
    return fit[0] if fit else None


def check(zone: ZoneName, named: ManagedZone, private: bool | None) -> None:  # noqa: FBT001 - as above
    """Look whether the managed zone that the settings name is fit.

    Raises:
        Rejected: it is not; says why.
    """
    if canonical_name(named.dns_name) not in set(suffixes(zone)):
        raise Rejected(f"the managed zone {named.name} is that of {named.dns_name}, which {zone} is not in")
    if private not in {None, named.private}:
        raise Rejected(
            f"the managed zone {named.name} is {named.visibility}, which `private: {str(private).lower()}` rules out"
        )
    if not named.holds_records:
        raise Rejected(f"the managed zone {named.name} forwards its queries elsewhere, and holds no records")
