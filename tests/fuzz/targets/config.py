"""The text of `feddns.yaml`: settings, or an error that names a line."""

from feddns.config.parse import load
from feddns.errors import ConfigError

PROVIDERS = ("embedded", "rfc2136")


def fuzz(data: bytes) -> None:
    try:
        loaded = load(data.decode("utf-8", "surrogateescape"), "feddns.yaml", PROVIDERS)
    except ConfigError as error:
        assert str(error).startswith("feddns.yaml")
        return
    assert loaded.targets
    assert all(target.provider in PROVIDERS for target in loaded.targets)
