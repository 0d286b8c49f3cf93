"""Attempts to sign in are counted on both databases, also many at once; nobody shuts another's door."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from reviewflow.domain.throttling import PATIENCE, Counted, TooManyAttempts
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.throttling import SignInCount
from reviewflow.services.throttling import count_attempt, take_back_attempt

AT = datetime(2009, 10, 14, 14, 0, tzinfo=UTC)
FREE = PATIENCE[Counted.ACCOUNT].free


def _passes(account: str = "a@example.org", address: str = "192.0.2.1", browser: str | None = None) -> bool:
    try:
        count_attempt(account, address, known_browser=browser)
    except TooManyAttempts:
        return False
    return True


def test_door_shuts_after_the_free_attempts_and_opens_again(app: Flask) -> None:
    with app.app_context():
        with clock.set_to(AT):
            assert [_passes() for _ in range(FREE + 2)] == [True] * (FREE + 1) + [False]
            with pytest.raises(TooManyAttempts) as refused:
                count_attempt("A@example.org ", "198.51.100.7", known_browser=None)
            assert refused.value.details == {"seconds": 1}
        with clock.set_to(AT + timedelta(seconds=1)):
            assert [_passes(), _passes()] == [True, False]
        with clock.set_to(AT + timedelta(seconds=2)):
            assert _passes() is False
        with clock.set_to(AT + timedelta(seconds=3)):
            assert _passes() is True


def test_stranger_does_not_shut_the_door_of_a_known_browser_or_another_account(app: Flask) -> None:
    with app.app_context(), clock.set_to(AT):
        while _passes(address="203.0.113.9"):
            pass
        assert _passes(browser="the owner's") is True
        assert _passes(account="b@example.org") is True


def test_address_that_tries_many_accounts_is_slowed(app: Flask) -> None:
    with app.app_context(), clock.set_to(AT):
        tries = [_passes(account=f"{number}@example.org") for number in range(60)]
        assert tries.count(True) == PATIENCE[Counted.ADDRESS].free + 1
        assert _passes(account="somebody@example.org", address="198.51.100.7") is True


def test_right_password_takes_the_attempt_back(app: Flask) -> None:
    with app.app_context(), clock.set_to(AT):
        for _ in range(200):
            assert _passes() is True
            take_back_attempt("a@example.org", "192.0.2.1", known_browser=None)
        assert db.session.scalars(select(SignInCount.attempts)).all() == [0]


def test_counts_are_forgotten_after_a_day(app: Flask) -> None:
    with app.app_context():
        with clock.set_to(AT):
            while _passes():
                pass
        with clock.set_to(AT + timedelta(days=1, seconds=10)):
            assert _passes(account="b@example.org", address="198.51.100.7") is True
        assert db.session.scalar(select(func.count()).select_from(SignInCount)) == 2


def test_many_at_the_same_instant_are_counted_one_after_the_other(app: Flask) -> None:
    passed: list[bool] = []
    start = threading.Barrier(8)

    def attempt() -> None:
        start.wait()
        for _ in range(4):
            with app.app_context():
                passed.append(_passes())

    with clock.set_to(AT):
        threads = [threading.Thread(target=attempt) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (len(passed), passed.count(True)) == (32, FREE + 1)
