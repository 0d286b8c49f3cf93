"""Response headers: no inline script or style, no framing, nothing cached that is not public."""

from __future__ import annotations

from flask import Flask, Response, request

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def register(app: Flask) -> None:
    """Set the headers on every response; HSTS where the site is served over HTTPS."""
    secure = bool(app.config["SESSION_COOKIE_SECURE"])

    @app.after_request
    def harden(response: Response) -> Response:
        headers = response.headers
        headers["Content-Security-Policy"] = _POLICY
        headers["X-Content-Type-Options"] = "nosniff"
        # Said by the policy too, which browsers of before 2016 and some scanners do not read.
        headers["X-Frame-Options"] = "DENY"
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if response.status_code == 401:
            # RFC 9110, 11.6.1: every 401 says how to come in; a scheme that browsers open no window for.
            headers.setdefault("WWW-Authenticate", 'Form realm="reviewflow"')
        if request.path.startswith("/desk"):
            headers["Cache-Control"] = "private, no-store"
        return response
