"""Clusters that join by the command line, at real API servers."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from tests.lab.processes import LOOPBACK, free_port
from tests.membership.conftest import HOST, RBAC, Laptop, contexts, found, status

ACCOUNT = {"ServiceAccount", "ClusterRole", "ClusterRoleBinding"}
SERVICES = "/api/v1/services?limit=1"


def warning(url: str) -> str:
    """What is said of the lab's addresses, all of which are the machine's own."""
    text = "leads each machine to itself, so pods of the host cluster find no API server there"
    return f"warning: {url} {text}; say by --server where they reach it\n"


async def test_a_cluster_joins_with_a_secret_that_has_all_in_itself(laptop: Laptop) -> None:
    done = await laptop.join("us", "--region=us-central1", "--zones=us-central1-a,us-central1-b", "--output=json")
    url, namespace, name = laptop.lab["us"].url, laptop.namespace, laptop.account.name
    assert (done.code, done.err) == (0, warning(url))
    assert done.value == {
        "cluster": "us",
        "server": url,
        "account": f"{namespace}/{name}",
        "secret": f"{namespace}/feddns-cluster-us",
        "region": "us-central1",
        "zones": ["us-central1-a", "us-central1-b"],
        "keptBy": "",
        "tokenEnds": "",
        "again": False,
        "leftBehind": "",
    }
    secret = await laptop.secret("us")
    assert secret is not None
    assert secret["metadata"]["labels"]["feddns.io/cluster"] == "us"
    assert secret["metadata"]["annotations"] == {
        "feddns.io/account": f"{namespace}/{name}",
        "feddns.io/region": "us-central1",
        "feddns.io/zones": "us-central1-a,us-central1-b",
    }
    config = await laptop.kubeconfig("us")
    token = config["users"][0]["user"]["token"]
    authority = base64.b64encode((laptop.lab.folder / "ca.crt").read_bytes()).decode()
    assert config == {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "us", "cluster": {"server": url, "certificate-authority-data": authority}}],
        "users": [{"name": name, "user": {"token": token}}],
        "contexts": [{"name": "us", "context": {"cluster": "us", "user": name, "namespace": namespace}}],
        "current-context": "us",
    }
    assert await status(laptop.lab["us"].api, token, "GET", SERVICES) == 200
    assert await status(laptop.lab["us"].api, token, "GET", "/api/v1/nodes?limit=1") == 403, "both are given"
    assert token not in done.out


async def test_joining_again_puts_right_what_is_missing_and_keeps_the_token_and_the_place(laptop: Laptop) -> None:
    api, name = laptop.lab["us"].api, laptop.account.name
    assert (await laptop.join("us", "--region=us-central1", f"--probe-secret={laptop.namespace}/headers")).code == 0
    assert await laptop.objects("us") == {*ACCOUNT, "Secret", "Role", "RoleBinding"}
    token = await laptop.token("us")
    await api.delete(f"{RBAC}/clusterrolebindings/{name}")
    rules = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
    path = f"{RBAC}/clusterroles/{name}"
    await api.request("PATCH", path, {"rules": rules}, "application/merge-patch+json")
    done = await laptop.join("us", "--output=json")
    assert (done.code, done.err) == (0, warning(laptop.lab["us"].url))
    assert (done.value["again"], done.value["region"]) == (True, "us-central1")
    assert await laptop.objects("us") == {*ACCOUNT, "Secret"}, "a right that is no longer asked for is taken back"
    assert await laptop.token("us") == token
    role = await found(api, path)
    assert role is not None
    assert all("*" not in rule["verbs"] for rule in role["rules"])


async def test_a_token_is_replaced_and_the_one_before_it_deleted(laptop: Laptop) -> None:
    await laptop.join("us")
    tokens = {await laptop.token("us")}
    for there in ("Secret 2", "Secret"):
        assert (await laptop.join("us", "--new-token")).code == 0
        assert await laptop.objects("us") == {*ACCOUNT, there}
        tokens.add(await laptop.token("us"))
    assert len(tokens) == 3


async def test_a_token_that_ends_takes_the_place_of_one_without_an_end(laptop: Laptop) -> None:
    await laptop.join("us")
    done = await laptop.join("us", "--token-lifetime=1h", "--output=json")
    assert done.code == 0
    ends = msgspec.convert(done.value["tokenEnds"], datetime)
    assert timedelta(minutes=50) < ends - datetime.now(UTC) <= timedelta(hours=1)
    assert await laptop.objects("us") == ACCOUNT, "the Secret with the older token is deleted"
    assert await status(laptop.lab["us"].api, await laptop.token("us"), "GET", SERVICES) == 200


async def test_a_name_that_another_cluster_has_is_not_taken_over_unasked(laptop: Laptop) -> None:
    us, eu = laptop.lab["us"].url, laptop.lab["eu"].url
    await laptop.join("us")
    refused = await laptop.join("eu", "--name=us")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == (
        f"{warning(eu)}feddns: 'us' is the cluster at {us}, and this one is at {eu}; "
        f"say --server {us} if that leads here, choose another name, or give it to this one by --replace\n"
    )
    assert await laptop.objects("eu") == set()
    done = await laptop.join("eu", "--name=us", "--replace")
    assert (done.code, done.err) == (0, warning(eu))
    assert f"left behind: {laptop.account} in the cluster at {us}; delete it there" in done.out
    assert (await laptop.kubeconfig("us"))["clusters"][0]["cluster"]["server"] == eu


async def test_one_account_is_never_that_of_two_names_or_of_two_federations(laptop: Laptop) -> None:
    await laptop.join("us")
    twice = await laptop.join("us", "--name=america")
    assert twice.code == 1
    assert "the federation calls this cluster 'us' already; give the account another name" in twice.err
    options = [option for option in laptop.options if "host-namespace" not in option]
    other = await laptop.feddns("join", "us", "--name=us", *options, "--host-namespace=default")
    assert other.code == 1
    assert "it belongs to another federation, which calls this cluster 'us'; give the account another name" in other.err
    assert other.err.endswith(", or, if that federation is no more, take it over by --replace\n")
    assert "--replace" not in twice.err
    left = await laptop.feddns("leave", "us", *options, "--host-namespace=default", "--context=us", "--force")
    assert left.code == 1
    assert "is not that of 'us': it belongs to another federation" in left.err
    assert await laptop.objects("us") == {*ACCOUNT, "Secret"}


async def test_a_secret_that_people_have_made_is_left_alone(laptop: Laptop) -> None:
    path = f"/api/v1/namespaces/{laptop.namespace}/secrets"
    for name, labels in (("feddns-cluster-us", {}), ("by-hand", {"feddns.io/cluster": "eu"})):
        metadata = {"name": name, "labels": labels}
        await laptop.lab[HOST].api.request("POST", path, {"metadata": metadata, "stringData": {"kubeconfig": "mine"}})
    for cluster, secret in (("us", "feddns-cluster-us"), ("eu", "by-hand")):
        for done in (await laptop.join(cluster, "--replace"), await laptop.leave(cluster)):
            assert done.code == 1
            assert f"{laptop.namespace}/{secret}, which feddns join did not make; delete it first" in done.err
        assert await laptop.objects(cluster) == set()


async def test_nothing_is_written_to_the_host_before_the_account_is_of_use(laptop: Laptop) -> None:
    api, account = laptop.lab["us"].api, laptop.account
    kept = {"name": account.name, "labels": {"app.kubernetes.io/managed-by": "Helm"}}
    await api.request("POST", f"/api/v1/namespaces/{account.namespace}/serviceaccounts", {"metadata": kept})
    without = await laptop.join("us")
    assert without.code == 1
    assert f"is kept by Helm, and there is no Secret {account.name}-token with a token of it" in without.err
    done = await laptop.join("us", "--token-lifetime=1h")
    assert done.code == 1
    assert f"the account {account} is there, but may not list services: {laptop.lab['us'].url} refused GET" in done.err
    assert done.err.endswith("Nothing was written to the host cluster\n")
    assert await laptop.secret("us") is None
    assert await laptop.objects("us") == {"ServiceAccount"}, "what another keeps is left as it is"


async def test_who_may_not_make_accounts_is_told_what_was_refused(laptop: Laptop, tmp_path: Path) -> None:
    own = yaml.safe_load(laptop.lab["us"].feddns_kubeconfig.read_text())["users"][0]["user"]["token"]
    laptop.files = [contexts(tmp_path, laptop.lab["us"], token=own), contexts(tmp_path, laptop.lab["asia"])]
    done = await laptop.join("us")
    assert (done.code, done.out) == (1, "")
    assert done.err.removeprefix(warning(laptop.lab["us"].url)).startswith(
        "feddns: the account cannot be made in the cluster (context us): "
    )
    assert 'User "feddns" cannot get resource "serviceaccounts"' in done.err
    assert await laptop.secret("us") is None


async def test_the_host_cluster_may_reach_the_api_server_elsewhere(laptop: Laptop) -> None:
    far = f"https://localhost:{laptop.lab['us'].port}"
    authority = laptop.folder / "other.crt"
    authority.write_bytes((laptop.lab.folder / "ca.crt").read_bytes() * 2)
    done = await laptop.join("us", f"--server={far}/", f"--certificate-authority={authority}", "--output=json")
    assert (done.code, done.value["server"]) == (0, far)
    cluster = (await laptop.kubeconfig("us"))["clusters"][0]["cluster"]
    assert cluster["server"] == far
    assert base64.b64decode(cluster["certificate-authority-data"]) == authority.read_bytes()


async def test_a_host_that_cannot_be_used_leaves_the_member_untouched(laptop: Laptop) -> None:
    there_not = await laptop.feddns("join", "us", "--name=us", f"--host-context={HOST}", "--host-namespace=nowhere")
    assert there_not.code == 1
    assert "has no namespace nowhere; feddns should run there: make it, or name another" in there_not.err
    config = yaml.safe_load(laptop.files[0].read_text())
    config["clusters"][1]["cluster"]["server"] = f"https://{LOOPBACK}:{free_port()}"
    laptop.files[0].write_text(yaml.safe_dump(config))
    done = await laptop.join("us")
    assert done.code == 1
    assert "the host cluster (context asia) cannot be used: " in done.err
    assert await laptop.objects("us") == set()


async def test_two_people_who_join_a_cluster_at_once_both_succeed(laptop: Laptop) -> None:
    await laptop.feddns("--version")  # compiled, so that they meet
    done = await asyncio.gather(laptop.join("us"), laptop.join("us"))
    assert [each.code for each in done] == [0, 0], done
    assert await laptop.objects("us") == {*ACCOUNT, "Secret"}
    assert await status(laptop.lab["us"].api, await laptop.token("us"), "GET", SERVICES) == 200


@pytest.fixture
async def joined(laptop: Laptop) -> Laptop:
    done = await laptop.join("us")
    assert done.code == 0, done.err
    return laptop


async def test_a_cluster_that_leaves_is_gone_from_both(joined: Laptop) -> None:
    done = await joined.leave("us", "--context=us", "--output=json")
    assert done.code == 0, done.err
    assert done.value == {
        "cluster": "us",
        "secret": f"{joined.namespace}/feddns-cluster-us",
        "account": str(joined.account),
        "remains": "",
        "failed": False,
    }
    assert await joined.secret("us") is None
    assert await joined.objects("us") == set()
    again = await joined.leave("us", "--context=us")
    assert again.code == 1
    assert "no cluster 'us' has joined: " in again.err


async def test_a_cluster_that_cannot_be_reached_leaves_and_its_account_later(joined: Laptop) -> None:
    whole = joined.files[0].read_text()
    config: dict[str, Any] = yaml.safe_load(whole)
    config["clusters"][0]["cluster"]["server"] = f"https://{LOOPBACK}:{free_port()}"
    joined.files[0].write_text(yaml.safe_dump(config))
    gone = await joined.leave("us", "--context=us")
    assert gone.code == 1
    assert "us has left: the Secret" in gone.out
    assert f"the account {joined.account} remains: the cluster (context us) cannot be reached: " in gone.err
    assert await joined.secret("us") is None
    joined.files[0].write_text(whole)
    done = await joined.leave("us", "--context=us")
    assert (done.code, done.out) == (
        0,
        f"the account {joined.account} and its token are deleted; its namespace stays\n",
    )
    assert await joined.objects("us") == set()


async def test_the_account_stays_where_no_context_or_a_wrong_one_is_given(joined: Laptop) -> None:
    eu = await joined.leave("us", "--context=eu")
    assert eu.code == 1
    assert "the cluster (context eu) has none of that name; it may be another cluster" in eu.err
    assert await joined.objects("us") == {*ACCOUNT, "Secret"}
    await joined.join("us")
    done = await joined.leave("us")
    assert done.code == 0
    assert f"the account {joined.account} may still be there: no --context was given" in done.out
    named = f"--namespace {joined.namespace} --account {joined.account.name}"
    assert f"`feddns leave us --context CONTEXT {named}` deletes it" in done.out
    assert await joined.objects("us") == {*ACCOUNT, "Secret"}
