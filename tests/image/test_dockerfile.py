"""What the Dockerfile promises, read off its text; that it builds and runs is told in docs/image.md."""

import re
import stat

from tests.image.dockerfile import environment, instructions
from tests.rules.files import ROOT

NONROOT = 65532


def test_every_stage_is_based_on_an_image_of_an_exact_version_and_digest() -> None:
    (python,) = [argument for argument in instructions("ARG") if argument.startswith("PYTHON=")]
    assert re.fullmatch(r"PYTHON=docker\.io/library/python:3\.13\.\d+-slim-trixie@sha256:[0-9a-f]{64}", python)
    assert instructions("FROM") == ["${PYTHON} AS build", "${PYTHON}"]


def test_whatever_is_downloaded_is_held_to_a_hash() -> None:
    runs = "\n".join(instructions("RUN"))
    assert re.findall(r"pip install .*", runs) == [
        "pip install --quiet --require-hashes --only-binary :all: --requirement image/uv.txt"
    ]
    assert not re.search(r"\b(curl|wget|apt-get|git)\b", runs)
    assert instructions("ADD") == []
    for name in ("uv.txt", "build.txt"):
        requirements = (ROOT / "image" / name).read_text().replace("\\\n", "").splitlines()[1:]
        assert requirements
        assert all(re.match(r"[\w.-]+==[\w.]+ +--hash=sha256:[0-9a-f]{64}", line) for line in requirements)


def test_the_build_sees_what_it_copies_and_nothing_else() -> None:
    copied = {
        source
        for copy in instructions("COPY")
        if not copy.startswith("--from")
        for source in copy.split()[:-1]
        if not source.startswith("image/")
    }
    ignored, *rules = [
        line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")
    ]
    assert ignored == "*"
    assert {rule.removeprefix("!") for rule in rules if rule.startswith("!")} == copied
    assert all((ROOT / source).exists() for source in copied)


def test_nothing_runs_as_root() -> None:
    assert instructions("USER") == [f"{NONROOT}:{NONROOT}"]
    final = "\n".join(instructions("RUN")[-1:])
    assert f"--uid {NONROOT} --gid {NONROOT}" in final
    assert "-perm /6000 -exec chmod ug-s" in final


def test_a_container_runs_the_federation_beside_its_configuration() -> None:
    assert instructions("ENTRYPOINT") == ['["feddns"]']
    assert instructions("CMD") == ['["run"]']
    assert instructions("WORKDIR")[-1] == "/etc/feddns"
    assert environment()["PATH"].startswith("/opt/feddns/bin:")


def test_the_image_says_what_it_is() -> None:
    (labels,) = instructions("LABEL")
    assert re.findall(r"org\.opencontainers\.image\.(\w+)=", labels) == [
        "title",
        "description",
        "licenses",
        "version",
        "revision",
    ]


def test_the_steps_can_be_run() -> None:
    for name in ("install-dependencies", "install-feddns"):
        assert (ROOT / "image" / name).stat().st_mode & stat.S_IXOTH
