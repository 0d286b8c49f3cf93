"""A guest of Astana on the stage, and the link that waits in the mail."""

from __future__ import annotations

import re

from flask import Flask
from sqlalchemy import select

from reviewflow.domain.actors import Actor, Role
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import Person
from reviewflow.persistence.models.outbox import MailRow
from reviewflow.services import memberships, sign_offs
from tests.support.desk import Stage

GUEST, ADDRESS = "Bolat Official", "bolat@ministry.example.org"


def with_guest(stage: Stage) -> Actor:
    """Invite an official to Astana, who takes the seat without an account."""
    lead = stage.cast["astana-lead"]
    secret = stage.at(0, memberships.invite, lead, ADDRESS, Role.EXPERT, lead.group_id)
    stage.at(0, memberships.accept_as_guest, secret, GUEST)
    with stage.app.app_context():
        person = db.session.scalars(select(Person.id).where(Person.email == ADDRESS)).one()
    return Actor(person, lead.task_force_id, Role.EXPERT, lead.group_id)


def asked(stage: Stage, key: str, guest: Actor, hours: float = 2, version: int = 1) -> str:
    """Ask a guest for a sign-off, and return the secret that was mailed."""
    stage.at(
        hours,
        sign_offs.ask,
        stage.cast["astana-lead"],
        key,
        version,
        guest.person_id,
        lambda secret, until: ("Your position", f"secret={secret}"),
    )
    return mailed(stage.app, r"secret=(\S+)")


def mailed(app: Flask, pattern: str) -> str:
    """What a pattern finds in the newest mail in which it finds anything."""
    with app.app_context():
        bodies = db.session.scalars(select(MailRow.body).order_by(MailRow.id))
        return [match[1] for body in bodies if (match := re.search(pattern, body))][-1]
