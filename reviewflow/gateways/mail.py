"""Mail, by SMTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    import smtplib
    import ssl

#: Seconds that a server may take to answer.
_PATIENCE = 20


@dataclass(frozen=True, slots=True)
class Mail:
    """One plain mail to one person."""

    message_id: str
    recipient: str
    subject: str
    body: str
    made_at: datetime


def sender(url: str, sender_address: str) -> Callable[[Mail], None]:
    """What sends a mail through the server of `url`: `smtps://name:password@host`, or `smtp://host:port`.

    On `smtp` the connection is encrypted before anything is said, except to this very machine. The function
    raises `OSError` and `smtplib.SMTPException` (one of its kind) where the server does not take the mail.
    """
    # Only the worker sends mail: no server of pages loads these.
    import ssl
    from email.message import EmailMessage
    from email.utils import format_datetime

    parts = urlsplit(url)
    host, context = parts.hostname or "", ssl.create_default_context()

    def send(mail: Mail) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender_address, mail.recipient, mail.subject
        message["Date"], message["Message-ID"] = format_datetime(mail.made_at), mail.message_id
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.body)
        with _connected(parts.scheme, host, parts.port, context) as server:
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)

    return send


def _connected(scheme: str, host: str, port: int | None, context: ssl.SSLContext) -> smtplib.SMTP:
    import smtplib

    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=_PATIENCE, context=context)
    server = smtplib.SMTP(host, port or 587, timeout=_PATIENCE)
    if host not in ("localhost", "127.0.0.1", "::1"):
        server.starttls(context=context)
    return server
