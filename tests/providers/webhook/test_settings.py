"""Settings are strict and helpful."""

from typing import Any

import msgspec
import pytest

from feddns.providers.webhook.settings import WebhookSettings


def test_without_settings_it_is_the_sidecar_where_externaldns_expects_it() -> None:
    settings = msgspec.convert({}, WebhookSettings)
    assert settings.url == "http://localhost:8888"
    assert (settings.connect_timeout, settings.timeout, settings.max_changes) == (5.0, 15.0, 1_000)


@pytest.mark.parametrize(
    "url", ["http://webhook:8888", "https://dns.example.com/tenants/a/", "http://[::1]:8888", "HTTP://webhook"]
)
def test_a_url_is_written_as_people_write_it(url: str) -> None:
    assert msgspec.convert({"url": url}, WebhookSettings).url == url


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"url": ""}, "is no url of a webhook: write http://host:port"),
        ({"url": "webhook:8888"}, "is no url of a webhook"),
        ({"url": "ftp://webhook"}, "is no url of a webhook"),
        ({"url": "http://:8888"}, "is no url of a webhook"),
        ({"url": "http://webhook:0"}, "is no url of a webhook"),
        ({"url": "http://webhook:99999"}, "cannot be understood: Port out of range"),
        ({"url": "http://[::1"}, "cannot be understood"),
        ({"url": "http://webhook/?a=b"}, "has a query or a fragment"),
        ({"url": "http://webhook/#a"}, "has a query or a fragment"),
        ({"caFile": "ca.crt"}, "caFile is for https, and the url is http://localhost:8888"),
        ({"maxChanges": 1}, "maxChanges"),
        ({"header": "x"}, "unknown field `header`"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_would_be_right(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=text):
        msgspec.convert(settings, WebhookSettings)


@pytest.mark.parametrize("url", ["http://user:hunter2@webhook", "http://hunter2@webhook", "ftp://:hunter2@webhook"])
def test_a_password_in_a_url_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="headersFile") as refusal:
        msgspec.convert({"url": url}, WebhookSettings)
    assert "hunter2" not in str(refusal.value)
