import pytest

from tests.cli.conftest import Feddns
from tests.quickstart import Quickstart

READING = ("run", "plan", "apply", "records", "clusters", "check", "explain")


def invoke(verb: str) -> list[str]:
    return [verb, "mynamespace/nginx"] if verb == "explain" else [verb]


@pytest.mark.parametrize("verb", READING)
def test_a_bad_configuration_ends_every_verb_in_2_with_its_line(
    feddns: Feddns, quickstart: Quickstart, verb: str
) -> None:
    quickstart.config.write_text(quickstart.config.read_text().replace("federation:", "federaton:"))
    result = feddns(*invoke(verb))
    assert (result.exit_code, result.stdout) == (2, "")
    assert any(line.startswith("feddns.yaml:") and "federaton" in line for line in result.stderr.splitlines())


@pytest.mark.parametrize("verb", READING)
def test_a_cluster_whose_folder_is_missing_is_a_bad_configuration(
    feddns: Feddns, quickstart: Quickstart, verb: str
) -> None:
    quickstart.lose("eu")
    result = feddns(*invoke(verb))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "manifests: the folder clusters/europe-west1 does not exist" in result.stderr


@pytest.mark.parametrize("verb", ["run", "plan", "apply", "explain", "check"])
def test_bad_settings_of_the_provider_end_what_needs_it_in_2(feddns: Feddns, quickstart: Quickstart, verb: str) -> None:
    quickstart.configure(dns={"zone": "example.com", "provider": {"embedded": {"listen": ["nowhere"]}}})
    result = feddns(*invoke(verb))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "dns.provider.embedded" in result.stderr
    assert "nowhere" in result.stderr


@pytest.mark.usefixtures("quickstart")
def test_a_form_of_the_log_that_does_not_exist_ends_run_in_2(feddns: Feddns) -> None:
    result = feddns("run", FEDDNS_LOG="xml")
    assert result.exit_code == 2
    assert result.stderr == 'FEDDNS_LOG: must be "json" or "text", not "xml"\n'
