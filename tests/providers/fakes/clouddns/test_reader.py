"""Google's own generated client works on the fake unmodified, and so does the fake as a process."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import googleapiclient.discovery  # type: ignore[import-untyped]  # the library has no types
import googleapiclient.errors  # type: ignore[import-untyped]  # likewise
import httplib2  # type: ignore[import-untyped]  # likewise
import pytest

from tests.providers.fakes.clouddns import FakeCloudDns

A_SET = {"name": "www.example.com.", "type": "A", "ttl": 60, "rrdatas": ["192.0.2.1"]}
WHERE = {"project": "a-project", "managedZone": "z"}


def client_of(url: str) -> Any:
    return googleapiclient.discovery.build(
        "dns", "v1", http=httplib2.Http(timeout=5), static_discovery=True, client_options={"api_endpoint": url}
    )


@pytest.fixture
def fake() -> Iterator[FakeCloudDns]:
    with FakeCloudDns() as fake:
        fake.add_zone("z")
        yield fake
        assert fake.defects == []


@pytest.fixture
def client(fake: FakeCloudDns) -> Iterator[Any]:
    with client_of(fake.url) as client:
        yield client


def test_the_generated_client_lists_zones_and_record_sets_page_by_page(fake: FakeCloudDns, client: Any) -> None:
    for number in range(250):
        fake.add_zone(f"z{number}", f"n{number}.example.net.", private=bool(number % 2))
    zones = everything(client.managedZones(), "managedZones", project="a-project")
    assert {zone["visibility"] for zone in zones} == {"public", "private"}
    assert len(zones) == 251
    fake.zones["z"].change(
        {"additions": [A_SET | {"name": f"n{number}.example.com."} for number in range(250)]}, fake.quota
    )
    assert len(everything(client.resourceRecordSets(), "rrsets", **WHERE)) == 252
    (only,) = everything(client.resourceRecordSets(), "rrsets", **WHERE, name="n7.example.com.", type="A")
    assert only["rrdatas"] == ["192.0.2.1"]


def everything(resource: Any, field: str, **where: str) -> list[dict[str, Any]]:
    found, request = [], resource.list(**where)
    while request is not None:
        answer = request.execute()
        found += answer[field]
        request = resource.list_next(request, answer)
    return found


def test_the_generated_client_changes_and_waits(fake: FakeCloudDns, client: Any) -> None:
    created = client.changes().create(**WHERE, body={"additions": [A_SET]}).execute()
    assert created["status"] == "pending"
    polls = [client.changes().get(**WHERE, changeId=created["id"]).execute()["status"] for _ in range(2)]
    assert polls == ["pending", "done"]
    listed = client.changes().list(**WHERE, sortBy="changeSequence", sortOrder="descending").execute()["changes"]
    assert [change["id"] for change in listed] == ["1", "0"]
    client.changes().create(**WHERE, body={"deletions": [A_SET]}).execute()
    assert len(fake.zones["z"].rrsets) == 2


def test_the_generated_client_is_refused_as_by_the_service(client: Any) -> None:
    with pytest.raises(googleapiclient.errors.HttpError, match="does not exist") as refusal:
        client.changes().create(**WHERE, body={"deletions": [A_SET]}).execute()
    assert refusal.value.status_code == 404
    assert refusal.value.error_details[0]["reason"] == "notFound"


def test_the_quota_of_the_project_is_told(client: Any) -> None:
    quota = client.projects().get(project="a-project").execute()["quota"]
    assert (quota["rrsetAdditionsPerChange"], quota["totalRrdataSizePerChange"]) == (1_000, 100_000)


def test_the_fake_runs_as_a_process() -> None:
    command = [sys.executable, "-m", "tests.providers.fakes.clouddns", "--zone", "example.org."]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().partition("endpoint: '")[2].partition("'")[0]
            with client_of(url) as client:
                (zone,) = client.managedZones().list(project="a-project").execute()["managedZones"]
            assert (zone["name"], zone["dnsName"]) == ("example-org", "example.org.")
        finally:
            process.terminate()
