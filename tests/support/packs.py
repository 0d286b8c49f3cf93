"""Evidence packs for tests: publications of every shape, and packs taken apart and put together again."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from reviewflow.domain.ballots import ConcernEnd, Stand
from reviewflow.domain.packages import seal_of_items
from reviewflow.domain.statements import StatementKind
from reviewflow.domain.verification import PREFIX, canonical
from reviewflow.gateways import packs, signing
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import StandInRow
from reviewflow.persistence.models.publication import PublicationDocument
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.persistence.repository import load_item
from reviewflow.services import (
    accounts,
    deliberation,
    documents,
    evidence,
    memberships,
    packages,
    publication,
    recommendations,
    sign_offs,
    silence,
    stand_ins,
    statements,
)
from tests.factories.task_forces import content
from tests.support.desk import BEGIN, Stage
from tests.support.guests import asked, with_guest
from tests.support.scenes import approved, carrying, drafted, proposed, published

#: The secret that signs in the tests, and the one of somebody else.
SECRET, FOREIGN = "11" * 32, "22" * 32
CYRILLIC = {
    "title": "Открытый календарь выборов",
    "text": "Рабочая группа рекомендует:\n\n1. Опубликовать календарь.\n\n2. Отчитаться о нём.",
    "summary": "Календарь, который может прочесть каждый.",
    "rationale": "Обещания без сроков не выполняются.",
}


def _finish(stage: Stage, key: str, version: int, hours: float) -> str:
    cast = stage.cast
    stage.at(hours, publication.approve, cast["coordinator"], key, version)
    stage.at(hours + 1, publication.publish, cast["coordinator"], key, version)
    return key


def plain(app: Flask) -> str:
    return published(Stage(app))


def in_cyrillic(app: Flask) -> str:
    return published(Stage(app), **CYRILLIC)


def chatham_house(app: Flask) -> str:
    stage = Stage(app)
    stage.at(0, accounts.adopt_chatham_house, None, stage.cast.task_force_id)
    return published(stage)


def three_groups(app: Flask) -> str:
    stage = Stage(app, groups=3)
    key = carrying(stage)
    for hours, name in enumerate(("vienna-expert-1", "vienna-expert-2"), start=4):
        stage.at(hours, deliberation.take_position, stage.cast[name], key, 1, Stand.APPROVE)
    for hours, group in enumerate(("vienna", "astana"), start=6):
        stage.at(hours, deliberation.agree_to_version, stage.cast[f"{group}-lead"], key, 1)
    return _finish(stage, key, 1, 9)


def several_rounds(app: Flask) -> str:
    """Sent back, revised, an objection withdrawn, a concern answered, a recusal, a telephone call."""
    stage = Stage(app)
    cast = stage.cast
    key = proposed(stage)
    stage.at(2, deliberation.take_position, cast["astana-expert-1"], key, 1, Stand.OBJECT, "No date.")
    stage.at(3, deliberation.request_changes, cast["astana-lead"], key, 1, "Say by when.")
    better = content(text="By 1 May.")
    stage.at(4, recommendations.save_version, cast["washington-expert-1"], key, 1, better, "A date")
    stage.at(5, recommendations.resubmit, cast["washington-expert-1"], key, 2, "")
    thread = stage.at(6, deliberation.raise_concern, cast["astana-lead"], key, "Who pays?", version=2)
    stage.at(7, deliberation.end_concern, cast["astana-lead"], key, thread, 2, ConcernEnd.ANSWERED, "We do.")
    stage.at(8, deliberation.take_position, cast["astana-expert-1"], key, 2, Stand.APPROVE)
    stage.at(9, deliberation.take_position, cast["astana-expert-2"], key, 2, Stand.RECUSE)
    member = cast["astana-expert-1"].person_id
    for hours, stand, means in ((9.2, Stand.OBJECT, "by telephone"), (9.4, Stand.WITHDRAWN, "by letter")):
        said = (key, 2, member, stand, means, "No date.")
        stage.at(hours, deliberation.record_position, cast["astana-lead"], *said)
    stage.at(
        9.5,
        deliberation.record_position,
        cast["astana-lead"],
        key,
        2,
        member,
        Stand.APPROVE,
        "by telephone",
    )
    stage.at(10, deliberation.take_position, cast["astana-lead"], key, 2, Stand.NO_OBJECTION)
    stage.at(11, deliberation.agree_to_version, cast["astana-lead"], key, 2)
    return _finish(stage, key, 2, 12)


def amended(app: Flask) -> str:
    """A bracket is settled while the text is before the other group, and positions are taken anew."""
    stage = Stage(app)
    cast = stage.cast
    key = proposed(stage, text="The State [shall/should] report.")
    stage.at(2, deliberation.take_position, cast["astana-expert-1"], key, 1, Stand.APPROVE)
    stage.at(3, recommendations.settle_bracket, cast["washington-lead"], key, 1, 0, "shall")
    for hours, name in enumerate(("astana-expert-1", "astana-lead"), start=4):
        stage.at(hours, deliberation.take_position, cast[name], key, 2, Stand.APPROVE)
    stage.at(6, deliberation.agree_to_version, cast["astana-lead"], key, 2)
    return _finish(stage, key, 2, 7)


def returned(app: Flask) -> str:
    """Approved, returned, answered, agreed to and approved anew, words unchanged."""
    stage = Stage(app)
    cast = stage.cast
    key = approved(stage)
    stage.at(6, publication.return_for_changes, cast["coordinator"], key, 1, "Has the ministry read it?")
    stage.at(7, recommendations.resubmit, cast["washington-expert-1"], key, 1, "It has.")
    for hours, name in enumerate(("astana-expert-1", "astana-expert-2"), start=8):
        stage.at(hours, deliberation.take_position, cast[name], key, 1, Stand.APPROVE)
    stage.at(10, deliberation.agree_to_version, cast["astana-lead"], key, 1)
    return _finish(stage, key, 1, 11)


def by_silence(app: Flask) -> str:
    """One silence procedure broken by an objection, then another one, extended, that nobody breaks."""
    stage = Stage(app)
    cast = stage.cast
    key = proposed(stage)
    leads = (cast["washington-lead"], cast["astana-lead"])

    def until(days: int) -> Any:
        return BEGIN.replace(day=BEGIN.day + days)

    stage.at(2, silence.propose_silence, leads[0], key, 1, until(4))
    stage.at(3, silence.accept_silence, leads[1], key, 1, until(4))
    stage.at(4, deliberation.take_position, cast["astana-expert-1"], key, 1, Stand.OBJECT, "Too vague.")
    stage.at(5, deliberation.take_position, cast["astana-expert-1"], key, 1, Stand.WITHDRAWN)
    stage.at(6, silence.propose_silence, leads[1], key, 1, until(5))
    stage.at(7, silence.accept_silence, leads[0], key, 1, until(5))
    for hours, lead in enumerate(leads, start=8):
        stage.at(hours, silence.extend_silence, lead, key, 1, until(6))
    stage.at(24 * 6, silence.expire_due)
    return _finish(stage, key, 1, 24 * 6 + 1)


def in_a_package(app: Flask) -> str:
    stage = Stage(app)
    cast = stage.cast
    keys = [carrying(stage), carrying(stage, title="Another")]
    package = stage.at(5, packages.tie, cast["astana-lead"], "Both or none", keys)
    with app.app_context():
        rows = db.session.scalars(select(Recommendation)).all()
        seal = seal_of_items(load_item(db.session(), row).item for row in rows)
    stage.at(6, packages.agree_to_package, cast["astana-lead"], package, seal)
    return _finish(stage, keys[0], 1, 7)


def with_statements(app: Flask) -> str:
    stage = Stage(app)
    key = approved(stage)
    stage.at(5.5, statements.attach_statement, stage.cast["astana-expert-2"], key, 1,
             StatementKind.RESERVATION, "Not without the parliament.")  # fmt: skip
    stage.at(6, publication.publish, stage.cast["coordinator"], key, 1)
    return key


def reopened(app: Flask) -> str:
    """Drafted, withdrawn before anybody saw it, reopened, proposed, declined, reopened, and then agreed."""
    stage = Stage(app)
    cast = stage.cast
    key = drafted(stage)
    lead = cast["washington-lead"]
    stage.at(0.2, recommendations.withdraw, lead, key, 1, "Too early.")
    stage.at(0.4, recommendations.reopen, lead, key, 1, "The time has come.")
    stage.at(1, recommendations.propose, lead, key, 1)
    stage.at(2, deliberation.decline, cast["astana-lead"], key, 1, "Not like this.")
    stage.at(3, recommendations.reopen, lead, key, 1, "Once more.")
    stage.at(4, recommendations.propose, lead, key, 1)
    for hours, name in enumerate(("astana-expert-1", "astana-lead"), start=5):
        stage.at(hours, deliberation.take_position, cast[name], key, 1, Stand.APPROVE)
    stage.at(7, deliberation.agree_to_version, cast["astana-lead"], key, 1)
    return _finish(stage, key, 1, 8)


def by_link(app: Flask) -> str:
    """A guest approves by a link, after another link was taken back, and after an objection by a third."""
    stage = Stage(app)
    guest, cast = with_guest(stage), stage.cast
    key = proposed(stage)
    asked(stage, key, guest, 2)
    stage.at(2.5, sign_offs.withdraw, cast["astana-lead"], key, 1)
    for hours, stand in ((3, Stand.OBJECT), (4, Stand.APPROVE)):
        secret = asked(stage, key, guest, hours)
        stage.at(hours + 0.5, sign_offs.sign, secret, stand, "No date.", lambda said: ("", ""))
    for name in ("astana-lead", "astana-expert-1"):
        stage.at(5, deliberation.take_position, cast[name], key, 1, Stand.NO_OBJECTION)
    stage.at(6, deliberation.agree_to_version, cast["astana-lead"], key, 1)
    return _finish(stage, key, 1, 7)


def by_the_clock(app: Flask) -> str:
    """Set for an instant, taken back, set anew, and published by the clock."""
    stage = Stage(app)
    key, coordinator = approved(stage), stage.cast["coordinator"]
    stage.at(6, publication.schedule, coordinator, key, 1, BEGIN.replace(day=BEGIN.day + 1))
    stage.at(7, publication.unschedule, coordinator, key, 1)
    stage.at(8, publication.schedule, coordinator, key, 1, BEGIN.replace(day=BEGIN.day + 2))
    assert stage.at(24 * 2, publication.publish_due) == 1
    return key


def left(app: Flask) -> str:
    """Somebody objects and leaves; the lead, to whom the objection passes, withdraws it in the next round."""
    stage = Stage(app)
    cast = stage.cast
    objector, lead = cast["astana-expert-1"], cast["astana-lead"]
    key = proposed(stage)
    stage.at(2, deliberation.take_position, objector, key, 1, Stand.OBJECT, "No date.")
    stage.at(3, memberships.end_membership, objector, objector.person_id)
    stage.at(4, deliberation.request_changes, lead, key, 1, "Say by when.")
    stage.at(5, recommendations.resubmit, cast["washington-expert-1"], key, 1, "It says so.")
    stage.at(6, deliberation.take_position, cast["astana-expert-2"], key, 1, Stand.APPROVE)
    stage.at(7, deliberation.take_position, lead, key, 1, Stand.NO_OBJECTION)
    stage.at(
        8,
        deliberation.record_position,
        lead,
        key,
        1,
        objector.person_id,
        Stand.WITHDRAWN,
        "It is met.",
    )
    stage.at(9, deliberation.agree_to_version, lead, key, 1)
    return _finish(stage, key, 1, 10)


def by_stand_ins(app: Flask) -> str:
    """An expert states the lead's position, records another's and agrees, each in the lead's name."""
    stage = Stage(app)
    cast = stage.cast
    key = proposed(stage)
    lead, expert = cast["astana-lead"], cast["astana-expert-1"]
    since, until = BEGIN + timedelta(hours=1), BEGIN + timedelta(days=1)
    lent = stage.at(2, stand_ins.name_stand_in, lead, expert.person_id, since, until)
    acting = replace(lead, stand_in=lent)
    stage.at(3, deliberation.take_position, acting, key, 1, Stand.APPROVE)
    member = cast["astana-expert-2"].person_id
    stage.at(4, deliberation.record_position, acting, key, 1, member, Stand.NO_OBJECTION, "by telephone")
    stage.at(5, deliberation.agree_to_version, acting, key, 1)
    with stage.app.app_context():
        number = db.session.scalars(select(StandInRow.id)).one()
    stage.at(5.5, stand_ins.end_stand_in, lead, number)
    return _finish(stage, key, 1, 6)


