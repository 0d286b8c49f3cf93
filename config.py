"""The settings: read from the environment once, checked, and handed to Flask as a mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlsplit

#: Signs sessions on a developer's machine only; production refuses it.
DEVELOPMENT_SECRET_KEY = "development-only-secret-never-for-production"  # noqa: S105 - production refuses it
#: Signs evidence on a developer's machine only: whoever reads this line can sign as well.
DEVELOPMENT_SIGNING_KEY = "de" * 32
#: Short keys can be guessed from one signed cookie.
MINIMUM_SECRET_LENGTH = 32
#: Larger than any form with a full text (2 MB is answered in words), smaller than what fills the memory.
MAXIMUM_REQUEST_BYTES = 4 * 1024 * 1024
#: Forms with autosaved writing stay open for days, so the session lasts two weeks.
SESSION_LIFETIME_SECONDS = 14 * 24 * 60 * 60

_CHECKOUT = Path(__file__).resolve().parent

Environment = Literal["development", "production"]


class ConfigurationError(Exception):
    """A setting is missing or wrong; the message is a sentence for the person who starts the application."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that differs between one installation and another; its repr shows no secrets."""

    #: SQLAlchemy's form, with the driver: `sqlite:////path`, `postgresql+psycopg://user@host/name`.
    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    environment: Environment = "development"
    #: Host names that requests may be addressed to, without ports.
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    #: How many proxies of ours stand before it: so many of the addresses that they add are believed.
    proxies: int = 0
    #: Where readers find the application: what absolute links in mails and feeds begin with. No final slash.
    public_url: str = "http://127.0.0.1:8000"
    #: The secret that signs evidence, 64 hexadecimal digits; empty where none is to be signed.
    signing_key: str = field(default="", repr=False)
    #: The server that takes mail: `smtps://name:password@host`; empty where the operator passes it on.
    smtp_url: str = field(default="", repr=False)
    #: Another house through which people may sign in (OpenID Connect): the address that it calls itself, what
    #: this installation is called there, and what the button calls it. Empty where there is none.
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_name: str = ""
    #: Whom mail comes from.
    mail_from: str = ""
    #: Where weaknesses are reported, as `mailto:` or `https:`; empty where nobody is named.
    security_contact: str = ""
    #: True in the tests only.
    testing: bool = False

    def __post_init__(self) -> None:
        """Refuse settings that would be unsafe or fail later.

        Raises:
            ConfigurationError: what is wrong and what to set, in words.
        """
        if self.environment not in ("development", "production"):
            raise ConfigurationError(
                f"REVIEWFLOW_ENV is {self.environment!r}, but must be 'development' or 'production'."
            )
        if not self.database_url.startswith(("sqlite://", "postgresql+psycopg://")):
            raise ConfigurationError("REVIEWFLOW_DATABASE_URL must begin with sqlite:// or postgresql://.")
        public = urlsplit(self.public_url)
        if public.scheme not in ("http", "https") or not public.hostname:
            raise ConfigurationError(
                f"REVIEWFLOW_PUBLIC_URL is {self.public_url!r}, but must be an address like https://example.org."
            )
        if public.path or public.query or public.fragment:
            raise ConfigurationError(
                f"REVIEWFLOW_PUBLIC_URL is {self.public_url!r}, but must end after the host name and port."
            )
        if not self.secret_key:
            raise ConfigurationError("REVIEWFLOW_SECRET_KEY is empty. " + _HOW_TO_MAKE_A_KEY)
        if self.signing_key and not re.fullmatch("[0-9a-f]{64}", self.signing_key):
            raise ConfigurationError(
                "REVIEWFLOW_SIGNING_KEY must have 64 hexadecimal digits. " + HOW_TO_MAKE_A_SIGNING_KEY
            )
        if self.smtp_url and urlsplit(self.smtp_url).scheme not in ("smtp", "smtps"):
            raise ConfigurationError("REVIEWFLOW_SMTP_URL must begin with smtps:// or smtp://.")
        if self.smtp_url and "@" not in self.mail_from:
            raise ConfigurationError("REVIEWFLOW_MAIL_FROM must be the address that mail comes from.")
        self._refuse_half_a_provider()
        if self.security_contact and not re.fullmatch(r"(mailto:|https://)\S+", self.security_contact):
            raise ConfigurationError("REVIEWFLOW_SECURITY_CONTACT must begin with mailto: or https://.")
        if not self.hosts:
            raise ConfigurationError("REVIEWFLOW_HOSTS is empty, so that no request could be answered.")
        if self.is_production:
            self._refuse_weak_production()

    def _refuse_half_a_provider(self) -> None:
        named = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret, self.oidc_name)
        if not any(named):
            return
        if not all(named):
            raise ConfigurationError(
                "REVIEWFLOW_OIDC_ISSUER, _CLIENT_ID, _CLIENT_SECRET and _NAME go together: set all or none."
            )
        issuer = urlsplit(self.oidc_issuer)
        if issuer.scheme != "https" and (issuer.scheme, issuer.hostname) != ("http", "127.0.0.1"):
            raise ConfigurationError("REVIEWFLOW_OIDC_ISSUER must begin with https://.")
        if find_spec("authlib") is None:
            raise ConfigurationError(
                "REVIEWFLOW_OIDC_ISSUER needs more: .venv/bin/pip install --require-hashes"
                " -r requirements-oidc.lock"
            )

    def _refuse_weak_production(self) -> None:
        if self.secret_key == DEVELOPMENT_SECRET_KEY:
            raise ConfigurationError(
                "REVIEWFLOW_SECRET_KEY is the public development key, which production may not use. "
                + _HOW_TO_MAKE_A_KEY
            )
        if len(self.secret_key) < MINIMUM_SECRET_LENGTH:
            raise ConfigurationError(
                f"REVIEWFLOW_SECRET_KEY has {len(self.secret_key)} characters, "
                f"but production needs at least {MINIMUM_SECRET_LENGTH}. " + _HOW_TO_MAKE_A_KEY
            )
        if len(set(self.secret_key)) < 8:
            raise ConfigurationError(
                "REVIEWFLOW_SECRET_KEY repeats a few characters and can be guessed. " + _HOW_TO_MAKE_A_KEY
            )
        if self.signing_key == DEVELOPMENT_SIGNING_KEY:
            raise ConfigurationError(
                "REVIEWFLOW_SIGNING_KEY is the public development key, which production may not use. "
                + HOW_TO_MAKE_A_SIGNING_KEY
            )
        if urlsplit(self.public_url).hostname not in self.hosts:
            raise ConfigurationError(
                f"REVIEWFLOW_HOSTS must contain the host of REVIEWFLOW_PUBLIC_URL ({self.public_url})."
            )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Config:
        """Read the REVIEWFLOW_* variables; an empty variable counts as not set.

        Raises:
            ConfigurationError: a variable is wrong, or production lacks one.
        """
        environment = cast(Environment, environ.get("REVIEWFLOW_ENV") or "development")
        secret_key = environ.get("REVIEWFLOW_SECRET_KEY") or ""
        if not secret_key and environment == "production":
            raise ConfigurationError(
                "REVIEWFLOW_SECRET_KEY is not set, and production does not start without it. "
                + _HOW_TO_MAKE_A_KEY
            )
        public_url = (environ.get("REVIEWFLOW_PUBLIC_URL") or "http://127.0.0.1:8000").rstrip("/")
        hosts = _split(environ.get("REVIEWFLOW_HOSTS") or "") or _hosts_for(public_url, environment)
        return cls(
            database_url=normalised_database_url(
                environ.get("REVIEWFLOW_DATABASE_URL") or default_database_url()
            ),
            secret_key=secret_key or DEVELOPMENT_SECRET_KEY,
            environment=environment,
            hosts=hosts,
            proxies=_whole_number("REVIEWFLOW_PROXIES", environ.get("REVIEWFLOW_PROXIES") or "0"),
            public_url=public_url,
            signing_key=environ.get("REVIEWFLOW_SIGNING_KEY") or "",
            smtp_url=environ.get("REVIEWFLOW_SMTP_URL") or "",
            oidc_issuer=environ.get("REVIEWFLOW_OIDC_ISSUER") or "",
            oidc_client_id=environ.get("REVIEWFLOW_OIDC_CLIENT_ID") or "",
            oidc_client_secret=environ.get("REVIEWFLOW_OIDC_CLIENT_SECRET") or "",
            oidc_name=environ.get("REVIEWFLOW_OIDC_NAME") or "",
            mail_from=environ.get("REVIEWFLOW_MAIL_FROM") or "",
            security_contact=environ.get("REVIEWFLOW_SECURITY_CONTACT") or "",
        )

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    def for_flask(self) -> dict[str, Any]:
        """The mapping for `app.config`."""
        public = urlsplit(self.public_url)
        over_https = public.scheme == "https"
        return {
            "TESTING": self.testing,
            "SECRET_KEY": self.secret_key,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "MAX_CONTENT_LENGTH": MAXIMUM_REQUEST_BYTES,
            # Werkzeug's own limit for one form field is 500 kB, less than a long text.
            "MAX_FORM_MEMORY_SIZE": MAXIMUM_REQUEST_BYTES,
            "MAX_FORM_PARTS": 1_000,
            "TRUSTED_HOSTS": list(self.hosts),
            "PREFERRED_URL_SCHEME": public.scheme,
            # The __Host- prefix makes the browser refuse the cookie from subdomains and without HTTPS.
            "SESSION_COOKIE_NAME": "__Host-reviewflow" if over_https else "reviewflow",
            "REVIEWFLOW_BROWSER_COOKIE": "__Host-reviewflow-browser" if over_https else "reviewflow-browser",
            "REVIEWFLOW_PROXIES": self.proxies,
            "SESSION_COOKIE_SECURE": over_https,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_PATH": "/",
            "PERMANENT_SESSION_LIFETIME": SESSION_LIFETIME_SECONDS,
            "SESSION_REFRESH_EACH_REQUEST": False,
            # A token lives as long as its session: after an hour's writing the form must still be accepted.
            "WTF_CSRF_TIME_LIMIT": None,
            "WTF_CSRF_SSL_STRICT": over_https,
            "REVIEWFLOW_ENV": self.environment,
            "REVIEWFLOW_PUBLIC_URL": self.public_url,
            "REVIEWFLOW_SMTP_URL": self.smtp_url,
            "REVIEWFLOW_OIDC_ISSUER": self.oidc_issuer,
            "REVIEWFLOW_OIDC_CLIENT_ID": self.oidc_client_id,
            "REVIEWFLOW_OIDC_CLIENT_SECRET": self.oidc_client_secret,
            "REVIEWFLOW_OIDC_NAME": self.oidc_name,
            "REVIEWFLOW_MAIL_FROM": self.mail_from,
            "REVIEWFLOW_SECURITY_CONTACT": self.security_contact,
            "REVIEWFLOW_SIGNING_KEY": self.signing_key
            or ("" if self.is_production else DEVELOPMENT_SIGNING_KEY),
        }


def default_database_url() -> str:
    """A SQLite file in the `instance` folder of the checkout; the folder need not exist yet."""
    return f"sqlite:///{_CHECKOUT / 'instance' / 'reviewflow.db'}"


def normalised_database_url(url: str) -> str:
    """The address with the driver that reviewflow uses: plain postgres addresses get psycopg."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _whole_number(name: str, text: str) -> int:
    """Raises ConfigurationError for what is none."""
    if not (text.isascii() and text.isdigit() and int(text) < 10):
        raise ConfigurationError(f"{name} is {text!r}, but must be a number from 0 to 9.")
    return int(text)


def _split(text: str) -> tuple[str, ...]:
    """Names separated by commas or blanks."""
    return tuple(text.replace(",", " ").split())


def _hosts_for(public_url: str, environment: str) -> tuple[str, ...]:
    """The public host; on a developer's machine also the loopback names."""
    names = [] if environment == "production" else ["127.0.0.1", "localhost", "[::1]"]
    host = urlsplit(public_url).hostname
    if host and host not in names:
        names.append(host)
    return tuple(names)


_HOW_TO_MAKE_A_KEY = "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
#: Also for the worker, which is the one that signs.
HOW_TO_MAKE_A_SIGNING_KEY = "Make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
