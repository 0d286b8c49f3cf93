"""The one clock of the house, which the demonstration and the tests may set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_set: ContextVar[datetime | None] = ContextVar("reviewflow_clock", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _set.get() or datetime.now(UTC)


@contextmanager
def set_to(at: datetime) -> Iterator[None]:
    """Within the block, it is `at` (an aware instant) in this context."""
    token = _set.set(at)
    try:
        yield
    finally:
        _set.reset(token)
