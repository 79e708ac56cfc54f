"""TLS contexts, made once for all questions that trust the same authorities."""

import os
import ssl
from typing import Final

from feddns.model.probing import Tls
from feddns.probes.answer import NotAnswered, hindered

_Key = tuple[bool, str, str, bool]
_Stamp = tuple[int, int, int]

_SYSTEM: Final[_Stamp] = (0, 0, 0)


class Trust:
    """Makes contexts, and makes one anew when the file of its authorities has changed."""

    def __init__(self) -> None:
        self._made: dict[_Key, tuple[_Stamp, ssl.SSLContext]] = {}

    def context(self, tls: Tls, protocol: str, *, any_name: bool = False) -> ssl.SSLContext:
        """The context for a question.

        Args:
            tls: what is asked for.
            protocol: the application protocol, as ALPN names it (RFC 7301).
            any_name: whether a trusted certificate may be for anybody.

        Raises:
            NotAnswered: the authorities cannot be read.
        """
        key = tls.verify, tls.ca_file, protocol, any_name
        try:
            stamp = _stamp(tls.ca_file) if tls.verify and tls.ca_file else _SYSTEM
            made = self._made.get(key)
            if made is None or made[0] != stamp:
                made = self._made[key] = stamp, _made(tls, protocol, any_name=any_name)
        except OSError as error:  # that of the file, or of OpenSSL, which finds no certificate in it
            reason = os.strerror(error.errno) if error.errno and not isinstance(error, ssl.SSLError) else "not PEM"
            raise NotAnswered(hindered(f"the authorities in {tls.ca_file} cannot be read: {reason}")) from error
        return made[1]


def _stamp(path: str) -> _Stamp:
    status = os.stat(path)  # noqa: PTH116 - thousands of times a second where thousands of targets speak TLS
    return status.st_mtime_ns, status.st_size, status.st_ino


def _made(tls: Tls, protocol: str, *, any_name: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols([protocol])
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.check_hostname = not any_name
        if tls.ca_file:
            context.load_verify_locations(tls.ca_file)
        else:
            context.load_default_certs()
    return context
