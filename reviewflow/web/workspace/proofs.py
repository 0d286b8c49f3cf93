"""What somebody shows to be let in: each attempt is counted before it is looked at."""

from __future__ import annotations

import secrets
from ipaddress import ip_address, ip_network

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from reviewflow.gateways import passwords
from reviewflow.queries import accounts
from reviewflow.services import throttling


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
