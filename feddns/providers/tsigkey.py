"""A TSIG key (RFC 8945) as the configuration has it, and its secret, which lives elsewhere."""

import base64
import binascii
import os
import re
from pathlib import Path
from typing import Final

import dns.exception
import dns.name
import dns.tsig

from feddns.config.scalars import FilePath, Section
from feddns.errors import Unauthorized
from feddns.providers.reread import Reread

ALGORITHMS: Final = ("hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512")

_COMMENT: Final = re.compile(r"(?m)^\s*(#|//).*$")
_KEY: Final = re.compile(
    r"""\s*key\s+"?(?P<name>[^\s"{};]+)"?\s*\{\s*
    algorithm\s+"?(?P<algorithm>[^\s"{};]+)"?\s*;\s*
    secret\s+"?(?P<secret>[A-Za-z0-9+/=]+)"?\s*;\s*
    \}\s*;?\s*""",
    re.VERBOSE | re.IGNORECASE,
)
"""A key as `tsig-keygen` prints it, which BIND's configuration and nsupdate take as it is."""


class TsigSettings(Section, frozen=True):
    """The TSIG key (RFC 8945) that requests are signed with.

    Attributes:
        name: the key's name, as the server's configuration has it; left out where the file holds it too.
        algorithm: hmac-sha224, hmac-sha256, hmac-sha384 or hmac-sha512, where the file does not say.
        secret_file: path of a file, such as a mounted Secret, with the secret in base64, or with a whole key as
            `tsig-keygen` prints it; another key in it is used at once.
        secret_env: name of an environment variable that holds the same.
    """

    name: str = ""
    algorithm: str = "hmac-sha256"
    secret_file: FilePath | None = None
    secret_env: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be used.

        Raises:
            ValueError: a name, an algorithm or the secret's place is wrong.
        """
        _refuse_name(self.name)
        _refuse_algorithm(self.algorithm)
        if (self.secret_file is None) == (self.secret_env is None):
            raise ValueError("the secret comes from exactly one of secretFile and secretEnv")


class Secret:
    """A TSIG key whose secret lives elsewhere, so that a rotated one is used at once."""

    def __init__(self, settings: TsigSettings, folder: Path, *, every_s: float = 0.0) -> None:
        """Remember where the secret is; nothing is read yet.

        Args:
            settings: where it is.
            folder: what a relative path starts from.
            every_s: how long the file is taken to be as it was when last looked at.
        """
        self._settings = settings
        self._path = None if settings.secret_file is None else folder / settings.secret_file
        files = () if self._path is None else (self._path,)
        self._keys = Reread(self._read, files, every_s=every_s)

    def __str__(self) -> str:
        if not self._settings.name:
            return f"the TSIG key of {self._source}"
        return f"TSIG key {dns.name.from_text(self._settings.name).to_text()} ({self._settings.algorithm})"

    def key(self) -> dns.tsig.Key:
        """The key as it is now, or was when it could last be read.

        Raises:
            Unauthorized: the secret cannot be read, or is not base64, and never was.
        """
        return self._keys.get()

    @property
    def _source(self) -> str:
        return str(self._path or f"the environment variable {self._settings.secret_env}")

    def _read(self) -> dns.tsig.Key:
        text = self._text()
        statement = _KEY.fullmatch(_COMMENT.sub("", text))
        secret = _decoded(text if statement is None else statement["secret"])
        if not secret:
            # The text itself is never shown, nor kept as the error's cause: it may be a secret with a slip.
            raise Unauthorized(
                f"{self._source} does not hold a TSIG secret: it must be nothing but base64, or a whole key as "
                "tsig-keygen prints it"
            )
        if statement is not None:
            return self._whole(statement, secret)
        if not self._settings.name:
            raise Unauthorized(f"{self._source} holds a TSIG secret alone: set the key's `name` beside it")
        return dns.tsig.Key(dns.name.from_text(self._settings.name), secret, self._settings.algorithm)

    def _whole(self, statement: re.Match[str], secret: bytes) -> dns.tsig.Key:
        name, algorithm = statement["name"], statement["algorithm"].lower()
        try:
            _refuse_name(name)
            _refuse_algorithm(algorithm)
        except ValueError as error:
            raise Unauthorized(f"{self._source}: {error}") from error
        key = dns.tsig.Key(dns.name.from_text(name), secret, algorithm)
        if self._settings.name and key.name != dns.name.from_text(self._settings.name):
            raise Unauthorized(
                f"{self._source} holds the TSIG key {key.name.to_text()}, and not {self._settings.name}: leave out "
                "`name`, or make them the same"
            )
        return key

    def _text(self) -> str:
        if self._path is None:
            text = os.environ.get(self._settings.secret_env or "")
            if text is None:
                raise Unauthorized(f"{self._source} for the TSIG secret is not set")
            return text
        try:
            return self._path.read_text("ascii")
        except UnicodeDecodeError:
            return ""
        except OSError as error:
            raise Unauthorized(f"{self._path} with the TSIG secret cannot be read: {error.strerror}") from error


def _decoded(text: str) -> bytes:
    """The octets of base64; none where it is something else."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _refuse_name(text: str) -> None:
    try:
        dns.name.from_text(text)
    except dns.exception.DNSException as error:
        raise ValueError(f'the key\'s name "{text}" is no domain name: {error}') from error


def _refuse_algorithm(text: str) -> None:
    if text in {"hmac-md5", "hmac-md5.sig-alg.reg.int", "hmac-sha1"}:
        raise ValueError(f"{text} is too weak (RFC 8945 section 6): make a key of hmac-sha256, the default")
    if text not in ALGORITHMS:
        raise ValueError(f'"{text}" is no TSIG algorithm for us; choose one of {", ".join(ALGORITHMS)}')
