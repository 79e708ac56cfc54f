"""Id tokens of an OpenID Connect provider, renewed by their refresh token."""

import base64
import ssl
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec

from feddns.clusters.kubernetes.bodies import read_at_most
from feddns.clusters.kubernetes.failures import CredentialsError

_DEADLINE: Final = aiohttp.ClientTimeout(total=20)
_MOST_OCTETS: Final = 2**20


class OidcSettings(msgspec.Struct, rename="kebab"):
    """The part `auth-provider.config` of a kubeconfig's user; tokens and secret are secret."""

    idp_issuer_url: str = ""
    client_id: str = ""
    client_secret: str = ""
    id_token: str = ""
    refresh_token: str = ""
    idp_certificate_authority: str = ""
    idp_certificate_authority_data: str = ""


class _Discovery(msgspec.Struct):
    token_endpoint: str


class _Tokens(msgspec.Struct):
    id_token: str
    refresh_token: str = ""


class _Claims(msgspec.Struct):
    exp: float | None = None


def expiry(id_token: str) -> float | None:
    """When the token ends, in seconds since the epoch; None where it does not say.

    Raises:
        CredentialsError: it is no JSON Web Token.
    """
    try:
        _, payload, _ = id_token.split(".")
        padded = payload + "=" * (-len(payload) % 4)
        return msgspec.json.decode(base64.urlsafe_b64decode(padded), type=_Claims).exp
    except (ValueError, RecursionError):  # of base64 and of msgspec
        raise CredentialsError("the id-token of the kubeconfig's oidc auth-provider is no JSON Web Token") from None


async def renew(settings: OidcSettings, folder: Path) -> OidcSettings:
    """Ask the provider for new tokens (OpenID Connect Core section 12).

    The kubeconfig is not written: where the provider gives a new refresh token each time, only this process knows it.

    Args:
        settings: with the refresh token that is valid now.
        folder: of the kubeconfig, which a relative path of the CA file starts from.

    Raises:
        CredentialsError: there is no refresh token, or the provider does not give a new id token.
    """
    if not (settings.refresh_token and settings.idp_issuer_url and settings.client_id):
        raise CredentialsError("the oidc auth-provider's id-token has ended, and there is no refresh-token for another")
    try:
        tokens = await _ask(settings, _trust(settings, folder))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, RecursionError) as error:
        told = error.status if isinstance(error, aiohttp.ClientResponseError) else type(error).__name__
        text = f"the OpenID Connect provider {settings.idp_issuer_url} gave no new id-token: {told}"
        raise CredentialsError(text) from None
    return msgspec.structs.replace(
        settings, id_token=tokens.id_token, refresh_token=tokens.refresh_token or settings.refresh_token
    )


async def _ask(settings: OidcSettings, trust: ssl.SSLContext) -> _Tokens:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": settings.refresh_token,
        "client_id": settings.client_id,
        **({"client_secret": settings.client_secret} if settings.client_secret else {}),
    }
    connector = aiohttp.TCPConnector(ssl=trust)
    async with aiohttp.ClientSession(
        connector=connector, timeout=_DEADLINE, trust_env=True, raise_for_status=True
    ) as session:
        issuer = settings.idp_issuer_url.rstrip("/")
        discovery = await _get(session, f"{issuer}/.well-known/openid-configuration")
        async with session.post(discovery.token_endpoint, data=form) as answer:
            return msgspec.json.decode(await read_at_most(answer, _MOST_OCTETS) or b"", type=_Tokens)


async def _get(session: aiohttp.ClientSession, url: str) -> _Discovery:
    async with session.get(url) as answer:
        return msgspec.json.decode(await read_at_most(answer, _MOST_OCTETS) or b"", type=_Discovery)


def _trust(settings: OidcSettings, folder: Path) -> ssl.SSLContext:
    if settings.idp_certificate_authority_data:
        pem = base64.b64decode(settings.idp_certificate_authority_data).decode("ascii")
        return ssl.create_default_context(cadata=pem)
    if settings.idp_certificate_authority:
        return ssl.create_default_context(cafile=folder / settings.idp_certificate_authority)
    return ssl.create_default_context()


def settings_of(auth_provider: dict[str, Any]) -> OidcSettings:
    """The settings in a kubeconfig's `auth-provider`.

    Raises:
        CredentialsError: they are not of the right shape.
    """
    try:
        return msgspec.convert(auth_provider.get("config") or {}, OidcSettings)
    except msgspec.ValidationError as error:
        raise CredentialsError(f"the kubeconfig's oidc auth-provider is not usable: {error}") from None
