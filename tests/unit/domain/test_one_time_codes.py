"""One-time codes: the vectors of the RFC, the tolerance of clocks, no code twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reviewflow.domain.one_time_codes import (
    STEP_SECONDS,
    code_of,
    enrolment_address,
    recovery_code,
    recovery_digest,
    step_at,
    step_of,
)

#: The secret of RFC 6238's appendix B.
SECRET = b"12345678901234567890"
AT = datetime(2009, 10, 14, 14, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert code_of(SECRET, step_at(at)) == code
    assert step_of(SECRET, f" {code[:3]} {code[3:]}", at, 0) == step_at(at)


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_code_counts_a_step_before_and_after(steps: int, right: bool) -> None:
    code = code_of(SECRET, step_at(AT + timedelta(seconds=steps * STEP_SECONDS)))
    assert (step_of(SECRET, code, AT, 0) == step_at(AT) + steps) is right


def test_code_counts_once_and_none_before_it() -> None:
    now = step_at(AT)
    assert step_of(SECRET, code_of(SECRET, now), AT, now) is None
    assert step_of(SECRET, code_of(SECRET, now - 1), AT, now) is None
    assert step_of(SECRET, code_of(SECRET, now + 1), AT, now) == now + 1


@pytest.mark.parametrize("typed", ["", "000000", "28708", "２８７０８２", "\ud800", "x" * 40])
def test_nothing_else_is_a_code(typed: str) -> None:
    assert step_of(SECRET, typed, AT, 0) is None


def test_recovery_code_is_found_however_it_is_typed() -> None:
    code = recovery_code(bytes(range(10)))
    assert code == "AAAQ-EAYE-AUDA-OCAJ"
    assert recovery_digest(1, " aaaq eaye-audaocaj") == recovery_digest(1, code) != recovery_digest(2, code)


def test_address_of_a_key_names_its_account() -> None:
    assert enrolment_address(SECRET, "a&b@example.org") == (
        "otpauth://totp/reviewflow:a%26b%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&issuer=reviewflow&algorithm=SHA1&digits=6&period=30"
    )
