"""The database's own barriers: what the services never do, tried with raw SQL, is refused."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from reviewflow.domain.ballots import Stand
from reviewflow.gateways import clock
from reviewflow.persistence import schema
from reviewflow.persistence.db import db
from reviewflow.services import deliberation, publication, recommendations
from tests.factories.task_forces import Cast, content, make_task_force


def _refused(sql: str, **values: object) -> str:
    """Run raw SQL in a transaction of its own, expect a refusal, and return its words."""
    with pytest.raises(DBAPIError) as error:
        _carried_out(sql, **values)
    return str(error.value)


def _carried_out(sql: str, **values: object) -> None:
    with db.engine.connect() as connection:
        connection.execute(text(sql), values)
        connection.commit()


def _agreed(cast: Cast) -> str:
    key = recommendations.create_recommendation(cast["washington-lead"], content())
    recommendations.propose(cast["washington-lead"], key, 1)
    for name in ("astana-lead", "astana-expert-1"):
        deliberation.take_position(cast[name], key, 1, Stand.APPROVE)
    deliberation.agree_to_version(cast["astana-lead"], key, 1)
    return key


def _published(cast: Cast) -> str:
    key = _agreed(cast)
    publication.approve(cast["coordinator"], key, 1)
    publication.publish(cast["coordinator"], key, 1)
    return key


def _silence_consented(key: str) -> None:
    """A silence procedure that a lead consented to, as rows alone."""
    _carried_out(
        "INSERT INTO silences (recommendation_id, round, version_number, digest, proposed_by, proposed_at,"
        " until) SELECT id, round, 1, 'digest', (SELECT min(person_id) FROM memberships), since, since"
        " FROM recommendations WHERE key = :key",
        key=key,
    )
    _carried_out(
        "INSERT INTO silence_consents (silence_id, group_id, person_id, until, at)"
        " SELECT s.id, r.group_id, s.proposed_by, s.until, s.until FROM silences s"
        " JOIN recommendations r ON r.id = s.recommendation_id WHERE r.key = :key",
        key=key,
    )


def _package_consented(key: str) -> None:
    """A package that a lead consented to, as rows alone."""
    _carried_out(
        "INSERT INTO packages (key, task_force_id, title, group_id, tied_by, tied_at)"
        " SELECT 'package', task_force_id, 'T', group_id, (SELECT min(person_id) FROM memberships), since"
        " FROM recommendations WHERE key = :key",
        key=key,
    )
    _carried_out(
        "INSERT INTO package_consents (package_id, group_id, person_id, seal, at)"
        " SELECT id, group_id, tied_by, 'seal', tied_at FROM packages"
    )


def _document_made() -> None:
    """A document of the only publication, as a row alone."""
    _carried_out(
        "INSERT INTO publication_documents"
        " (publication_id, format, media_type, filename, sha256, body, made_at)"
        " SELECT id, 'md', 'text/markdown', 'x.md', digest, manifest, published_at FROM publications"
    )


def _key_announced() -> None:
    """A key that signs evidence, as a row alone."""
    _carried_out(
        "INSERT INTO signing_keys (id, public, since) SELECT id, digest, published_at FROM publications"
    )


def _followed_up() -> None:
    """A response to the only publication and an assessment of it, as rows alone."""
    common = "day, source_title, source_url, is_correction, recorded_by, recorded_at"
    told = "date(published_at), 't', 'https://example.org/', false, published_by, published_at"
    for table, columns, values in (
        ("follow_up_responses", "addressee, kind, words", "'odihr', 'supported', ''"),
        ("follow_up_assessments", "implementation, evidence", "'not', 'e'"),
    ):
        _carried_out(
            f"INSERT INTO {table} (publication_id, {columns}, {common})"
            f" SELECT id, {values}, {told} FROM publications"
        )


#: A column of each append-only table, and a value that it does not have.
_CHANGES = {
    "versions": "title = 'forged'",
    "version_subjects": "value = 'odihr'",
    "version_parts": "digest = 'forged'",
    "symbols": "version_number = 9",
    "ballots": "round = 9",
    "ballot_voters": "person_id = person_id",
    "positions": "stand = 'abstain'",
    "agreements": "digest = 'forged'",
    "approvals": "digest = 'forged'",
    "events": "data = 'forged'",
    "publications": "title = 'forged'",
    "publication_addressees": "addressee = 'odihr'",
    "publication_commitments": "commitment = 'forged'",
    "publication_documents": "filename = 'forged'",
    "publication_notices": "explanation = 'forged'",
    "follow_up_responses": "kind = 'noted'",
    "follow_up_assessments": "implementation = 'fully'",
    "signing_keys": "public = 'forged'",
    "silence_consents": "person_id = person_id",
    "package_consents": "seal = 'forged'",
}


def test_every_append_only_table_is_tried() -> None:
    assert set(_CHANGES) == set(schema.APPEND_ONLY)


def test_append_only_rows_are_neither_changed_nor_removed(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = _published(cast)
        publication.retract(cast["coordinator"], key, 1, "An error of fact.")
        _silence_consented(key)
        _package_consented(key)
        _document_made()
        _key_announced()
        recommendations.create_recommendation(cast["washington-lead"], content("Another"))
        _carried_out("INSERT INTO version_parts SELECT max(id), 1, 'digest' FROM versions")
        _followed_up()
        for table, change in _CHANGES.items():
            assert "append-only" in _refused(f"UPDATE {table} SET {change}"), table
            assert "append-only" in _refused(f"DELETE FROM {table}"), table
            if db.engine.dialect.name == "postgresql":
                assert "append-only" in _refused(f"TRUNCATE {table} CASCADE"), table
            else:
                said = _refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
                assert "append-only" in said or "published means approved" in said, table


@pytest.mark.parametrize("state", ["draft", "proposed", "agreed", "approved"])
def test_published_is_not_set_without_matching_acts(app: Flask, state: str) -> None:
    with app.app_context():
        cast = make_task_force()
        if state in ("draft", "proposed"):
            key = recommendations.create_recommendation(cast["washington-lead"], content())
            if state == "proposed":
                recommendations.propose(cast["washington-lead"], key, 1)
        else:
            key = _agreed(cast)
            if state == "approved":
                publication.approve(cast["coordinator"], key, 1)
        sql = "UPDATE recommendations SET state = 'published' WHERE key = :key"
        assert "published means approved" in _refused(sql, key=key)


def test_published_is_not_set_through_a_forged_detour(app: Flask) -> None:
    """Setting `approved` by hand, or moving the head, does not open the way to `published`."""
    with app.app_context():
        cast = make_task_force()
        key = recommendations.create_recommendation(cast["washington-lead"], content())
        recommendations.propose(cast["washington-lead"], key, 1)
        _carried_out("UPDATE recommendations SET state = 'approved' WHERE key = :key", key=key)
        sql = "UPDATE recommendations SET state = 'published' WHERE key = :key"
        assert "published means approved" in _refused(sql, key=key)


def test_publication_of_other_words_is_not_stored(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = _agreed(cast)
        publication.approve(cast["coordinator"], key, 1)
        insert = (
            "INSERT INTO publications (task_force_id, recommendation_id, symbol, slug, version_number,"
            " digest, manifest, title, summary, dimension, text_html, rationale_html, record, published_at)"
            " SELECT r.task_force_id, r.id, 'X', 'x', 1, v.digest, :manifest, 't', '', 'human', '', '', '{}',"
            " v.created_at FROM recommendations r JOIN versions v ON v.recommendation_id = r.id"
            " WHERE r.key = :key"
        )
        assert "published means approved" in _refused(insert, key=key, manifest=b"other words")


@pytest.mark.parametrize("state", ["draft", "proposed", "approved", "withdrawn"])
def test_published_text_does_not_go_back(app: Flask, state: str) -> None:
    with app.app_context():
        key = _published(make_task_force())
        sql = "UPDATE recommendations SET state = :state WHERE key = :key"
        assert "published means approved" in _refused(sql, key=key, state=state)
        moved = "UPDATE recommendations SET head_number = 2 WHERE key = :key"
        assert "published means approved" in _refused(moved, key=key)


def test_recommendation_is_not_born_finished(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        insert = (
            "INSERT INTO recommendations (key, task_force_id, group_id, kind, state, round, head_number,"
            " symbol_revision, holders, since, created_at)"
            " VALUES ('k', :force, :group, 'recommendation', :state, 0, 1, 0, '[]', :at, :at)"
        )
        lead = cast["washington-lead"]
        for state in ("published", "approved", "agreed"):
            said = _refused(
                insert, force=cast.task_force_id, group=lead.group_id, state=state, at=clock.now()
            )
            assert "starts as a draft" in said


def test_person_in_two_groups_is_not_stored(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        lead, other = cast["washington-lead"], cast["astana-lead"]
        insert = (
            "INSERT INTO memberships (task_force_id, person_id, role, group_id, joined_at)"
            " VALUES (:force, :person, :role, :group, :at)"
        )
        values = {"force": cast.task_force_id, "person": lead.person_id, "at": clock.now()}
        _refused(insert, role="expert", group=other.group_id, **values)
        _refused(insert, role="coordinator", group=None, **values)


def test_seat_that_does_not_fit_its_role_is_not_stored(app: Flask) -> None:
    with app.app_context():
        cast, other = make_task_force(), make_task_force("other")
        insert = (
            "INSERT INTO memberships (task_force_id, person_id, role, group_id, joined_at)"
            " VALUES (:force, :person, :role, :group, :at)"
        )
        values = {"force": cast.task_force_id, "person": other["coordinator"].person_id, "at": clock.now()}
        group = cast["astana-lead"].group_id
        assert "one_side" in _refused(insert, role="coordinator", group=group, **values)
        assert "one_side" in _refused(insert, role="lead", group=None, **values)
        _refused(insert, role="lead", group=other["astana-lead"].group_id, **values)


def test_nobody_changes_sides_and_no_seat_is_forgotten(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        lead, group = cast["astana-lead"].person_id, cast["washington-lead"].group_id
        update = "UPDATE memberships SET group_id = :group, role = :role WHERE person_id = :person"
        for role, side in (("lead", group), ("coordinator", None)):
            assert "nobody changes sides" in _refused(update, group=side, role=role, person=lead)
        assert "append-only" in _refused("DELETE FROM memberships WHERE person_id = :person", person=lead)


def test_chain_of_events_does_not_fork(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        recommendations.create_recommendation(cast["washington-lead"], content())
        insert = (
            "INSERT INTO events (task_force_id, sequence, name, at, data, previous, hash)"
            " SELECT task_force_id, 99, 'forged', at, '{}', previous, 'x' FROM events WHERE sequence = 1"
        )
        assert "uq_events" in _refused(insert) or "UNIQUE" in _refused(insert)


def test_missing_barrier_is_noticed(app: Flask) -> None:
    with app.app_context():
        on = " ON positions" if db.engine.dialect.name == "postgresql" else ""
        _carried_out(f"DROP TRIGGER positions_no_update{on}")
        assert schema.differences(db.engine) == ["barrier missing: positions_no_update"]


def test_publication_with_a_part_that_is_not_approved_can_not_be_stored(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        part = _published(cast)
        ((digest,),) = db.session.execute(text("SELECT digest FROM publications")).all()
        brief = recommendations.create_recommendation(
            cast["washington-lead"], content("A brief", kind="policy_brief", includes=(digest,))
        )
        recommendations.propose(cast["washington-lead"], brief, 1)
        for name in ("astana-lead", "astana-expert-1"):
            deliberation.take_position(cast[name], brief, 1, Stand.APPROVE)
        deliberation.agree_to_version(cast["astana-lead"], brief, 1)
        publication.approve(cast["coordinator"], brief, 1)
        publication.retract(cast["coordinator"], part, 1, "It was wrong.")
        stored = (
            "INSERT INTO publications (task_force_id, recommendation_id, symbol, slug, version_number,"
            " digest, manifest, title, summary, dimension, text_html, rationale_html, record, published_at)"
            " SELECT r.task_force_id, r.id, 'X', 'x', 1, v.digest, v.manifest, 't', '', 'human', '', '',"
            " '{}', r.since FROM recommendations r JOIN versions v ON v.recommendation_id = r.id"
            " WHERE r.key = :key"
        )
        assert "a part is not approved" in _refused(stored, key=brief)


_LEND = (
    "INSERT INTO stand_ins (task_force_id, group_id, principal_id, person_id, since, until, named_at)"
    " VALUES (:task_force, :group, :principal, :person, :since, :until, :since)"
)


def _lent(cast: Cast, principal: str, person: str, group: str = "astana-lead") -> dict[str, object]:
    return {
        "task_force": cast.task_force_id,
        "group": cast[group].group_id,
        "principal": cast[principal].person_id,
        "person": cast[person].person_id,
        "since": "2009-10-01 00:00:00+00:00",
        "until": "2009-10-09 00:00:00+00:00",
    }


def test_nobody_stands_in_across_sides_for_two_or_for_themselves(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        same, twice = "of the same group", "in two stand-ins at once"
        for principal, person, said in (
            ("astana-lead", "washington-lead", same),
            ("washington-lead", "astana-lead", same),
            ("washington-lead", "washington-expert-1", same),  # called Astana's
            ("astana-lead", "astana-observer", same),
            ("astana-observer", "astana-lead", same),
            ("astana-lead", "astana-lead", same),
            ("astana-lead", "coordinator", same),
        ):
            assert said in _refused(_LEND, **_lent(cast, principal, person))
        _carried_out(_LEND, **_lent(cast, "astana-lead", "astana-expert-1"))
        for principal, person in (
            ("astana-lead", "astana-expert-2"),
            ("astana-expert-2", "astana-expert-1"),
            ("astana-expert-1", "astana-expert-2"),
            ("astana-expert-2", "astana-lead"),
        ):
            assert twice in _refused(_LEND, **_lent(cast, principal, person))


def test_what_was_lent_is_only_ended_and_once(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        _carried_out(_LEND, **_lent(cast, "astana-lead", "astana-expert-1"))
        other = {"person": cast["astana-expert-2"].person_id, "at": "2009-10-02 00:00:00+00:00"}
        for change in ("person_id = :person", "until = :at", "ended_at = :at, person_id = :person"):
            sql = f"UPDATE stand_ins SET {change}"
            named = {name: value for name, value in other.items() if f":{name}" in sql}
            assert "only ended" in _refused(sql, **named)
        end = "UPDATE stand_ins SET ended_at = :at"
        _carried_out(end, at=other["at"])
        assert "only ended" in _refused(end, at=other["at"])
        assert "only ended" in _refused("UPDATE stand_ins SET ended_at = NULL")
        assert "append-only" in _refused("DELETE FROM stand_ins")


def test_no_act_is_stored_in_the_name_of_who_did_not_lend_it(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        _agreed(cast)
        _carried_out(_LEND, **_lent(cast, "astana-lead", "astana-expert-1"))
        expert = cast["astana-expert-1"].person_id
        values = {"lead": cast["astana-lead"].person_id, "other": cast["astana-expert-2"].person_id}
        columns = "recommendation_id, group_id, person_id, round, version_number, digest"
        position = (
            f"INSERT INTO positions ({columns}, stand, reason, means, taken_at, stand_in_id)"
            " SELECT recommendation_id, group_id, :of, round, version_number, digest, stand, '', '', :at, :by"
            " FROM positions WHERE person_id = :lead"
        )
        agreement = (
            f"INSERT INTO agreements ({columns}, agreed_at, stand_in_id)"
            " SELECT recommendation_id, group_id, :of, round + 1, version_number, digest, :at, :by"
            " FROM agreements WHERE person_id = :lead"
        )
        during, after = "2009-10-02 00:00:00+00:00", "2009-10-09 00:00:00+00:00"
        for sql in (position, agreement):
            for of, by, at in (
                (values["other"], expert, during),
                (values["lead"], values["other"], during),
                (values["lead"], expert, after),
            ):
                assert "has not named them" in _refused(sql, lead=values["lead"], of=of, by=by, at=at)
            _carried_out(sql, lead=values["lead"], of=values["lead"], by=expert, at=during)
