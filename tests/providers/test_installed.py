from pathlib import Path

import pytest

from feddns.errors import ProviderError
from feddns.providers.installed import provider_class, provider_names


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another package with providers, of which only the first is one, and two that go by the same name."""
    (tmp_path / "acme_dns.py").write_text("""\
from feddns.providers.embedded import Embedded

class Acme(Embedded):
    pass

class Old:
    Settings = Embedded.Settings
    open = limits = identity = read_zone = apply = close = None
""")
    metadata = tmp_path / "acme_dns-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-dns\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[feddns.providers]\nacme = acme_dns:Acme\nbroken = acme_gone:Acme\nodd = acme_dns:Nothing\n"
        "old = acme_dns:Old\nrfc2136 = acme_dns:Acme\n"
    )
    monkeypatch.syspath_prepend(tmp_path)


def test_our_own_providers_are_found_like_any_other() -> None:
    assert {"embedded", "rfc2136"} <= set(provider_names())
    assert provider_class("rfc2136").__name__ == "Rfc2136"


@pytest.mark.usefixtures("plug_in")
def test_a_provider_of_another_package_is_a_peer_of_ours() -> None:
    assert "acme" in provider_names()
    assert provider_class("acme").__name__ == "Acme"


@pytest.mark.usefixtures("plug_in")
@pytest.mark.parametrize("name", ["broken", "odd"])
def test_a_provider_that_cannot_be_imported_is_named_with_the_reason(name: str) -> None:
    assert name in provider_names()
    with pytest.raises(ProviderError, match=f'^the provider "{name}" .* cannot be imported: .*(acme_gone|Nothing)'):
        provider_class(name)


@pytest.mark.usefixtures("plug_in")
def test_a_class_that_is_no_provider_is_told_with_what_it_lacks() -> None:
    with pytest.raises(ProviderError, match=r'^the provider "old" \(acme_dns:Old\) is none: it lacks zones$'):
        provider_class("old")


@pytest.mark.usefixtures("plug_in")
def test_two_providers_of_one_name_are_refused_and_no_other() -> None:
    with pytest.raises(
        ProviderError, match=r'^several packages offer a provider "rfc2136": acme-dns, feddns; keep one'
    ):
        provider_class("rfc2136")
    assert provider_names().count("rfc2136") == 1
    assert provider_class("embedded").__name__ == "Embedded"


def test_a_provider_that_no_package_offers_is_told() -> None:
    with pytest.raises(ProviderError, match=r'^no package offers a provider "none"$'):
        provider_class("none")
