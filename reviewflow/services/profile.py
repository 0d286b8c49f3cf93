"""What a person says of themselves, and the name under which they act."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import available_timezones

from sqlalchemy import select

from reviewflow.domain.manifest import LANGUAGES
from reviewflow.domain.names import SPELLED_IN, spelling
from reviewflow.persistence.models.accounts import Membership, Person, TaskForce
from reviewflow.services.accounts import line, record, refuse_unknown
from reviewflow.services.transaction import transaction


def change_profile(
    person_id: int, *, affiliation: str, time_zone: str, language: str, spellings: Mapping[str, str]
) -> None:
    """Change what a person says of themselves. The name stays as it was given: acts stand under it.

    `spellings` are the same name in other languages; one that is missing or empty is none.
    Raises `InvalidInput`, `UnacceptableText`.
    """
    refuse_unknown("time_zone", time_zone, available_timezones())
    refuse_unknown("language", language, LANGUAGES)
    spelled = {each: spelling(spellings.get(each, ""), each) for each in SPELLED_IN}
    kept = line("affiliation", affiliation, 200) if affiliation.strip() else ""
    with transaction() as work:
        person = work.session.get_one(Person, person_id)
        person.affiliation, person.time_zone, person.language = kept, time_zone, language
        person.name_ru, person.name_kk = spelled["ru"], spelled["kk"]


def rename_person(person_id: int, name: str) -> None:
    """Correct somebody's name, wherever it is shown from now on; what is printed already keeps the old one.

    Only the operator does this. Every task force where the person sits is told that it was done; the names
    are not in the event, since nobody could take them out again. The same name once more changes nothing.
    Raises `InvalidInput`, `UnacceptableText`.
    """
    kept = line("name", name, 200)
    with transaction() as work:
        person = work.session.get_one(Person, person_id)
        if person.name == kept:
            return
        person.name = kept
        seats = select(Membership.task_force_id).where(Membership.person_id == person_id)
        where = select(TaskForce).where(TaskForce.id.in_(seats)).order_by(TaskForce.id)
        for task_force in work.session.scalars(where):
            record(work, None, task_force, "member_renamed", person=person_id)
