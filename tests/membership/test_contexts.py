import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from feddns.clusters.kubernetes.kubeconfig import find_context
from feddns.errors import ClusterError, MembershipError
from feddns.membership.contexts import (
    Endpoint,
    Place,
    authority_file,
    checked_server,
    endpoint_of,
    find_place,
    kubeconfig_files,
    sealed,
)

PEM = b"-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n"


def write(file: Path, *contexts: tuple[str, str, str], current: str = "", **cluster: Any) -> Path:
    """A kubeconfig with contexts of (name, cluster, user); an empty cluster or user is not in the file itself."""
    served = {"server": "https://203.0.113.1", **cluster}
    document = {
        "contexts": [
            {"name": name, "context": {"cluster": its, "user": user.lstrip("-")}} for name, its, user in contexts
        ],
        "clusters": [{"name": name, "cluster": served} for name in {its for _, its, _ in contexts}],
        "users": [{"name": user, "user": {"token": "t"}} for _, _, user in contexts if not user.startswith("-")],
        "current-context": current,
    }
    file.write_text(yaml.safe_dump(document))
    return file


def test_the_file_that_is_given_goes_before_those_of_the_environment() -> None:
    environ = {"KUBECONFIG": "a::b:a"}
    assert kubeconfig_files("c", environ) == (Path("c"),)
    assert kubeconfig_files(None, environ) == (Path("a"), Path("b"))
    assert (
        kubeconfig_files(None, {}) == kubeconfig_files(None, {"KUBECONFIG": ""}) == (Path.home() / ".kube" / "config",)
    )


def test_a_context_is_found_in_the_first_file_that_has_it(tmp_path: Path) -> None:
    one = write(tmp_path / "one", ("us", "us", "me"), current="us")
    two = write(tmp_path / "two", ("us", "other", "other"), ("eu", "eu", "ann"), current="eu")
    there_not = tmp_path / "missing"
    assert find_place((there_not, one, two), "us") == Place(one, "us")
    assert find_place((one, two), "eu") == Place(two, "eu")
    assert find_place((one, two), None) == Place(one, "us")
    assert find_place((two, one), None) == Place(two, "eu")


def test_a_context_whose_parts_kubectl_takes_from_several_files_is_refused_rather_than_guessed(tmp_path: Path) -> None:
    one = write(tmp_path / "one", ("us", "default", "me"))
    two = write(tmp_path / "two", ("eu", "default", "ann"), ("asia", "asia", "-me"))
    for name, part in (("eu", "cluster 'default'"), ("asia", "user 'me'")):
        with pytest.raises(MembershipError) as refused:
            find_place((one, two), name)
        assert str(refused.value) == (
            f"context {name!r} is in {two}, but kubectl takes its {part} from {one}; "
            f"put both into one: kubectl config view --flatten --context {name}"
        )


def test_a_context_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    one = write(tmp_path / "one", ("us", "us", "me"))
    two = write(tmp_path / "two", ("eu", "eu", "ann"))
    with pytest.raises(MembershipError, match=r"one, .*two has no context 'uss'; did you mean 'us'\?"):
        find_place((one, two), "uss")
    with pytest.raises(MembershipError, match="has no context 'africa'; there are eu, us"):
        find_place((one, two), "africa")
    with pytest.raises(MembershipError, match="has no current-context; name a context"):
        find_place((one, two), None)
    with pytest.raises(ClusterError, match=r"there is no kubeconfig .*nowhere; name one by --kubeconfig or KUBECONFIG"):
        find_place((tmp_path / "nowhere",), "us")
    (tmp_path / "bad").write_text("contexts: us")
    with pytest.raises(ClusterError, match="bad: not a kubeconfig"):
        find_place((tmp_path / "bad",), "us")
    with pytest.raises(ClusterError, match="cannot be read: Is a directory"):
        find_place((tmp_path,), "us")


def test_what_the_api_server_is_trusted_by_comes_along(tmp_path: Path) -> None:
    encoded = base64.b64encode(PEM).decode()
    (tmp_path / "ca.crt").write_bytes(PEM)
    by_file = write(tmp_path / "file", ("us", "us", "me"), **{"certificate-authority": "ca.crt"})
    proxy, name = {"proxy-url": "http://p:1"}, {"tls-server-name": "kubernetes"}
    by_data = write(tmp_path / "data", ("us", "us", "me"), **{"certificate-authority-data": encoded}, **proxy, **name)
    assert endpoint_of(Place(by_file, "us")) == Endpoint("https://203.0.113.1", encoded)
    assert endpoint_of(Place(by_data, "us")) == Endpoint("https://203.0.113.1", encoded, "kubernetes", "http://p:1")
    (tmp_path / "ca.crt").write_text("nothing")
    with pytest.raises(ClusterError, match=r"ca\.crt has no certificate in PEM"):
        endpoint_of(Place(by_file, "us"))
    with pytest.raises(ClusterError, match="cannot be read: No such file"):
        authority_file(tmp_path / "gone")


@pytest.mark.parametrize(
    ("cluster", "reason"),
    [
        ({"insecure-skip-tls-verify": True}, "does not verify its API server"),
        ({"server": "http://127.0.0.1:8001"}, "is no address of an API server that a token may be sent to"),
        ({"server": "https://me:secret@203.0.113.1"}, "is no address"),
    ],
)
def test_a_token_is_not_for_anybody_on_the_way(tmp_path: Path, cluster: dict[str, Any], reason: str) -> None:
    file = write(tmp_path / "config", ("us", "us", "me"), **cluster)
    with pytest.raises(MembershipError, match=reason):
        endpoint_of(Place(file, "us"))


@pytest.mark.parametrize(
    "url", ["", "203.0.113.1", "https://", "https://[::1", "https://a:0", "https://a:b", "ftp://a"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(MembershipError):
        checked_server(url)


def test_an_address_may_have_a_path() -> None:
    assert (
        checked_server("https://rancher.example.com/k8s/clusters/c-1/")
        == "https://rancher.example.com/k8s/clusters/c-1"
    )


def test_a_sealed_kubeconfig_has_one_context_and_all_in_itself() -> None:
    endpoint = Endpoint("https://203.0.113.1", base64.b64encode(PEM).decode())
    context = find_context(sealed("us", endpoint, "feddns", "feddns-member", "t0ken"), "here", None)
    assert context.name == "us"
    assert context.cluster == {"server": endpoint.server, "certificate-authority-data": endpoint.authority}
    assert context.user == {"token": "t0ken"}
