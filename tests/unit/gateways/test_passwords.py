"""Hashing and checking passwords."""

from __future__ import annotations

import pytest

from reviewflow.gateways import passwords


def test_verify_password_knows_the_right_one():
    stored = passwords.hash_password("correct horse battery")
    assert stored.startswith("$argon2id$")
    assert passwords.verify_password(stored, "correct horse battery")
    assert not passwords.verify_password(stored, "correct horse batterie")


def test_hash_password_is_salted():
    assert passwords.hash_password("the same words") != passwords.hash_password("the same words")


@pytest.mark.parametrize("stored", [None, ""])
def test_verify_password_says_no_without_an_account(stored: str | None):
    assert not passwords.verify_password(stored, "the password of nobody")


def test_verify_password_hashes_even_without_an_account(monkeypatch: pytest.MonkeyPatch):
    compared: list[str] = []
    monkeypatch.setattr(passwords, "_HASHER", _Recorder(compared, passwords._HASHER))
    passwords.verify_password(None, "anything")
    assert len(compared) == 1
    assert compared[0].startswith("$argon2id$")


@pytest.mark.parametrize("stored", ["plain text", "$argon2id$v=19$broken"])
def test_verify_password_says_no_to_what_is_no_hash(stored: str):
    assert not passwords.verify_password(stored, "plain text")


def test_verify_password_says_no_to_half_a_character():
    assert not passwords.verify_password(passwords.hash_password("whole"), "\ud800")


class _Recorder:
    def __init__(self, compared: list[str], hasher: object) -> None:
        self._compared, self._hasher = compared, hasher

    def verify(self, stored: str, password: str) -> bool:
        self._compared.append(stored)
        return self._hasher.verify(stored, password)

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)
