"""OpenID Connect: authorisation code with PKCE, state and nonce; Authlib is loaded when it is needed."""

from __future__ import annotations

import base64
import http.client
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from reviewflow.domain.oidc import ProviderRefused, ProviderSilent

#: Seconds that the other house may take for one answer.
_PATIENCE = 5
#: In bytes; such answers have some thousands.
_LONGEST_ANSWER = 1_000_000
#: Seconds by which the clocks of two houses may differ.
_LEEWAY = 60
#: Signatures by a key pair; never `none`, nor one by a secret that both know.
_ALGORITHMS = ["RS256", "PS256", "ES256"]


@dataclass(frozen=True, slots=True)
class Provider:
    """The other house, and what this one is called there."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str


class _NoRedirects(HTTPRedirectHandler):
    """An answer that leads elsewhere is none: who is asked is who was configured."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def question(provider: Provider, state: str, nonce: str, verifier: str) -> str:
    """The address at which the other house asks its person. Raises `ProviderSilent`."""
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    address: str = prepare_grant_uri(
        _endpoint(_discover(provider), "authorization_endpoint"),
        client_id=provider.client_id,
        response_type="code",
        redirect_uri=provider.redirect_uri,
        scope="openid",
        state=state,
        nonce=nonce,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
    )
    return address


def subject_of(provider: Provider, code: str, nonce: str, verifier: str, at: datetime) -> str:
    """What the other house calls who has just signed in there, proven by its signature.

    Raises `ProviderSilent`, `ProviderRefused`.
    """
    from joserfc.errors import JoseError

    found = _discover(provider)
    token = _exchange(provider, _endpoint(found, "token_endpoint"), code, verifier)
    keys = _read(_endpoint(found, "jwks_uri"))
    try:
        subject = _verified(provider, token, keys, nonce, at)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ProviderRefused(reason=type(error).__name__) from error
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise ProviderRefused(reason="subject")
    return subject


def _verified(provider: Provider, token: dict[str, Any], keys: Any, nonce: str, at: datetime) -> object:
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.jwk import KeySet

    read = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=_ALGORITHMS)
    claims = CodeIDToken(
        read.claims,
        read.header,
        options={
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": provider.client_id},
        },
        params={
            "nonce": nonce,
            "client_id": provider.client_id,
            "access_token": token.get("access_token"),
        },
    )
    claims.validate(now=int(at.timestamp()), leeway=_LEEWAY)
    return claims["sub"]


def _exchange(provider: Provider, address: str, code: str, verifier: str) -> dict[str, Any]:
    named = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": provider.redirect_uri,
        "code_verifier": verifier,
    }
    head = {"Authorization": "Basic " + base64.b64encode(named.encode()).decode()}
    return _read(address, urlencode(sent).encode(), head)


def _discover(provider: Provider) -> dict[str, Any]:
    found = _read(provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise ProviderRefused(reason="issuer")
    return found


def _endpoint(found: dict[str, Any], name: str) -> str:
    """An address that the other house names: encrypted, or on this very machine."""
    address = found.get(name)
    parts = urlsplit(address) if isinstance(address, str) else urlsplit("")
    if parts.scheme != "https" and (parts.scheme, parts.hostname) != ("http", "127.0.0.1"):
        raise ProviderSilent(reason=name)
    return parts.geturl()


def _read(address: str, sent: bytes | None = None, head: dict[str, str] | None = None) -> dict[str, Any]:
    """An answer in JSON. Raises `ProviderRefused` where the request is at fault, else `ProviderSilent`."""
    # No file is read by it: the issuer (config.py) and what it names (_endpoint) are https or this machine.
    request = Request(address, sent, head or {})  # noqa: S310 - both are looked at before
    try:
        with build_opener(_NoRedirects).open(request, timeout=_PATIENCE) as answer:
            found = json.loads(answer.read(_LONGEST_ANSWER))
    except HTTPError as error:
        with error:
            if 400 <= error.code < 500:
                raise ProviderRefused(reason=error.code) from error
            raise ProviderSilent(reason=error.code) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise ProviderSilent(reason=type(error).__name__) from error
    if not isinstance(found, dict):
        raise ProviderSilent(reason="shape")
    return found
