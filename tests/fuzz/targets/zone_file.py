"""The zone's file with anything in it, as damaged octets or rows that feddns never wrote: a zone, or a told error."""

import sqlite3
import tempfile
from pathlib import Path

from feddns.answers.zone import Zone
from feddns.errors import ProviderError
from feddns.model.records import ZoneName
from feddns.nameserver.zonefile import ZoneFile
from tests.answers.asking import APEX
from tests.nameserver.commits import batch

FOLDER = Path(tempfile.mkdtemp(prefix="feddns-fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))  # noqa: S108 - a file for each input, which no disk should see
ZONE = ZoneName("example.com.")
ROW = b"\0"
"""A first octet that says that the rest is a row of a sound file; any other one belongs to the file."""


def fuzz(data: bytes) -> None:
    for file in FOLDER.iterdir():
        file.unlink()
    path = FOLDER / "zone.sqlite"
    if data.startswith(ROW):
        _write_row(path, data[1:])
    else:
        path.write_bytes(data)
    opened = ZoneFile(path, ZONE, patience_s=0.0)
    try:
        contents = opened.read()
        zone = Zone(APEX)
        zone.change(*zone.difference(contents.record_sets), contents.serial or 1)
        opened.commit(batch(1), 1)
    except ProviderError as error:
        assert str(error)
    finally:
        opened.close()


def _write_row(path: Path, row: bytes) -> None:
    name, _, rest = row.decode("utf-8", "replace").partition("\n")
    kind, _, rest = rest.partition("\n")
    ttl, _, values = rest.partition("\n")
    made = ZoneFile(path, ZONE)
    made.create(1)
    made.close()
    with sqlite3.connect(path) as connection:
        number = int(ttl) if ttl.isascii() and ttl.isdecimal() and len(ttl) < 12 else ttl
        connection.execute("REPLACE INTO record_sets VALUES (?, ?, ?, ?)", (name, kind, number, values))
    connection.close()
