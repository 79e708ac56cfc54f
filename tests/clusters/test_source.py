import subprocess
import sys

import pytest

from feddns.config.settings import ClusterSettings, ServiceSettings
from tests.clusters.observing import opened

PROGRAM = """
import sys
from pathlib import Path
from feddns.clusters.members import Member
from feddns.clusters.source import Opening, open_source
from feddns.config.settings import *

class Touched:
    def service(self, key): ...
    def cluster(self, name): ...

settings = ClusterSettings(name="us", manifests="us")
open_source(Member(settings), Opening(ServiceSettings(), WatchSettings(), Path("/")), Touched())
print(*sorted({"kubernetes", "aiohttp"} & sys.modules.keys()))
"""


def test_a_cluster_of_manifests_imports_no_cluster_client() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


def test_each_cluster_gets_the_source_that_its_settings_name() -> None:
    sources = [
        opened(settings)
        for settings in (
            ClusterSettings(name="a", manifests="a"),
            ClusterSettings(name="b", kubeconfig="b"),
            ClusterSettings(name="c", in_cluster=True),
        )
    ]
    assert [type(source).__name__ for source in sources] == ["ManifestSource", "KubernetesSource", "KubernetesSource"]
    assert [source.view.name for source in sources] == ["a", "b", "c"]


def test_a_bad_selector_is_refused() -> None:
    with pytest.raises(ValueError, match="label selector"):
        opened(ClusterSettings(name="a", manifests="a"), services=ServiceSettings(selector="a b"))
