"""Tables, one module a feature; importing this package registers them all."""

from reviewflow.persistence.models import (
    accounts,
    audit,
    deliberation,
    follow_up,
    notices,
    one_time_codes,
    outbox,
    packages,
    passkeys,
    publication,
    recommendations,
    sessions,
    silence,
    statements,
    throttling,
    tokens,
)

__all__ = [
    "accounts",
    "audit",
    "deliberation",
    "follow_up",
    "notices",
    "one_time_codes",
    "outbox",
    "packages",
    "passkeys",
    "publication",
    "recommendations",
    "sessions",
    "silence",
    "statements",
    "throttling",
    "tokens",
]
