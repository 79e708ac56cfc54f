"""The configuration file, read from disk and judged together with the files that it names."""

import os
from pathlib import Path

from feddns.config.lines import Fault, dotted
from feddns.config.parse import Loaded, load
from feddns.errors import ConfigError
from feddns.providers.installed import provider_class, provider_names


def read_configuration(file: str, *, with_provider: bool = True) -> Loaded:
    """Read and judge the file that `--config` names.

    Args:
        file: its path.
        with_provider: whether the provider's own settings, and the files that these name, matter.

    Raises:
        ConfigError: it cannot be read, what it says cannot be used, or a file that it names cannot be read.
        ProviderError: the provider's package cannot be imported.
    """
    loaded = load(_text(file), file, provider_names())
    targets = loaded.targets if with_provider else ()
    providers = {target: loaded.provider(target, provider_class(target.provider).Settings) for target in targets}
    places = [
        (path, form, Path(file).parent / Path(name).expanduser()) for path, form, name in loaded.places(providers)
    ]
    faults = [
        Fault(path, f"{dotted(path)}: the {form} {place} {reason}")
        for path, form, place in places
        if (reason := _unreadable(place, form))
    ]
    if faults:
        raise loaded.document.error(*faults)
    return loaded


def _text(file: str) -> str:
    try:
        octets = Path(file).read_bytes()
    except FileNotFoundError:
        raise ConfigError(file, None, "there is no such file; name one with --config or FEDDNS_CONFIG") from None
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(file, None, f"cannot be read: {reason}") from None
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        raise ConfigError(file, octets.count(b"\n", 0, error.start) + 1, "not UTF-8 text") from None


def _unreadable(place: Path, form: str) -> str:
    """Why a file or folder cannot be read; empty if it can."""
    is_folder = form == "folder"
    if not place.exists():
        return "does not exist"
    if place.is_dir() is not is_folder:
        return "is no folder" if is_folder else "is a folder"
    return "" if os.access(place, os.R_OK | (os.X_OK if is_folder else 0)) else "may not be read"
