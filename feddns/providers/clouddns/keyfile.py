"""A file of credentials, read without Google's libraries, so that a slip in it is told before anything is contacted."""

import json
import os
from pathlib import Path
from typing import Any, Final

from feddns.errors import Unauthorized
from feddns.providers.clouddns.settings import CloudDnsSettings

SERVICE_ACCOUNT: Final = "service_account"
EXTERNAL_ACCOUNT: Final = "external_account"
AUTHORIZED_USER: Final = "authorized_user"
IMPERSONATED: Final = "impersonated_service_account"
_TYPES: Final = (SERVICE_ACCOUNT, EXTERNAL_ACCOUNT, AUTHORIZED_USER, IMPERSONATED)


def files(settings: CloudDnsSettings, folder: Path) -> tuple[Path, ...]:
    """The files that credentials are looked for in, whether they are there or not.

    Source: https://google.aip.dev/auth/4110. Files with tokens of workload identity federation are not among them:
    google-auth reads them whenever it asks for an access token.
    """
    if settings.credentials_file is not None:
        return (folder / settings.credentials_file,)
    named = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    if named:
        return (Path(named),)
    gcloud = os.environ.get("CLOUDSDK_CONFIG", "~/.config/gcloud")
    return (Path(gcloud).expanduser() / "application_default_credentials.json",)


def read_keyfile(path: Path) -> dict[str, Any]:
    """What a file of credentials holds.

    Raises:
        Unauthorized: it cannot be read, or holds no credentials.
    """
    try:
        text = path.read_text()
    except UnicodeDecodeError:
        text = ""
    except OSError as error:
        raise Unauthorized(f"{path} with the credentials cannot be read: {error.strerror}") from error
    info = _parsed(text)
    if not isinstance(info, dict) or info.get("type") not in _TYPES:
        raise Unauthorized(f"{path} holds no credentials: they are a JSON object whose `type` is {', '.join(_TYPES)}")
    return info


def _parsed(text: str) -> Any:
    """The JSON, or None: the text is neither shown nor kept as an error's cause, since it may be a key with a slip."""
    try:
        return json.loads(text)
    except ValueError:
        return None
