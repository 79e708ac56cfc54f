"""The configuration file, read from disk."""

from pathlib import Path

from feddns.config.parse import Loaded, load
from feddns.errors import ConfigError
from feddns.providers.installed import provider_names


def read_configuration(file: str) -> Loaded:
    """Read and judge the file that `--config` names.

    Raises:
        ConfigError: it cannot be read, or what it says cannot be used.
    """
    try:
        octets = Path(file).read_bytes()
    except FileNotFoundError:
        raise ConfigError(file, None, "there is no such file; name one with --config or FEDDNS_CONFIG") from None
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(file, None, f"cannot be read: {reason}") from None
    try:
        text = octets.decode()
    except UnicodeDecodeError as error:
        raise ConfigError(file, octets.count(b"\n", 0, error.start) + 1, "not UTF-8 text") from None
    return load(text, file, provider_names())
