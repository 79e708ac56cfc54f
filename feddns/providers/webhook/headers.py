"""HTTP headers from a file, such as a mounted Secret, that let us in."""

import re
from pathlib import Path
from typing import Final

from feddns.errors import Unauthorized

_HEADER: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([ -~\t]*)")
"""A field name is a token (RFC 9110 section 5.1); of values only printable ASCII is sent (section 5.5)."""


def read_headers(path: Path) -> dict[str, str]:
    """The headers of a file, one `Name: value` a line; empty lines and those that begin with # are left out.

    Raises:
        Unauthorized: it cannot be read, or a line is no header. The line itself is never shown: it may be a secret.
    """
    try:
        text = path.read_text("ascii")
    except UnicodeDecodeError:
        text = "\0"
    except OSError as error:
        raise Unauthorized(f"{path} with the HTTP headers cannot be read: {error.strerror}") from error
    headers = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        header = _HEADER.fullmatch(line.rstrip())
        if header is None:
            raise Unauthorized(f"{path}, line {number}, is no HTTP header: write `Name: value`, in ASCII")
        headers[header[1]] = header[2]
    return headers
