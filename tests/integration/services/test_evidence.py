"""Evidence packs of publications of every shape: made, and checked with Python alone."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from config import ConfigurationError
from reviewflow import worker
from reviewflow.domain import verification
from reviewflow.domain.audit import GENESIS
from reviewflow.domain.errors import ConcurrentChange
from reviewflow.domain.faults import Fault
from reviewflow.gateways import clock, packs, signing
from reviewflow.persistence.db import WRITES, db
from reviewflow.persistence.models.accounts import Person
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.deliberation import Thread
from reviewflow.persistence.models.publication import Publication, PublicationDocument
from reviewflow.persistence.models.recommendations import Recommendation, Version
from reviewflow.queries import integrity
from reviewflow.services import documents, evidence
from tests.factories.publications import published_text
from tests.factories.task_forces import make_task_force
from tests.support.desk import BEGIN, Stage
from tests.support.packs import FOREIGN, SECRET, SHAPES, Taken, make_packs, pack_of, stored_pack
from tests.support.scenes import published


@pytest.mark.parametrize("shape", SHAPES)
def test_pack_verifies_with_python_alone(app: Flask, shape: str, tmp_path: Path) -> None:
    (tmp_path / "pack.zip").write_bytes(pack_of(app, shape))
    (tmp_path / "verify.py").write_bytes(packs.verifier())
    checked = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", "pack.zip", "--key", signing.public_part(SECRET)],
        cwd=tmp_path, capture_output=True, text=True, check=False, env={},
    )  # fmt: skip
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout.startswith("verified: USKZ.REC/1/09, digest ")


def test_pack_of_the_pack_and_the_house_verify_alike(app: Flask, tmp_path: Path) -> None:
    """The verifier that lies in the pack is the one that the command runs."""
    body = pack_of(app, "plain")
    assert Taken(body).files["verify.py"] == packs.verifier()
    (tmp_path / "pack.zip").write_bytes(body)
    key = signing.public_part(SECRET)
    result = app.test_cli_runner().invoke(args=["verify", str(tmp_path / "pack.zip"), "--key", key])
    assert (result.exit_code, result.output.split(":")[0]) == (0, "verified")
    other = signing.public_part(FOREIGN)
    result = app.test_cli_runner().invoke(args=["verify", str(tmp_path / "pack.zip"), "--key", other])
    assert (result.exit_code, result.output.split(":")[0]) == (1, "wrong_key")


def test_pack_holds_nothing_that_is_not_public(app: Flask) -> None:
    """Words of reasons and notes, names, keys of items and threads, digests of other versions."""
    taken = Taken(pack_of(app, "several_rounds"))
    said = b"\n".join(taken.files[name] for name in ("events.json", "decision.json", "head.json"))
    with app.app_context():
        private = [
            *db.session.scalars(select(Person.name)),
            *db.session.scalars(select(Person.email)),
            *db.session.scalars(select(Recommendation.key)),
            *db.session.scalars(select(Thread.key)),
            *db.session.scalars(select(Version.digest).where(Version.number == 1)),
            *db.session.scalars(select(EventRow.salt)),
            *("No date.", "Say by when.", "A date", "Who pays?", "We do.", "by telephone"),
        ]
        others = db.session.scalars(select(EventRow.hash).where(EventRow.step.is_(None))).all()
    assert [word for word in (*private, *others) if word and word.encode() in said] == []


def test_seats_are_strangers_in_the_next_text(app: Flask) -> None:
    stage = Stage(app)
    seats = []
    for title in ("One", "Two"):
        published(stage, title=title)
        with app.app_context():
            make_packs(SECRET)
            seats.append({step["seat"] for step in Taken(stored_pack()).steps()})
    assert [len(found) for found in seats] == [4, 4]
    assert not seats[0] & seats[1]


def test_pack_is_made_once_and_the_same_again(app: Flask) -> None:
    with clock.set_to(BEGIN + timedelta(days=9)):
        body = pack_of(app, "plain")
        with app.app_context():
            assert make_packs(SECRET) == 0
            publication = db.session.scalars(select(Publication.id)).one()
            db.session.rollback()
            with pytest.raises(ConcurrentChange):
                evidence.make_pack(SECRET, publication)
            assert stored_pack() == body
    pack = Taken(body)
    pack.sign()
    assert pack.body() == body


def test_worker_makes_packs_with_the_key_that_is_in_force(app: Flask) -> None:
    published(Stage(app))
    app.config["REVIEWFLOW_SIGNING_KEY"] = SECRET
    worker.ask_key(app)
    worker.look(app)
    with app.app_context():
        assert Taken(stored_pack()).json("head.json")["key"] == signing.public_part(SECRET)


def test_rotation_ends_one_key_and_begins_another(app: Flask, tmp_path: Path) -> None:
    stage = Stage(app)
    published(stage)
    with app.app_context():
        make_packs(SECRET)
        old = stored_pack()
    published(stage, title="Another")
    with app.app_context():
        with pytest.raises(ConfigurationError):
            make_packs(FOREIGN)
        assert evidence.rotate_key(FOREIGN) == signing.public_part(FOREIGN)
        for secret in (SECRET, FOREIGN):
            with pytest.raises(ConfigurationError):
                evidence.rotate_key(secret)
        with pytest.raises(ConfigurationError):
            make_packs(SECRET)
        assert make_packs(FOREIGN) == 1
        new = stored_pack()
    answer = app.test_client().get("/.well-known/reviewflow-keys.json")
    (tmp_path / "keys.json").write_bytes(answer.data)
    trusted = verification.trusted_keys(str(tmp_path / "keys.json"))
    for body in (old, new):
        packs.check(body, trusted)
    late = Taken(new)
    late.sign(SECRET)
    with pytest.raises(Fault, match="key_not_in_force"):
        packs.check(late.body(), trusted)


def test_command_rotates_and_says_what_is_wrong(app: Flask) -> None:
    runner = app.test_cli_runner()
    app.config["REVIEWFLOW_SIGNING_KEY"] = SECRET
    assert runner.invoke(args=["keys", "rotate"]).output == f"In force: {signing.public_part(SECRET)}\n"
    assert "a key comes once" in runner.invoke(args=["keys", "rotate"]).output
    app.config["REVIEWFLOW_SIGNING_KEY"] = FOREIGN
    refused = runner.invoke(args=["worker", "--once"])
    assert (refused.exit_code, "reviewflow keys rotate" in refused.output) == (1, True)
    app.config["REVIEWFLOW_SIGNING_KEY"] = ""
    for command in (["worker", "--once"], ["keys", "rotate"]):
        refused = runner.invoke(args=command)
        assert (refused.exit_code, "REVIEWFLOW_SIGNING_KEY is not set" in refused.output) == (1, True)


def test_text_of_the_older_form_has_no_pack_and_its_chain_is_whole(app: Flask) -> None:
    """As a database looks that was there before events had a half to be shown."""
    with app.app_context():
        published_text(make_task_force())
        _forget_halves()
        assert [chain.broken_at for chain in integrity.check_chains()] == [None]
        assert make_packs(SECRET) == 0


def _forget_halves() -> None:
    """Write all events anew in the older form, past the barriers."""
    session = db.session()
    sqlite = db.engine.dialect.name == "sqlite"
    session.connection(execution_options={WRITES: True})
    off = "DROP TRIGGER events_no_update" + ("" if sqlite else " ON events")
    session.execute(text(off))
    previous = GENESIS
    events = session.scalars(select(EventRow).order_by(EventRow.sequence)).all()
    for event in events:
        event.previous = f"-{event.sequence}"
    session.flush()
    keys = dict(session.execute(select(Recommendation.id, Recommendation.key)).all())
    for event in events:
        event.salt = event.step = event.shown = None
        event.previous = previous
        previous = event.hash = event.link("uskz", keys.get(event.recommendation_id or 0)).hash()
    session.flush()
    session.execute(text("UPDATE chain_heads SET hash = :hash"), {"hash": previous})
    session.commit()


def test_what_does_not_prove_itself_is_not_kept(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """A step that somebody took out of the database behind the house's back."""
    published(Stage(app))
    with app.app_context():
        session = db.session()
        session.connection(execution_options={WRITES: True})
        for change in ("update", "delete"):
            on = "" if db.engine.dialect.name == "sqlite" else " ON events"
            session.execute(text(f"DROP TRIGGER events_no_{change}{on}"))
        session.execute(text("DELETE FROM events WHERE name = 'agree'"))
        session.commit()
        assert make_packs(SECRET) == 0
        assert "no evidence for publication" in caplog.text
        kept = select(PublicationDocument).where(PublicationDocument.format == documents.EVIDENCE)
        assert not session.scalars(kept).all()
