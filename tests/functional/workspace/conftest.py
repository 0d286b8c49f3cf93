"""A stage, its cast, and visitors who send forms as the pages do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.factories.task_forces import Cast
from tests.support.desk import Stage
from tests.support.visitors import Visitor


@pytest.fixture
def stage(app: Flask) -> Stage:
    """A task force of two groups."""
    return Stage(app)


@pytest.fixture
def cast(stage: Stage) -> Cast:
    """The people of the stage."""
    return stage.cast


@pytest.fixture
def visit(stage: Stage) -> Callable[[str], Visitor]:
    """Sign somebody of the cast in: `visit("astana-lead")`."""
    return lambda name: Visitor(stage.sign_in(name), stage.cast.slug)
