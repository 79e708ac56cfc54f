from pathlib import Path

import pytest

from feddns.errors import ProviderError
from feddns.providers.installed import provider_class, provider_names


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another package that brings two providers, of which one cannot be imported."""
    (tmp_path / "acme_dns.py").write_text("class Acme:\n    pass\n")
    metadata = tmp_path / "acme_dns-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-dns\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[feddns.providers]\nacme = acme_dns:Acme\nbroken = acme_gone:Acme\nodd = acme_dns:Nothing\n"
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


def test_a_provider_that_no_package_offers_is_told() -> None:
    with pytest.raises(ProviderError, match=r'^no package offers a provider "none"$'):
        provider_class("none")
