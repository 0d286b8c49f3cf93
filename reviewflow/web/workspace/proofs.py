"""What somebody shows to be let in: each attempt is counted before it is looked at."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode
from datetime import datetime
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from flask import current_app, request, session
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from reviewflow.domain.passkeys import CHALLENGE_BYTES, CHALLENGE_LASTS, Asked, can_have_passkeys, written
from reviewflow.gateways import clock, passwords
from reviewflow.queries import accounts
from reviewflow.services import passkeys, throttling

#: In the signed cookie: a challenge, and since when it stands. Making a key has one of its own, since
#: its person may have to verify between question and answer.
TO_PROVE, TO_ADD = "passkey_to_prove", "passkey_to_add"


def owner_of(email: str, password: str) -> int | None:
    """The id of the person whose address and password these are; None if either is wrong.

    Raises `TooManyAttempts`, before anything is compared.
    """
    address = network(request.remote_addr or "")
    found = accounts.credentials(email)
    known = known_browser(found[0]) if found else None
    throttling.count_attempt(email, address, known_browser=known)
    if not passwords.verify_password(found[1] if found else None, password):
        return None
    assert found, "a verified password belongs to a person"
    throttling.take_back_attempt(email, address, known_browser=known)
    return found[0]


def ask_for_passkey(use: str = TO_PROVE) -> Asked | None:
    """A new challenge for this browser, kept in its signed cookie; None where there can be no passkeys."""
    host = urlsplit(request.host_url).hostname or ""
    if not can_have_passkeys(host):
        return None
    asked = Asked(secrets.token_bytes(CHALLENGE_BYTES), host, _origin())
    session[use] = [written(asked.challenge), clock.now().isoformat()]
    return asked


def asked_passkey(use: str = TO_PROVE) -> Asked | None:
    """What this browser was asked last, if that is not too long ago; it is asked no second time."""
    challenge, at = session.pop(use, ("", ""))
    if not at or clock.now() - datetime.fromisoformat(at) > CHALLENGE_LASTS:
        return None
    host = urlsplit(request.host_url).hostname or ""
    return Asked(urlsafe_b64decode(challenge + "=="), host, _origin())


def owner_of_passkey(answer: str) -> int | None:
    """The id of the person whose passkey answered what this browser was asked; None if none did."""
    asked = asked_passkey()
    return passkeys.prove(answer, asked) if asked else None


def _origin() -> str:
    """This site as the browser names it; the host is one of ours, or the request would not be here."""
    scheme = "https" if current_app.config["SESSION_COOKIE_SECURE"] else "http"
    return f"{scheme}://{request.host}"


def sealing_key() -> str:
    """What the keys of one-time codes are sealed under: the installation's secret, which is in no table."""
    return str(current_app.config["SECRET_KEY"])


def known_browser(person_id: int) -> str | None:
    """The name of this browser if it has signed in to this very account before."""
    try:
        whose, name = _browsers().loads(
            request.cookies.get(current_app.config["REVIEWFLOW_BROWSER_COOKIE"], "")
        )
    except (BadSignature, ValueError, TypeError):
        return None
    return str(name) if whose == person_id else None


def remember_browser(answer: Response, person_id: int) -> None:
    """Mark this browser as one that has signed in to this account."""
    if known_browser(person_id) is None:
        settings = current_app.config
        answer.set_cookie(
            settings["REVIEWFLOW_BROWSER_COOKIE"],
            _browsers().dumps([person_id, secrets.token_urlsafe(16)]),
            max_age=365 * 24 * 60 * 60,
            secure=settings["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )


def _browsers() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="a browser that has signed in")


def network(address: str) -> str:
    """The network that one customer has: an IPv4 address, or the first half of an IPv6 one."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(found if found.version == 4 else ip_network((found, 64), strict=False))
