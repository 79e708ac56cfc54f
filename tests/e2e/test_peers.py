"""Replicas of the embedded server that start while a cluster cannot be seen, each with a zone of its own."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

from tests.e2e.running import Answers, Feddns
from tests.lab.processes import free_port
from tests.quickstart import ASIA, EU, NGINX, US, Quickstart
from tests.servers import installed

pytestmark = pytest.mark.servers

ALL = sorted((US, EU, ASIA))
WORLD = f"{NGINX}.example.com."
IN_EU = f"{NGINX}.europe-west1.example.com."


class Replicas:
    """Replicas with folders of their own, whose names lead to this machine."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self.federation = Quickstart(folder / "federation")

    def start(self, *peers: Answers) -> Feddns:
        """One more, with a blank zone."""
        name = f"replica-{len(list(self._folder.glob('*.log')))}"
        listen, http = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
        embedded = {"listen": [listen], "file": str(self._folder / f"{name}.zone"), "lameduck": 0}
        embedded["peers"] = [listen, *(f"localhost:{peer.port}" for peer in peers)]
        settings = yaml.safe_load(self.federation.config.read_text())
        settings["dns"]["provider"] = {"embedded": embedded}
        settings["web"] = {"listen": http}
        for cluster in settings["clusters"]:
            cluster["manifests"] = str(self.federation.folder / cluster["manifests"])
        return self._stack.enter_context(Feddns(self._folder, settings, name))


@pytest.fixture
def replicas(tmp_path: Path) -> Iterator[Replicas]:
    with ExitStack() as stack:
        yield Replicas(tmp_path, stack)


def zone(answers: Answers) -> set[str]:
    """All records but those that a server has of its own: SOA, claim and name servers."""
    where = [f"@{answers.host}", "-p", str(answers.port)]
    command = [installed("dig"), *where, "example.com", "AXFR", "+noall", "+answer"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {line for line in done.stdout.splitlines() if f".{NGINX.split('.', 1)[1]}." in line}


async def test_one_that_starts_while_clusters_cannot_be_seen_answers_what_the_others_do(replicas: Replicas) -> None:
    first = replicas.start()
    known = await first.dns()
    await known.come_to(WORLD, ALL)
    replicas.federation.spoil("eu")
    second = replicas.start(known)
    new = await second.dns()
    await new.come_to(WORLD, ALL)
    assert await new.ask(IN_EU) == [EU]
    (filled,) = second.events("zone filled")
    assert filled["peer"].endswith(f":{known.port}")
    replicas.federation.fail("us")  # so that it has something to write
    await new.come_to(WORLD, sorted((EU, ASIA)))
    await known.come_to(WORLD, sorted((EU, ASIA)))
    assert zone(new) == zone(known)
    for cluster in ("us", "asia"):
        replicas.federation.spoil(cluster)
    third = replicas.start(new)
    await (await third.dns()).come_to(WORLD, sorted((EU, ASIA)))
    assert zone(await third.dns()) == zone(new)
    assert third.events("cluster visible") == []


async def test_without_a_peer_it_answers_from_what_the_clusters_show(replicas: Replicas) -> None:
    first = replicas.start()
    known = await first.dns()
    await known.come_to(WORLD, ALL)
    replicas.federation.spoil("eu")
    alone = replicas.start()
    new = await alone.dns()
    await new.come_to(WORLD, sorted((US, ASIA)))
    assert alone.events("zone filled") == []
