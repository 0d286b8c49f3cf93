"""Everybody opens every page, and nobody finds a word that is not for them (product.md, rule 7).

Each hidden place holds a word of its own. Every route that answers GET is visited by every kind of person,
for every item, and body and headers are searched for the words that this person must not see.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from reviewflow.domain.actors import Role
from reviewflow.domain.ballots import Stand
from reviewflow.domain.statements import StatementKind
from reviewflow.gateways import clock
from reviewflow.persistence.db import WRITES, db
from reviewflow.persistence.models.accounts import Person
from reviewflow.persistence.models.publication import Publication
from reviewflow.persistence.models.recommendations import IssuedSymbol, Recommendation, Version
from reviewflow.services import (
    accounts,
    deliberation,
    documents,
    memberships,
    one_time_codes,
    outbox,
    packages,
    publication,
    recommendations,
    resets,
    stand_ins,
    statements,
)
from reviewflow.web.workspace.acts import ACTS
from tests.factories.task_forces import content
from tests.support.desk import Stage
from tests.support.packs import make_packs
from tests.support.scenes import approved, proposed, published

#: A word that every text has, to search for: what is found must not say what is hidden.
COMMON = "findable"
GROUPS = ("washington", "astana")
MEMBERS = tuple(
    f"{group}-{role}" for group in GROUPS for role in ("lead", "expert-1", "expert-2", "observer")
)
INSIDE = frozenset({*MEMBERS, "coordinator"})
#: Who takes no part in the drafting of a text of their own group.
RECUSED = frozenset({"washington-expert-2"})
#: Not one of the cast: a visitor of the public site, and a lead of another task force.
ANYONE, ELSEWHERE = "anyone", "elsewhere"
PEOPLE = (*MEMBERS, "coordinator", "administrator", ANYONE, ELSEWHERE)


def of(group: str) -> frozenset[str]:
    """The members of a group."""
    return frozenset(name for name in MEMBERS if name.startswith(group))


@dataclass
class Secrets:
    """Each word with those who may read it, and how routes that take parameters are visited."""

    words: dict[str, frozenset[str]] = field(default_factory=dict)
    parameters: dict[frozenset[str], list[dict[str, str]]] = field(default_factory=dict)
    #: Items by key, with those for whom they exist.
    items: dict[str, frozenset[str]] = field(default_factory=dict)

    def word(self, word: str, readers: frozenset[str]) -> str:
        """A text with a word that only these may read, and the one to search for."""
        self.words[f"{word}q"] = readers  # The last letter keeps it from being the beginning of another.
        return f"{word.capitalize()}q {COMMON}."


def build(stage: Stage, elsewhere: Stage) -> Secrets:
    """Items in every state of hiding, under the Chatham House Rule."""
    secrets, cast = Secrets(), stage.cast
    word, washington, astana = secrets.word, of("washington"), of("astana")
    author, lead = cast["washington-expert-1"], cast["washington-lead"]
    _give_names(stage)
    stage.at(0, accounts.adopt_chatham_house, None, cast.task_force_id)

    draft_title, draft_text = word("zdrafttitle", washington), word("zdrafttext", washington)
    draft = stage.at(0, recommendations.create_recommendation, author, content(draft_title, text=draft_text))
    said = word("zdraftinternal", washington)
    stage.at(1, deliberation.open_thread, lead, draft, said, internal=True, version=1)
    stage.at(
        1,
        recommendations.keep_working_text,
        author,
        draft,
        1,
        {"text": word("ztyped", frozenset({"washington-expert-1"}))},
    )

    given_up = stage.at(
        0, recommendations.create_recommendation, author, content(word("zgivenup", washington))
    )
    stage.at(1, recommendations.withdraw, lead, given_up, 1, word("zgivenupwhy", washington))

    revised = proposed(stage, title="Circulated", text=word("zcirculated", INSIDE))
    for group, name in (("washington", "washington-expert-1"), ("astana", "astana-expert-1")):
        internal = word(f"zinternal{group}", of(group) - RECUSED)
        stage.at(2, deliberation.open_thread, cast[name], revised, internal, internal=True, version=1)
    # Who recused themselves from the drafting is told nothing of what their group says among itself.
    stage.at(2.5, deliberation.recuse, cast["washington-expert-2"], revised, 1)
    shared = word("zshared", INSIDE)
    stage.at(2, deliberation.open_thread, cast["astana-expert-1"], revised, shared, internal=False, version=1)
    objection, asked = word("zobjection", INSIDE), word("zasked", INSIDE)
    stage.at(3, deliberation.take_position, cast["astana-expert-2"], revised, 1, Stand.OBJECT, objection)
    stage.at(4, deliberation.request_changes, cast["astana-expert-1"], revised, 1, asked)
    hidden = content(word("zrevisedtitle", washington), text=word("zrevisedtext", washington))
    stage.at(5, recommendations.save_version, author, revised, 1, hidden, word("znote", washington))
    on_hidden = word("zsharedonhidden", INSIDE)
    stage.at(6, deliberation.open_thread, lead, revised, on_hidden, internal=False, version=2, paragraph=1)

    open_ = proposed(stage, title="Open", text=word("zproposed", INSIDE))
    concern = word("zconcern", INSIDE)
    stage.at(3, deliberation.raise_concern, cast["astana-lead"], open_, concern, version=1)
    made = stage.at(
        3,
        statements.attach_statement,
        cast["astana-expert-2"],
        open_,
        1,
        StatementKind.DISSENT,
        word("zstatement", INSIDE),
    )
    other = proposed(stage, title="Other", text=word("zother", INSIDE))
    package = stage.at(4, packages.tie, cast["astana-lead"], word("zpackage", INSIDE), [open_, other])

    everybody = frozenset(PEOPLE)
    public = approved(stage, title="Public", text=word("zpublic", everybody))
    internal = word("zpublicinternal", astana)
    stage.at(5, deliberation.open_thread, cast["astana-lead"], public, internal, internal=True, version=1)
    stated = word("zpublicstatement", everybody)
    stage.at(
        5, statements.attach_statement, cast["astana-expert-2"], public, 1, StatementKind.RESERVATION, stated
    )
    stage.at(6, publication.publish, cast["coordinator"], public, 1)

    with stage.app.app_context():
        make_packs()
        one_time_codes.begin(lead.person_id, stage.app.config["SECRET_KEY"])
        resets.ask(cast.emails["washington-lead"], "192.0.2.1", lambda secret: ("", secret))
        reset = outbox.waiting()[0].body

    # Who acts in whose name is the other side's to know by the group alone.
    with stage.app.app_context():
        expert, now = cast["astana-expert-1"].person_id, clock.now()
        stand_ins.name_stand_in(cast["astana-lead"], expert, now, now + timedelta(days=9))

    # An address that was invited is read by who may take it back, and by whoever holds the link.
    group = cast["astana-lead"].group_id
    invited = f"{word('zinvited', frozenset({'astana-lead', 'administrator'})).split()[0]}@example.org"
    with stage.app.app_context():
        memberships.invite(cast["astana-lead"], invited, Role.EXPERT, group)
        link = memberships.invite(cast["administrator"], "anybody@example.org", Role.EXPERT, group)

    foreign_readers = frozenset({ELSEWHERE})
    foreign = proposed(elsewhere, title="Foreign", text=word("zforeign", foreign_readers))
    published(elsewhere, title="Foreign and public", text=word("zforeignpublic", everybody))

    secrets.items = {
        draft: washington,
        given_up: washington,
        **dict.fromkeys((revised, open_, other, public), INSIDE),
        foreign: foreign_readers,
    }
    secrets.words |= {key: readers for key, readers in secrets.items.items() if readers != INSIDE}
    with stage.app.app_context():
        _know_rows(secrets, stage, revised)
    acts = [{"key": key, "act": act} for key in (draft, revised, open_) for act in ACTS]
    keys = [*secrets.items, package, "unknown"]
    secrets.parameters |= {
        frozenset(): [{}],
        frozenset({"key"}): [{"key": key} for key in keys],
        frozenset({"key", "act"}): acts,
        frozenset({"key", "number"}): [{"key": key, "number": n} for key in keys for n in ("1", "2")],
        frozenset({"key", "statement"}): [{"key": key, "statement": made} for key in (open_, draft)],
        frozenset({"part"}): [{"part": "1"}],
        frozenset({"facets"}): [{"facets": facets} for facets in ("dimension/human", "group/washington")],
        frozenset({"secret"}): [{"secret": secret} for secret in (link, reset, "unknown")],
        frozenset({"slug"}): [{"slug": "astana"}, {"slug": "unknown"}],
        frozenset({"person"}): [{"person": str(actor.person_id)} for actor in cast.actors.values()],
    }
    return secrets


def _called(name: str) -> str:
    return f"zname-{name}"


def _give_names(stage: Stage) -> None:
    """Names that nobody else has, and that are no words of our pages."""
    with stage.app.app_context():
        session = db.session()
        session.connection(execution_options={WRITES: True})
        for name, actor in stage.cast.actors.items():
            session.get_one(Person, actor.person_id).name = _called(name)
        session.commit()


def _know_rows(secrets: Secrets, stage: Stage, revised: str) -> None:
    """What only the tables know: names, a hidden version's digest, symbols and public addresses."""
    for name in stage.cast.actors:
        group = name.split("-")[0]
        see_names = of(group) | {"coordinator", "administrator"} if group in GROUPS else frozenset(PEOPLE)
        secrets.words[_called(name)] = see_names
        secrets.words[stage.cast.emails[name]] = frozenset({name})
    digest = db.session.scalars(
        select(Version.digest)
        .join(Recommendation, Recommendation.id == Version.recommendation_id)
        .where(Recommendation.key == revised, Version.number == 2)
    ).one()
    secrets.words[digest] = of("washington")
    symbols = db.session.scalars(select(IssuedSymbol.symbol)).all()
    secrets.parameters[frozenset({"symbol"})] = [{"symbol": symbol} for symbol in symbols]
    slugs = db.session.scalars(select(Publication.slug)).all()
    # Digests that somebody looks up: a hidden text's, and those of public ones.
    public = db.session.scalars(select(Publication.digest)).all()
    QUERIES["site.verify"] = tuple(f"digest={asked}" for asked in (digest, *public))
    secrets.parameters[frozenset({"path"})] = [{"path": path} for path in (*slugs, *symbols)]
    # Those formats whose bytes are readable as they are: the others are made from the same value.
    documents.make_missing()
    for name, values in (("path", (*slugs, *symbols)), ("symbol", symbols)):
        secrets.parameters[frozenset({name, "ending"})] = [
            {name: value, "ending": ending}
            for value in values
            for ending in ("html", "md", "json", *(("evidence",) if name == "path" else ()))
        ]


