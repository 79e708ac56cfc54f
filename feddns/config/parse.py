"""The text of `feddns.yaml` made into settings, or into an error that names the line and says what would be right.

Nothing here opens a file: the text is handed in, and so are the names of the providers that there are.
"""

from collections.abc import Collection, Iterator
from typing import TypeVar

import msgspec

from feddns.config.contradictions import contradictions
from feddns.config.lines import Document, Fault, Path, read_document
from feddns.config.settings import Settings
from feddns.config.shape import places, shape
from feddns.errors import ConfigError
from feddns.model.labels import absolute

P = TypeVar("P", bound=msgspec.Struct)


class Loaded(msgspec.Struct, frozen=True):
    """Settings that are valid in themselves, and where each of them stands.

    Attributes:
        settings: with the DNS zone in lower case and without its final dot.
        document: the file behind them.
    """

    settings: Settings
    document: Document

    @property
    def provider_name(self) -> str:
        """The one key under `dns.provider`."""
        return next(iter(self.settings.dns.provider))

    def provider(self, kind: type[P]) -> P:
        """What stands under the provider's name, as the provider's own `Settings`.

        Raises:
            ConfigError: it does not fit.
        """
        name = self.provider_name
        faults: list[Fault] = []
        made = shape(self.settings.dns.provider[name], kind, ("dns", "provider", name), faults)
        if made is None:
            raise self.document.error(*faults)
        return made

    def places(self, provider: msgspec.Struct | None) -> Iterator[tuple[Path, str, str]]:
        """Every file and folder that is named, as where it stands, `file` or `folder`, and its path as written.

        Args:
            provider: what `provider()` gave; None to leave out the files of the provider.
        """
        yield from places(self.settings)
        if provider is not None:
            yield from places(provider, ("dns", "provider", self.provider_name))

    def error(self, path: Path, text: str) -> ConfigError:
        """The error for what turns out to be wrong later on, such as a file that is not there."""
        return self.document.error(Fault(path, text))


def load(text: str, file: str, providers: Collection[str]) -> Loaded:
    """Read settings, strictly.

    Args:
        text: the YAML text.
        file: its path as the operator wrote it, for errors.
        providers: the names of the providers that there are.

    Raises:
        ConfigError: with one line for each fault that could be found, in the order of the file.
    """
    document = read_document(text, file)
    faults: list[Fault] = []
    settings = shape(document.value, Settings, (), faults)
    if settings is not None:
        faults.extend(contradictions(settings, document, providers))
    if settings is None or faults:
        raise document.error(*faults)
    zone = absolute(settings.dns.zone).removesuffix(".")
    dns = msgspec.structs.replace(settings.dns, zone=zone)
    return Loaded(msgspec.structs.replace(settings, dns=dns), document)
