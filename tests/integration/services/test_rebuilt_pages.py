"""Building public pages anew while others act on the texts."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, text

from reviewflow.persistence.db import db
from reviewflow.services.public_pages import rebuild_pages
from tests.factories.publications import published_text
from tests.factories.task_forces import make_task_force


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_nobody_can_retract_a_text_while_its_page_is_built_anew(app: Flask) -> None:
    """On SQLite nobody writes at all meanwhile."""
    free: list[list[int]] = []
    with app.app_context():
        cast = make_task_force()
        published_text(cast)
        published_text(cast, "Another")
        others = create_engine(db.engine.url)

        def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if "INTO public_pages" in statement:
                with others.connect() as connection:
                    asked = text("SELECT id FROM recommendations FOR UPDATE SKIP LOCKED")
                    free.append(list(connection.execute(asked).scalars()))

        event.listen(db.engine, "before_cursor_execute", look)
        assert rebuild_pages() == 2
        event.remove(db.engine, "before_cursor_execute", look)
        others.dispose()
    assert free == [[], []]
