"""Which name a person means."""

from collections.abc import Iterable

from feddns.errors import InvalidNameError
from feddns.model.labels import absolute, is_hostname, is_label, is_within
from feddns.model.records import DnsName, ZoneName
from feddns.model.services import ServiceKey
from feddns.model.topology import GLOBAL, Scope
from feddns.naming import Names


def which(text: str, names: Names) -> tuple[ServiceKey, Scope]:
    """The service and scope that a person means.

    Args:
        text: a full name, one without the zone (`nginx.shop.fed.svc.eu`), the pods' short form (`nginx.shop.fed`), or
            `namespace/service`.
        names: the federation's names.

    Raises:
        InvalidNameError: it is none of these.
    """
    namespace, _, service = text.partition("/")
    if is_label(namespace) and is_label(service):
        return ServiceKey(namespace, service), GLOBAL
    name = absolute(text)
    for candidate in (name, f"{name}{names.zone}", f"{name}svc.{names.zone}"):
        parsed = names.parse(candidate)
        if parsed is not None:
            return parsed
    raise InvalidNameError(
        f'"{text}" is no name of federation {names.federation}: it may be SERVICE.NAMESPACE.{names.federation}, '
        f"SERVICE.NAMESPACE.{names.federation}.svc[.ZONE][.REGION].{names.zone} or NAMESPACE/SERVICE"
    )


def which_hostname(text: str, zones: Iterable[ZoneName]) -> tuple[DnsName, ZoneName] | None:
    """The hostname outside of the federation's pattern that a person may mean, and the zone that it belongs to.

    Args:
        text: what `which` did not know in any of the zones.
        zones: all zones that are written.
    """
    name = DnsName(absolute(text))
    zone = max((zone for zone in zones if is_within(name, zone)), key=len, default=None)
    return None if zone is None or not is_hostname(name) else (name, zone)
