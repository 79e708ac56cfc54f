import shutil
import subprocess
from pathlib import Path

import pytest

from feddns.cli.main import VERBS
from tests.cli.conftest import Feddns
from tests.cli.test_main import FEDDNS


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script_that_asks_us(feddns: Feddns, shell: str) -> None:
    result = feddns("completion", shell)
    assert result.exit_code == 0
    assert f"_FEDDNS_COMPLETE={shell}_complete" in result.stdout


def test_a_shell_that_we_do_not_know_is_bad_usage(feddns: Feddns) -> None:
    assert feddns("completion", "tcsh").exit_code == 2


def test_bash_completes_verbs_and_options(folder: Path) -> None:
    script = """
    source <("$1" completion bash)
    COMPREPLY=(); COMP_WORDS=("$1" "$2"); COMP_CWORD=1; _feddns_completion "$1"; echo "${COMPREPLY[@]}"
    COMPREPLY=(); COMP_WORDS=("$1" plan --o); COMP_CWORD=2; _feddns_completion "$1"; echo "${COMPREPLY[@]}"
    """
    bash = shutil.which("bash")
    assert bash is not None
    result = subprocess.run(
        [bash, "-c", script, "bash", FEDDNS, "c"], cwd=folder, capture_output=True, text=True, check=True
    )
    verbs, options = result.stdout.splitlines()
    assert set(verbs.split()) == {verb for verb in VERBS if verb.startswith("c")}
    assert options == "--output"
