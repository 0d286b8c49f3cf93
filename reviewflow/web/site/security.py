"""Whom to tell of a weakness (RFC 9116)."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, current_app

from reviewflow.domain.errors import NotFound
from reviewflow.gateways import clock

#: The RFC recommends less than a year, so that nobody relies on what nobody looks after.
_HOLDS = timedelta(days=180)


def register(site: Blueprint) -> None:
    """Attach the file."""
    site.add_url_rule("/.well-known/security.txt", "security_txt", security_txt)


def security_txt() -> Response:
    """The contact that the installation names; not there where it names none."""
    contact = current_app.config["REVIEWFLOW_SECURITY_CONTACT"]
    if not contact:
        raise NotFound()
    address = current_app.config["REVIEWFLOW_PUBLIC_URL"] + "/.well-known/security.txt"
    expires = (clock.now() + _HOLDS).strftime("%Y-%m-%dT00:00:00Z")
    lines = (f"Contact: {contact}", f"Expires: {expires}", "Preferred-Languages: en", f"Canonical: {address}")
    return Response("\n".join((*lines, "")), mimetype="text/plain")
