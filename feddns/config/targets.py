"""Where the names are written: every zone with its provider, in whichever of the two forms the configuration has."""

import msgspec

from feddns.config.lines import Path
from feddns.config.settings import DnsSettings
from feddns.model.labels import absolute
from feddns.model.records import ZoneName


class Target(msgspec.Struct, frozen=True):
    """One zone that is written through one provider.

    Attributes:
        name: what people, logs and `--target` call it.
        zone: the zone's name, absolute and in lower case.
        provider: the provider's name.
        path: where the configuration has its zone and provider.
    """

    name: str
    zone: ZoneName
    provider: str
    path: Path


def targets(dns: DnsSettings) -> tuple[Target, ...]:
    """Every target of settings that are valid, in the order of the configuration."""
    if not dns.targets:
        return (_target("", dns.zone, next(iter(dns.provider)), ("dns",)),)
    return tuple(
        _target(each.name, each.zone, next(iter(each.provider)), ("dns", "targets", place))
        for place, each in enumerate(dns.targets)
    )


def called(name: str, zone: str) -> str:
    """A target's name: the one that the configuration gives it, or else its zone."""
    return name or zone.lower().removesuffix(".")


def _target(name: str, zone: str, provider: str, path: Path) -> Target:
    return Target(called(name, zone), ZoneName(absolute(zone)), provider, path)
