"""What lets a person in changes in turns; whoever forgets what is over waits for nobody."""

from __future__ import annotations

import threading
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, insert, select, update

from reviewflow.domain.presence import GONE_AFTER
from reviewflow.domain.tokens import MOST_TOKENS
from reviewflow.gateways import clock
from reviewflow.persistence.db import db, table_of
from reviewflow.persistence.models.presence import PresenceRow
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.persistence.models.sessions import SessionRow
from reviewflow.persistence.models.tokens import TokenRow
from reviewflow.services import one_time_codes, presence, sessions, tokens
from tests.support import scenes
from tests.support.at_once import at_once
from tests.support.desk import BEGIN, MAIL, Stage, session_of

PRESENCES = table_of(PresenceRow)


def test_tokens_made_at_once_stay_within_their_number(app: Flask) -> None:
    stage = Stage(app)
    owner = stage.cast["astana-lead"]
    session = stage.at(0, session_of, owner.person_id)

    def make() -> None:
        tokens.make(session, owner, "Dashboard", 30, MAIL)

    with app.app_context():
        for _ in range(MOST_TOKENS - 1):
            make()
    assert at_once(app, *[make] * 4) == {"done": 1, "invalid_input": 3}
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(TokenRow)) == MOST_TOKENS


def test_session_that_was_ended_meanwhile_makes_neither_token_nor_codes(app: Flask) -> None:
    stage = Stage(app)
    owner = stage.cast["astana-lead"]
    session = stage.at(0, session_of, owner.person_id)
    stage.at(0, sessions.end_all, owner.person_id)
    assert at_once(app, lambda: tokens.make(session, owner, "Dashboard", 30, MAIL)) == {"session_over": 1}
    assert at_once(app, lambda: one_time_codes.confirm(session, "000000", "key", MAIL)) == {"session_over": 1}
    assert at_once(app, lambda: one_time_codes.renew_recovery_codes(session, MAIL)) == {"session_over": 1}


def test_page_of_an_open_text_waits_for_nobody_who_has_left(app: Flask) -> None:
    stage = Stage(app)
    key = scenes.proposed(stage)
    left, here = stage.cast["astana-lead"].person_id, stage.cast["astana-expert-1"].person_id
    with app.app_context():
        item = db.session.scalars(select(Recommendation.id).where(Recommendation.key == key)).one()
        ago = clock.now() - 2 * GONE_AFTER
        db.session.execute(insert(PRESENCES).values(recommendation_id=item, person_id=left, seen_at=ago))
        db.session.commit()
        # Another connection holds the row of who has left, as one does that forgets it in the same instant.
        held = select(PRESENCES.c.person_id).where(PRESENCES.c.person_id == left).with_for_update()
        assert db.session.execute(held).one()
        told = threading.Thread(target=_note, args=(app, here, item), daemon=True)
        told.start()
        told.join(20)
        assert not told.is_alive()
        db.session.rollback()
    with app.app_context():
        there = set(db.session.scalars(select(PRESENCES.c.person_id)))
    assert here in there


def _note(app: Flask, person_id: int, item_id: int) -> None:
    with app.app_context():
        presence.note_presence(person_id, item_id, writes=False)


def test_what_is_over_is_forgotten_with_the_next_note_and_the_next_session(app: Flask) -> None:
    stage = Stage(app)
    owner = stage.cast["astana-lead"].person_id
    stage.at(0, session_of, owner)
    with app.app_context():
        db.session.execute(update(table_of(SessionRow)).values(seen_at=BEGIN - timedelta(days=30)))
        db.session.commit()
    stage.at(0, session_of, owner)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SessionRow)) == 1
