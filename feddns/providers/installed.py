"""The providers that are installed: entry points of the group `feddns.providers`, ours and other packages' alike."""

from importlib.metadata import entry_points
from typing import Final

from feddns.errors import ProviderError
from feddns.providers.base import Provider

GROUP: Final = "feddns.providers"


def provider_names() -> tuple[str, ...]:
    """The names that `dns.provider` may have, sorted; no provider is imported."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def provider_class(name: str) -> type[Provider]:
    """The class behind one of `provider_names()`.

    Raises:
        ProviderError: there is none, or its package cannot be imported.
    """
    for point in entry_points(group=GROUP, name=name):
        try:
            found: type[Provider] = point.load()
        except (ImportError, AttributeError, SyntaxError) as error:
            raise ProviderError(f'the provider "{name}" ({point.value}) cannot be imported: {error}') from error
        return found
    raise ProviderError(f'no package offers a provider "{name}"')