#: What is asked beside the plain address, by route.
QUERIES = {
    "desk.status.table": (f"q={COMMON}", "sort=since&dir=desc", "state=draft", "group=washington"),
    "desk.status.csv_file": (f"q={COMMON}",),
    "desk.versions.compare": ("from=1&to=2", "from=approved", "from=2&to=2"),
    "desk.audit.history": ("page=2",),
    "desk.home.waiting": ("page=2",),
    "desk.home.help": ("for=lead", "for=coordinator"),
    "site.publications": ("dimension=human", "task_force=other"),
    "site.commitments": ("task_force=other",),
    "site.commitments_csv": ("task_force=other",),
    "site.feed": ("dimension=human", "task_force=other"),
}
#: The files of the pages hold nothing of anybody; what a guest’s link opens is for whoever holds it, and has
#: tests of its own (test_sign_off_pages.py).
LEFT_OUT = frozenset({"static", "signing.show"})


def addresses(app: Flask, secrets: Secrets, slug: str) -> Iterator[tuple[Rule, dict[str, str], str]]:
    """Every address to visit. A route whose parameters nobody has said how to fill is an error here."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in LEFT_OUT:
            continue
        names = frozenset(rule.arguments) - {"task_force"}
        assert names in secrets.parameters, (
            f"the walk does not know how to visit {rule}: give it {set(names)}"
        )
        for values in secrets.parameters[names]:
            typed = {name: int(v) if v.isdecimal() and name != "key" else v for name, v in values.items()}
            address = adapter.build(
                rule.endpoint, {**typed, "task_force": slug} if "task_force" in rule.arguments else typed
            )
            for query in ("", *QUERIES.get(rule.endpoint, ())):
                yield rule, values, address + (f"?{query}" if query else "")


def _unpacked(answer: TestResponse) -> str:
    """The words of an answer; of a pack, those of everything in it."""
    if answer.content_type != "application/zip":
        return answer.get_data(as_text=True)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as pack:
        return "\n".join(pack.read(name).decode(errors="replace") for name in pack.namelist())


@pytest.mark.long
def test_nobody_finds_a_word_that_is_not_for_them(app: Flask) -> None:
    stage, elsewhere = Stage(app), Stage(app, slug="other")
    secrets = build(stage, elsewhere)
    leaks, failures, told_apart = [], [], []
    answered: set[str] = set()
    found: set[str] = set()
    for name in PEOPLE:
        if name == ANYONE:
            client = app.test_client()
        elif name == ELSEWHERE:
            client = elsewhere.sign_in("astana-lead")
        else:
            client = stage.sign_in(name)
        slugs = ("uskz", "other") if name in (ELSEWHERE, "washington-lead") else ("uskz",)
        for slug in slugs:
            for rule, values, address in addresses(app, secrets, slug):
                answer = client.get(address)
                if answer.status_code >= 500:
                    failures.append((name, address))
                if answer.status_code < 400:
                    answered.add(rule.endpoint)
                said = f"{answer.headers}\n{_unpacked(answer)}".casefold()
                for word, readers in secrets.words.items():
                    if word.casefold() in said and word not in address:
                        found.add(word)
                        if name not in readers:
                            leaks.append((name, address, word))
                exists_for = secrets.items.get(values.get("key", ""))
                if name != ANYONE and exists_for is not None and name not in exists_for:
                    unknown = client.get(address.replace(values["key"], "unknown"))
                    if (answer.status_code, answer.data) != (unknown.status_code, unknown.data):
                        told_apart.append((name, address))
    assert (leaks, failures, told_apart) == ([], [], [])
    routes = {r.endpoint for r in app.url_map.iter_rules() if "GET" in (r.methods or ())}
    assert routes - LEFT_OUT == answered, "the walk opened none of these for anybody"
    never = {word for word in secrets.words if word[0] == "z" and not word.startswith("zname")} - found
    assert never == set(), "nobody found these, so the walk would not see them leak"
