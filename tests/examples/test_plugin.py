"""The example plug-in, installed as a stranger would install it: from wheels, into an environment of its own."""

import ast
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
import yaml

from tests.quickstart import NGINX, US, Quickstart
from tests.rules.files import ROOT, modules

EXAMPLE = ROOT / "examples" / "plugin"
ZONE = "$TTL 300\n@ SOA ns1 hostmaster 1 3600 600 86400 60\n@ NS ns1\nns1 A 192.0.2.53\n"


def run(*command: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program that knows nothing of this checkout."""
    inherited = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    return subprocess.run(
        list(map(str, command)), cwd=folder, env=inherited | environment, capture_output=True, text=True, check=False
    )


def uv(*arguments: str | Path, folder: Path) -> None:
    """Run uv on what it has in its cache, as the checkout's own environment has put it there; else with the network."""
    program = os.environ.get("UV") or shutil.which("uv")
    assert program is not None, "uv is not on PATH"
    done = run(program, *arguments, "--quiet", "--offline", folder=folder)
    if done.returncode:
        done = run(program, *arguments, "--quiet", folder=folder)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheels of feddns and of the example, by project."""
    folder = tmp_path_factory.mktemp("wheels")
    for project in (ROOT, EXAMPLE):
        uv("build", "--wheel", "--out-dir", folder, project, folder=folder)
    return {path.name.partition("-")[0]: path for path in folder.glob("*.whl")}


@pytest.fixture(scope="session")
def python(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with both wheels in it, and nothing of this checkout but its dependencies."""
    home = tmp_path_factory.mktemp("stranger") / "venv"
    uv("venv", "--python", sys.executable, home, folder=home.parent)
    found = home / "bin" / "python"
    uv("pip", "install", "--no-deps", "--python", found, *wheels.values(), folder=home.parent)
    (libraries,) = (home / "lib").glob("python*/site-packages")
    # A folder that a .pth file names is searched, and its own .pth files are not: so this checkout is not found.
    (libraries / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return found


@pytest.fixture
def quickstart(tmp_path: Path) -> Quickstart:
    """The quickstart's federation, written into a zone file."""
    quickstart = Quickstart(tmp_path / "quickstart")
    quickstart.configure(dns={"zone": "example.com", "provider": {"zonefile": {"file": "example.com.zone"}}})
    (quickstart.folder / "example.com.zone").write_text(ZONE)
    return quickstart


def feddns(python: Path, quickstart: Quickstart, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(python.with_name("feddns"), *arguments, folder=quickstart.folder)


def test_only_the_contract_needs_pytest() -> None:
    importing = {
        path
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(each.name.partition(".")[0] == "pytest" for each in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "pytest")
    }
    assert importing
    assert {path for path in importing if not path.startswith("feddns/testing/")} == set()


def test_no_part_of_feddns_imports_the_contract() -> None:
    importing = {
        path
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("feddns.testing")
    }
    assert {path for path in importing if not path.startswith("feddns/testing/")} == set()


def test_the_readmes_configuration_is_the_one_that_is_proved() -> None:
    text = (EXAMPLE / "README.md").read_text()
    example = yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])
    assert example["dns"]["provider"] == {"zonefile": {"file": "example.com.zone"}}


@pytest.mark.servers
def test_the_wheel_brings_the_contract_and_its_types(wheels: dict[str, Path]) -> None:
    with zipfile.ZipFile(wheels["feddns"]) as wheel:
        names = set(wheel.namelist())
    ours = {str(path.relative_to(ROOT)) for path in (ROOT / "feddns").rglob("*.py")}
    assert {"feddns/py.typed", "feddns/testing/__init__.py"} <= names
    assert ours <= names
    assert not {name for name in names if name.startswith(("tests/", "examples/", "docs/"))}


@pytest.mark.servers
def test_the_environment_is_a_strangers(python: Path, tmp_path: Path) -> None:
    told = run(python, "-c", "import feddns, feddns_zonefile as z; print(feddns.__file__, z.__file__)", folder=tmp_path)
    assert told.returncode == 0, told.stderr
    assert all(str(python.parents[1]) in path for path in told.stdout.split())


@pytest.mark.servers
def test_the_providers_own_tests_pass_there_with_the_contract(python: Path, tmp_path: Path) -> None:
    for name in ("tests", "pyproject.toml"):  # the package itself is to be found where it is installed
        copy = shutil.copytree if name == "tests" else shutil.copy
        copy(EXAMPLE / name, tmp_path / name)
    done = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = int(done.stdout.rpartition(" passed")[0].split()[-1])
    assert passed > 45, "the contract was not among them"


@pytest.mark.servers
def test_feddns_knows_the_plug_in_by_its_name(python: Path, quickstart: Quickstart) -> None:
    checked = feddns(python, quickstart, "check")
    assert checked.returncode == 0, checked.stderr
    assert "example.com through zonefile" in checked.stdout
    schema = feddns(python, quickstart, "check", "--schema")
    assert '"zonefile"' in schema.stdout, schema.stderr


@pytest.mark.servers
@pytest.mark.parametrize(
    ("provider", "text"),
    [
        ({"zonefile": {}}, "dns.provider.zonefile.file is missing: path of the file; relative to the configuration"),
        ({"zonefile": {"fil": "x"}}, 'unknown setting dns.provider.zonefile.fil; did you mean "file"?'),
        ({"zonefile": {"file": "gone"}}, "gone does not exist"),
        ({"zonfile": {}}, 'unknown provider "zonfile"; did you mean "zonefile"? there are: '),
    ],
    ids=["missing", "misspelt-setting", "no-file", "misspelt-provider"],
)
def test_its_settings_are_judged_like_those_of_our_own(
    python: Path, quickstart: Quickstart, provider: dict[str, object], text: str
) -> None:
    quickstart.configure(dns={"zone": "example.com", "provider": provider})
    checked = feddns(python, quickstart, "check")
    assert checked.returncode == 2
    assert text in checked.stderr
    assert checked.stderr.startswith("feddns.yaml:")


@pytest.mark.servers
def test_a_federation_is_written_through_it(python: Path, quickstart: Quickstart) -> None:
    applied = feddns(python, quickstart, "apply")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    zone = (quickstart.folder / "example.com.zone").read_text()
    assert f"{NGINX}.us-central1.example.com. 180 IN A {US}\n" in zone
    assert "ns1.example.com. 300 IN A 192.0.2.53\n" in zone
    planned = feddns(python, quickstart, "plan", "--detailed-exitcode")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    quickstart.fail("us")
    assert feddns(python, quickstart, "plan", "--detailed-exitcode").returncode == 2