SHAPES: dict[str, Callable[[Flask], str]] = {
    shape.__name__: shape
    for shape in (
        plain, in_cyrillic, chatham_house, three_groups, several_rounds, amended, returned, by_silence,
        in_a_package, with_statements, reopened, by_the_clock, by_link, left, by_stand_ins,
    )
}  # fmt: skip


def pack_of(app: Flask, shape: str, secret: str = SECRET) -> bytes:
    """The pack of a publication that came about in this way."""
    SHAPES[shape](app)
    with app.app_context():
        assert make_packs(secret) == 1
        return stored_pack()


def make_packs(secret: str = SECRET) -> int:
    """What the worker does: the documents, and then the packs; how many packs. Needs an app context."""
    documents.make_missing()
    return evidence.make_due(secret)


def stored_pack() -> bytes:
    """The newest pack in the database. Needs an app context."""
    return db.session.scalars(
        select(PublicationDocument.body)
        .where(PublicationDocument.format == documents.EVIDENCE)
        .order_by(PublicationDocument.publication_id.desc())
        .limit(1)
    ).one()


class Taken:
    """A pack taken apart, to be changed and put together again."""

    def __init__(self, body: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(body)) as pack:
            self.files = {name: pack.read(name) for name in pack.namelist()}

    def json(self, name: str) -> Any:
        """The value of a JSON file."""
        return json.loads(self.files[name])

    def put(self, name: str, value: object) -> None:
        """Write a JSON file."""
        self.files[name] = canonical(value)

    def steps(self) -> list[dict[str, Any]]:
        """The steps, to be changed and given back to `rechain`."""
        return [event["shown"] for event in self.json("events.json")]

    def rechain(self, steps: list[dict[str, Any]]) -> None:
        """Write steps with numbers and hashes that fit each other, as whoever forges a history would."""
        kept = self.json("events.json")[0]["kept"]
        before, events = "", []
        for number, step in enumerate(steps, start=1):
            event = {"kept": kept, "shown": {**step, "step": number, "before": before}}
            before = hashlib.sha256(canonical(event)).hexdigest()
            events.append(event)
        self.put("events.json", events)
        self.put("head.json", {**self.json("head.json"), "event": before})

    def reindex(self) -> None:
        """Make the index that of the files as they are."""
        index = {
            name: hashlib.sha256(body).hexdigest()
            for name, body in self.files.items()
            if name not in ("head.json", "head.sig", "index.json")
        }
        self.put("index.json", index)

    def sign(self, secret: str = SECRET, **changes: object) -> None:
        """Make index and head fit, and sign them with a secret: a house that lies, or somebody else."""
        self.reindex()
        index = hashlib.sha256(self.files["index.json"]).hexdigest()
        head = {**self.json("head.json"), "index": index, "key": signing.public_part(secret)}
        self.put("head.json", {**head, **changes})
        self.files["head.sig"] = signing.sign(secret, PREFIX + self.files["head.json"]).encode()

    def body(self) -> bytes:
        """The pack as a ZIP again."""
        return packs.pack(self.files)
