"""A house that vouches for people (OpenID Connect), on Authlib's server side, in a process of its own.

It asks nobody: whoever opens `/authorize?...&login_hint=NAME` has signed in as NAME. `NAME!fault` makes it
answer wrongly in the way that is named. `python -m tests.support.provider` prints its address.
"""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace
from typing import Any

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # http on this very machine

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, g, jsonify, request
from flask.typing import ResponseReturnValue
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server

from reviewflow.gateways import clock

CLIENT_ID, CLIENT_SECRET = "reviewflow", "a secret of two houses / with: signs"
_KEY, _OTHER_KEY = (
    RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256", "use": "sig"}) for _each in range(2)
)
_CODES: dict[str, Any] = {}


class _Client(SimpleNamespace):
    """The only client, which may be sent anywhere: the test reads where."""

    client_id = CLIENT_ID

    def get_client_id(self) -> str:
        return CLIENT_ID

    def check_redirect_uri(self, uri: str) -> bool:
        return True

    def check_client_secret(self, secret: str) -> bool:
        return secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, kind: str) -> bool:
        return kind == "code"

    def check_grant_type(self, kind: str) -> bool:
        return kind == "authorization_code"

    def get_allowed_scope(self, scope: str) -> str:
        return scope


class _Code(SimpleNamespace):
    """An authorisation that can be exchanged once."""

    def get_redirect_uri(self) -> str:
        return str(self.redirect_uri)

    def get_scope(self) -> str:
        return str(self.scope)

    def get_nonce(self) -> str:
        return "another" if self.user.endswith("!nonce") else str(self.nonce)

    def get_auth_time(self) -> int:
        return int(clock.now().timestamp())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class _Grant(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    def save_authorization_code(self, code: str, request: Any) -> None:
        data = request.payload.data
        _CODES[code] = _Code(
            code=code,
            redirect_uri=request.payload.redirect_uri,
            scope=request.payload.scope,
            nonce=data.get("nonce"),
            code_challenge=data.get("code_challenge"),
            code_challenge_method=data.get("code_challenge_method"),
            user=request.user,
        )

    def query_authorization_code(self, code: str, client: _Client) -> _Code | None:
        return _CODES.get(code)

    def delete_authorization_code(self, authorization_code: _Code) -> None:
        del _CODES[authorization_code.code]

    def authenticate_user(self, authorization_code: _Code) -> str:
        g.user = authorization_code.user
        return str(authorization_code.user)


class _OpenID(OpenIDCode):  # type: ignore[misc]
    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return False

    def resolve_client_private_key(self, client: _Client) -> RSAKey:
        return _OTHER_KEY if _fault() == "key" else _KEY

    def get_client_claims(self, client: _Client) -> dict[str, Any]:
        now = int(clock.now().timestamp())
        past = 3600 if _fault() == "expired" else 0
        return {
            "iss": "https://elsewhere.example.org" if _fault() == "issuer" else _address(),
            "aud": ["another client"] if _fault() == "audience" else [CLIENT_ID],
            "iat": now - past,
            "exp": now - past + 300,
        }

    def generate_user_info(self, user: str, scope: str) -> dict[str, str]:
        return {"sub": user.partition("!")[0]}


def _fault() -> str:
    """In which way the token of this request is to be wrong."""
    return str(g.user).partition("!")[2]


def _address() -> str:
    return request.host_url.rstrip("/")


def make_app() -> Flask:
    """The house."""
    app = Flask("provider")
    server = AuthorizationServer(
        app, lambda name: _Client() if name == CLIENT_ID else None, lambda token, request: None
    )
    server.register_grant(_Grant, [CodeChallenge(required=True), _OpenID(require_nonce=True)])

    @app.get("/.well-known/openid-configuration")
    def configuration() -> ResponseReturnValue:
        here = _address()
        return jsonify(
            issuer=here,
            authorization_endpoint=here + "/authorize",
            token_endpoint=here + "/token",
            jwks_uri=here + "/keys",
        )

    @app.get("/keys")
    def keys() -> ResponseReturnValue:
        return jsonify(KeySet([_KEY]).as_dict(private=False))

    @app.get("/authorize")
    def authorize() -> Any:
        return server.create_authorization_response(grant_user=request.args["login_hint"])

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()

    return app


if __name__ == "__main__":
    running = make_server("127.0.0.1", 0, make_app())
    sys.stdout.write(f"http://127.0.0.1:{running.server_port}\n")
    sys.stdout.flush()
    running.serve_forever()
