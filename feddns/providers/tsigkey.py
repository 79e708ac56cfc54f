"""A TSIG key (RFC 8945) as the configuration has it, and its secret, which lives elsewhere."""

import base64
import binascii
import os
from pathlib import Path
from typing import Final

import dns.exception
import dns.name
import dns.tsig

from feddns.config.scalars import FilePath, Section
from feddns.errors import Unauthorized

ALGORITHMS: Final = ("hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512")


class TsigSettings(Section, frozen=True):
    """The TSIG key (RFC 8945) that requests are signed with.

    Attributes:
        name: the key's name, as the server's configuration has it.
        algorithm: hmac-sha224, hmac-sha256, hmac-sha384 or hmac-sha512.
        secret_file: path of a file with the secret in base64, such as a mounted Secret; read again for every message.
        secret_env: name of an environment variable with the secret in base64.
    """

    name: str
    algorithm: str = "hmac-sha256"
    secret_file: FilePath | None = None
    secret_env: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be used.

        Raises:
            ValueError: a name, an algorithm or the secret's place is wrong.
        """
        try:
            dns.name.from_text(self.name)
        except dns.exception.DNSException as error:
            raise ValueError(f'the key\'s name "{self.name}" is no domain name: {error}') from error
        if self.algorithm in {"hmac-md5", "hmac-md5.sig-alg.reg.int", "hmac-sha1"}:
            raise ValueError(
                f"{self.algorithm} is too weak (RFC 8945 section 6): make a key of hmac-sha256, the default"
            )
        if self.algorithm not in ALGORITHMS:
            raise ValueError(f'"{self.algorithm}" is no TSIG algorithm for us; choose one of {", ".join(ALGORITHMS)}')
        if (self.secret_file is None) == (self.secret_env is None):
            raise ValueError("the secret comes from exactly one of secretFile and secretEnv")


class Secret:
    """A TSIG key whose secret is looked up whenever it is needed, so that a rotated one is used at once."""

    def __init__(self, settings: TsigSettings, folder: Path) -> None:
        """Remember where the secret is; nothing is read yet."""
        self._settings = settings
        self._folder = folder

    def __str__(self) -> str:
        return f"TSIG key {dns.name.from_text(self._settings.name).to_text()} ({self._settings.algorithm})"

    def key(self) -> dns.tsig.Key:
        """The key as it is now.

        Raises:
            Unauthorized: the secret cannot be read, or is not base64.
        """
        text, source = self._read()
        try:
            secret = base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if not secret:
            # The text itself is never shown, nor kept as the error's cause: it may be a secret with a slip.
            raise Unauthorized(f"{source} does not hold a TSIG secret: it must be nothing but base64")
        return dns.tsig.Key(dns.name.from_text(self._settings.name), secret, self._settings.algorithm)

    def _read(self) -> tuple[str, str]:
        if self._settings.secret_env is not None:
            source = f"the environment variable {self._settings.secret_env}"
            text = os.environ.get(self._settings.secret_env)
            if text is None:
                raise Unauthorized(f"{source} for the TSIG secret is not set")
            return text, source
        path = self._folder / (self._settings.secret_file or "")
        try:
            return path.read_text("ascii"), str(path)
        except UnicodeDecodeError:
            return "", str(path)
        except OSError as error:
            raise Unauthorized(f"{path} with the TSIG secret cannot be read: {error.strerror}") from error
