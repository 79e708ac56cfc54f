"""The text of `feddns.yaml` made into settings, or into an error that names the line and says what would be right.

Nothing here opens a file: the text is handed in, and so are the names of the providers that there are.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar

import msgspec

from feddns.config.contradictions import contradictions
from feddns.config.lines import Document, Fault, Path, read_document
from feddns.config.settings import Settings
from feddns.config.shape import places, shape
from feddns.config.targets import Target, targets

P = TypeVar("P", bound=msgspec.Struct)


class Loaded(msgspec.Struct, frozen=True):
    """Settings that are valid in themselves, and where each of them stands.

    Attributes:
        document: the file behind them.
        targets: where the names are written.
    """

    settings: Settings
    document: Document
    targets: tuple[Target, ...]

    def provider(self, target: Target, kind: type[P]) -> P:
        """What stands under the name of a target's provider, as the provider's own `Settings`.

        Raises:
            ConfigError: it does not fit.
        """
        path = (*target.path, "provider", target.provider)
        faults: list[Fault] = []
        made = shape(self.document.at(path), kind, path, faults)
        if made is None:
            raise self.document.error(*faults)
        return made

    def places(self, providers: Mapping[Target, msgspec.Struct]) -> Iterator[tuple[Path, str, str]]:
        """Every file and folder that is named, as where it stands, `file` or `folder`, and its path as written.

        Args:
            providers: what `provider()` gave, for the targets whose providers' files matter.
        """
        yield from places(self.settings)
        for target, provider in providers.items():
            yield from places(provider, (*target.path, "provider", target.provider))


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
    return Loaded(settings, document, targets(settings.dns))
