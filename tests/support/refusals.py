"""What a refusal says, for tests."""

from __future__ import annotations

from typing import cast

import pytest

from reviewflow.domain.acts import Reason
from reviewflow.domain.errors import Unmet


def unmet_codes(refused: pytest.ExceptionInfo[Unmet]) -> list[str]:
    """The codes of the guards that were not met, in their order."""
    return [reason.code for reason in cast(tuple[Reason, ...], refused.value.details["reasons"])]
