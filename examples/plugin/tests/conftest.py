"""A zone in a file, and failures of the contract that tell values, as those of tests do."""

from pathlib import Path

import pytest

pytest.register_assert_rewrite("feddns.testing")

EMPTY_ZONE = """\
$TTL 300
@    SOA ns1 hostmaster 1 3600 600 86400 60
@    NS  ns1
ns1  A   192.0.2.53
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A zone `example.com` without records of feddns, in a folder of its own."""
    path = tmp_path / "zone"
    path.write_text(EMPTY_ZONE)
    path.chmod(0o640)
    return path
