"""What feddns has in the cluster that hosts it, as the configuration says it."""

import pytest

from feddns.config.host import ClusterSecretsSettings, LeaderElectionSettings
from tests.config.texts import SMALLEST, complaints, read


def test_clusters_may_be_found_in_secrets_alone() -> None:
    text = SMALLEST[: SMALLEST.index("clusters:")] + "clusterSecrets: {namespace: dns}\n"
    settings = read(text).settings
    assert settings.clusters == ()
    assert settings.cluster_secrets == ClusterSecretsSettings("dns")


def test_replicas_agree_within_seconds_by_default() -> None:
    election = read(SMALLEST + "leaderElection: {namespace: dns}\n").settings.leader_election
    assert election == LeaderElectionSettings("dns", name="feddns", lease_duration=6, renew_deadline=4, retry_period=1)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (
            "clusterSecrets: {namespace: dns, context: a}",
            "clusterSecrets has a context, but no kubeconfig to find it in",
        ),
        (
            "leaderElection: {namespace: dns, context: a}",
            "leaderElection has a context, but no kubeconfig to find it in",
        ),
        (
            "leaderElection: {namespace: dns, leaseDuration: 4s}",
            "leaderElection.renewDeadline must be less than leaseDuration (4s), not 4s",
        ),
        (
            "leaderElection: {namespace: dns, retryPeriod: 5s}",
            "leaderElection.retryPeriod must be less than renewDeadline (4s), not 5s",
        ),
    ],
)
def test_what_contradicts_itself_is_told_with_its_line(line: str, complaint: str) -> None:
    number = SMALLEST.count("\n") + 1
    assert complaints(f"{SMALLEST}{line}\n") == [f"feddns.yaml:{number}: {complaint}"]
