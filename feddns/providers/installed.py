"""The providers that are installed: entry points of the group `feddns.providers`, ours and other packages' alike."""

from importlib.metadata import entry_points
from typing import Final

from feddns.errors import ProviderError
from feddns.providers.base import Provider

GROUP: Final = "feddns.providers"

_MEMBERS: Final = ("Settings", "open", "limits", "identity", "zones", "read_zone", "apply", "close")
"""What a `Provider` has."""


def provider_names() -> tuple[str, ...]:
    """The names that `dns.provider` may have, sorted; no provider is imported."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def provider_class(name: str) -> type[Provider]:
    """The class behind one of `provider_names()`.

    Raises:
        ProviderError: there is none, or more than one; its package cannot be imported, or is made for another feddns.
    """
    points = tuple(entry_points(group=GROUP, name=name))
    if not points:
        raise ProviderError(f'no package offers a provider "{name}"')
    if len(points) > 1:
        packages = ", ".join(sorted(point.dist.name if point.dist else point.value for point in points))
        raise ProviderError(f'several packages offer a provider "{name}": {packages}; keep one of them installed')
    (point,) = points
    try:
        found: type[Provider] = point.load()
    except (ImportError, AttributeError, SyntaxError) as error:
        raise ProviderError(f'the provider "{name}" ({point.value}) cannot be imported: {error}') from error
    lacking = [member for member in _MEMBERS if not hasattr(found, member)]
    if lacking:
        raise ProviderError(f'the provider "{name}" ({point.value}) is none: it lacks {", ".join(lacking)}')
    return found
