import msgspec
import pytest

from feddns.providers.route53.settings import Route53Settings

ROLE = "arn:aws:iam::111122223333:role/feddns"


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"zoneId": "Z1D633PJN98FT9", "private": True},
        {"vpc": "vpc-1a2b3c4d"},
        {"roleArn": ROLE, "externalId": "e", "profile": "p"},
        {"roleArn": "arn:aws-cn:iam::111122223333:role/path/feddns", "webIdentityTokenFile": "token"},
        {"endpointUrl": "http://127.0.0.1:4566", "region": "us-gov-west-1"},
        {"requestsPerSecond": 0.5, "burst": 1, "waitForSync": True, "timeout": "30s"},
    ],
)
def test_settings_are_understood(settings: dict[str, object]) -> None:
    if "timeout" in settings:
        settings = {**settings, "timeout": 30.0}
    assert msgspec.convert(settings, Route53Settings) is not None


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"zoneID": "Z1"}, "unknown field"),
        ({"zoneId": "/hostedzone/Z1"}, "zoneId"),
        ({"private": False, "vpc": "vpc-1a2b3c4d"}, "private hosted zones only"),
        ({"vpc": "1a2b3c4d"}, "vpc"),
        ({"roleArn": "feddns"}, "roleArn"),
        ({"externalId": "e"}, "set `roleArn` too"),
        ({"webIdentityTokenFile": "token"}, "set `roleArn` too"),
        ({"roleArn": ROLE, "webIdentityTokenFile": "token", "profile": "p"}, "neither `profile`"),
        ({"endpointUrl": "127.0.0.1:4566"}, "endpointUrl"),
        ({"endpointUrl": "http://user:pass@host/path"}, "endpointUrl"),
        ({"region": "Frankfurt"}, "region"),
        ({"requestsPerSecond": 0}, "requestsPerSecond"),
        ({"burst": 0}, "burst"),
    ],
)
def test_what_makes_no_sense_is_refused(settings: dict[str, object], text: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=text):
        msgspec.convert(settings, Route53Settings)
