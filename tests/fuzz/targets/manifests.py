"""Files of manifests in YAML and JSON: facts, or an error that names the file."""

import tempfile
from pathlib import Path

from feddns.clusters.manifests.documents import ManifestError
from feddns.clusters.manifests.objects import read_objects
from tests.fuzz.targets.objects import READER

FOLDER = Path(tempfile.mkdtemp(prefix="feddns-fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))  # noqa: S108 - a file for each input, which no disk should see


def fuzz(data: bytes) -> None:
    kind, octets = (data[0], data[1:]) if data else (0, b"")
    file = FOLDER / ("objects.json" if kind % 2 else "objects.yaml")
    file.write_bytes(octets)
    try:
        objects = read_objects(file, READER)
    except ManifestError as error:
        assert str(file) in str(error)
        return
    assert all(facts is None or len(facts.problems) < 400 for facts in objects.services.values())
