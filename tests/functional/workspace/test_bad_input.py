"""Input that no page of ours sends: each gets words, changes nothing, and loses nothing that was typed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from reviewflow.domain.ballots import Stand
from reviewflow.persistence.db import Base, db
from reviewflow.persistence.models.recommendations import Version
from reviewflow.services import deliberation, publication, recommendations
from reviewflow.web.workspace.acts import ACTS
from tests.factories.forms import editor_form
from tests.factories.task_forces import Cast, content, make_task_force
from tests.support.visitors import Visitor, input_value

Visit = Callable[[str], Visitor]

TYPED = "1. Words that nobody may lose."


@contextmanager
def _nothing_changes(app: Flask) -> Iterator[None]:
    """Every table has as many rows after the block as before it."""
    before = _rows(app)
    yield
    assert _rows(app) == before


def _rows(app: Flask) -> dict[str, int]:
    with app.app_context():
        return {
            table.name: db.session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
        }


@pytest.fixture
def key(app: Flask, cast: Cast) -> str:
    """A draft of the Washington group."""
    with app.app_context():
        return recommendations.create_recommendation(cast["washington-expert-1"], content())


@pytest.fixture
def daniel(visit: Visit) -> Visitor:
    """An expert of the Washington group at his browser."""
    return visit("washington-expert-1")


#: (what is sent in the place of a good field, the status, the words of the answer).
WRONG_FIELDS: list[tuple[dict[str, Any], int, str]] = [
    ({"title": ""}, 422, "Title: Please fill it in."),
    ({"title": "   "}, 422, "Title: Please fill it in."),
    ({"title": "x" * 301}, 422, "Title: Use at most 300 characters."),
    ({"title": ["One", "Two"]}, 422, "Title: This part of the form did not arrive."),
    ({"title": []}, 422, "Title: This part of the form did not arrive."),
    ({"text": []}, 422, "Text: This part of the form did not arrive."),
    ({"rationale": []}, 422, "Rationale: This part of the form did not arrive."),
    ({"summary": "nul \x00 here"}, 422, "Summary: It holds an invisible control character"),
    ({"text": "1. bell \x07"}, 422, "Text: It holds an invisible control character (line 1, column 9)"),
    ({"text": "1. escape \x1b[31m"}, 422, "Text: It holds an invisible control character"),
    ({"title": "right \u202eto left"}, 422, "Title: It holds a character that reverses the direction"),
    ({"rationale": "isolate \u2067 it"}, 422, "Rationale: It holds a character that reverses"),
    ({"text": "x" * 2_000_000}, 422, "Text: It is too long."),
    ({"text": "word " * 30_000}, 422, "Text: One paragraph is too long"),
    ({"text": "a\n\n" * 3_001}, 422, "Text: It has more than 3000 paragraphs. Split it"),
    ({"dimension": "fifth"}, 422, "Dimension: Choose one of the values offered."),
    ({"addressees": ["kazakhstan", "mars"]}, 422, "Addressees: Choose one of the values offered."),
    ({"commitments": ["<script>"]}, 422, "Commitments: Choose one of the values offered."),
    ({"note": "n" * 1001}, 422, "Note for this version: Use at most"),
    ({"note": "n \x00"}, 422, "Note for this version: It holds an invisible control character"),
]


@pytest.mark.parametrize(("wrong", "status", "words"), WRONG_FIELDS)
def test_wrong_field_is_named_and_nothing_is_lost(
    app: Flask, daniel: Visitor, key: str, wrong: dict[str, Any], status: int, words: str
) -> None:
    for path, base in (("recommendations/new", None), (f"recommendations/{key}/edit", 1)):
        form = editor_form(base, text=TYPED) | wrong
        with _nothing_changes(app):
            answer = daniel.post(path, form)
        page = unescape(answer.text)
        summary = page.partition('id="errors"')[2].partition("</ul>")[0]
        assert (answer.status_code, words in summary) == (status, True), summary[:500]
        typed = form["text"] or (content().text if base else "")
        assert typed.replace("\r\n", "\n") in page.replace("\r\n", "\n")


VERSIONS = ["abc", "-1", "0", "99", str(2**63), "１", "1.0", " 1", "", "1e3", "\x00"]


@pytest.mark.parametrize("version", VERSIONS)
def test_version_that_is_none_saves_nothing(app: Flask, daniel: Visitor, key: str, version: str) -> None:
    with _nothing_changes(app):
        answer = daniel.post(
            f"recommendations/{key}/edit", editor_form(text=TYPED) | {"base_version": version}
        )
    assert (answer.status_code, TYPED in answer.text) == (409, True)
    assert "Nothing of yours is lost, and nothing is saved yet" in answer.text
    assert input_value(answer.text, "base_version") == "1"


@pytest.mark.parametrize("version", VERSIONS)
def test_working_text_is_kept_on_whatever_version(
    app: Flask, daniel: Visitor, key: str, version: str
) -> None:
    answer = daniel.post(
        f"recommendations/{key}/working-text",
        editor_form(text=TYPED) | {"base_version": version},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 200
    page = daniel.get(f"recommendations/{key}/edit")
    assert (page.status_code, TYPED in page.text) == (200, True)
    assert daniel.post(f"recommendations/{key}/edit", editor_form(1, text=TYPED)).status_code == 302


@pytest.mark.parametrize(
    "text", ["nul \x00 and bell \x07", "\u202ebackwards", "x" * 2_000_000, "", "😀" * 100]
)
def test_working_text_keeps_what_could_not_be_a_version(
    app: Flask, daniel: Visitor, key: str, text: str
) -> None:
    form = editor_form(1, title="", text=text, dimension="none", addressees=["mars"])
    saved = daniel.post(f"recommendations/{key}/working-text", form, headers={"Accept": "application/json"})
    assert saved.status_code == 200
    page = daniel.get(f"recommendations/{key}/edit")
    assert (page.status_code, text in unescape(page.text)) == (200, True)


def test_working_text_without_its_fields_overwrites_nothing(app: Flask, daniel: Visitor, key: str) -> None:
    daniel.post(f"recommendations/{key}/working-text", editor_form(1, text=TYPED))
    answer = daniel.post(f"recommendations/{key}/working-text", {}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_input")
    assert TYPED in daniel.get(f"recommendations/{key}/edit").text


@pytest.mark.parametrize(
    "path",
    [
        "recommendations/new",
        "recommendations/{key}/edit",
        "recommendations/{key}/working-text",
        "recommendations/{key}/brackets",
    ],
)
def test_more_than_four_megabytes_is_refused_in_words(
    app: Flask, daniel: Visitor, key: str, path: str
) -> None:
    with _nothing_changes(app):
        answer = daniel.post(path.format(key=key), editor_form(1, text="x" * (4 * 1024 * 1024)))
    assert (answer.status_code, "larger than 4 MB" in answer.text) == (413, True)
    told = daniel.post(
        path.format(key=key),
        editor_form(1, text="x" * (4 * 1024 * 1024)),
        headers={"Accept": "application/json"},
    )
    assert (told.status_code, "larger than 4 MB" in told.get_json()["message"]) == (413, True)


TRICKS = """<script>alert(1)</script>

<img src=x onerror=alert(1)>

[click](javascript:alert(1)) and <javascript:alert(1)> and ![x](data:text/html,<script>alert(1)</script>)

[click]: javascript:alert(1)

<!-- --><style>body { display: none }</style>

`<b>` **bold** \\<i>

| a | b |
|---|---|
| <svg onload=alert(1)> | &lt;script&gt; |

> <iframe src="//evil.example"></iframe>

```html
</textarea></pre><script>alert(1)</script>
```"""


def test_script_and_markup_stay_words(app: Flask, cast: Cast, visit: Visit, daniel: Visitor) -> None:
    title = "</title></textarea><script>alert(1)</script>"
    form = editor_form(text=TRICKS, title=title, summary=TRICKS, rationale=TRICKS)
    created = daniel.post("recommendations/new", form)
    assert created.status_code == 302
    key = created.location.rsplit("/", 1)[1]
    with app.app_context():
        recommendations.propose(cast["washington-lead"], key, 1)
    refused = visit("washington-expert-2").post(f"recommendations/{key}/edit", form | {"base_version": "1"})
    pages = [
        daniel.get(f"recommendations/{key}").text,
        daniel.get("recommendations").text,
        visit("astana-lead").get(f"recommendations/{key}").text,
        refused.text,
        daniel.get(f"recommendations/{key}/brackets").text,
        _publish(app, cast, title),
    ]
    assert [_live(page) for page in pages] == [[]] * len(pages)


def _publish(app: Flask, cast: Cast, title: str) -> str:
    tricks = TRICKS.replace("[click]", "click").replace("![x]", "x")
    with app.app_context():
        key = recommendations.create_recommendation(
            cast["washington-lead"], content(title, text=tricks, summary=tricks, rationale=tricks)
        )
        recommendations.propose(cast["washington-lead"], key, 1)
        for name in ("astana-lead", "astana-expert-1"):
            deliberation.take_position(cast[name], key, 1, Stand.APPROVE)
        deliberation.agree_to_version(cast["astana-lead"], key, 1)
        publication.approve(cast["coordinator"], key, 1)
        publication.publish(cast["coordinator"], key, 1)
    client = app.test_client()
    front = client.get("/").text
    address = front.partition('href="/publications/')[2].partition('"')[0]
    page = client.get(f"/publications/{address}")
    assert page.status_code == 200
    return page.text + front


def _live(page: str) -> list[str]:
    """Which tags and addresses of the text became some of the page."""
    return [
        trick
        for trick in (
            "<script>alert",
            "<img",
            "<svg onload",
            "<iframe",
            "<style>",
            'href="javascript:',
            "href='javascript:",
            'src="data:',
        )
        if trick in page.lower()
    ]


ADDRESSES = ["nobody000000", "%00", "..%2f..", "١٢٣", "x" * 500, "%F0%28%8C%28", "new%00", "' OR 1=1 --"]


@pytest.mark.parametrize("unknown", ADDRESSES)
def test_unknown_key_is_no_page(app: Flask, daniel: Visitor, unknown: str) -> None:
    paths = [
        f"recommendations/{unknown}/{page}"
        for page in ("edit", "brackets", "working-text", "working-text/discard")
    ]
    with _nothing_changes(app):
        answers = [daniel.get(path) for path in paths[:2]]
        answers += [daniel.post(path, editor_form(1, text=TYPED)) for path in paths[:3]]
    assert {answer.status_code for answer in answers} == {404}
    assert all("There is no such page" in answer.text for answer in answers)
    assert all(TYPED in answer.text for answer in answers[2:])


def test_unknown_successor_is_no_page(app: Flask, daniel: Visitor) -> None:
    for unknown in ("nobody000000", "x" * 500, "١٢٣"):
        assert daniel.get(f"recommendations/new?replaces={unknown}").status_code == 404
        with _nothing_changes(app):
            answer = daniel.post("recommendations/new", editor_form(text=TYPED, replaces=unknown))
        assert (answer.status_code, TYPED in answer.text) == (404, True)
    assert daniel.get("recommendations/new?replaces=%00").status_code == 400
    assert daniel.post("recommendations/new", editor_form(replaces="\x00")).status_code == 404


def test_key_of_another_group_answers_as_one_that_does_not_exist(app: Flask, visit: Visit, key: str) -> None:
    aliya = visit("astana-lead")
    for page in ("edit", "brackets"):
        with _nothing_changes(app):
            theirs = aliya.get(f"recommendations/{key}/{page}")
            nobodys = aliya.get(f"recommendations/nobody000000/{page}")
            sent = aliya.post(f"recommendations/{key}/{page}", editor_form(1, text=TYPED))
        assert (theirs.status_code, theirs.text.replace(key, "nobody000000")) == (404, nobodys.text)
        assert (sent.status_code, TYPED in sent.text) == (404, True)


def test_key_of_another_task_force_answers_as_one_that_does_not_exist(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    with app.app_context():
        others = make_task_force("other")
        theirs = recommendations.create_recommendation(others["washington-lead"], content("Secret"))
        recommendations.propose(others["washington-lead"], theirs, 1)
    daniel = visit("washington-expert-1")
    for path in (
        f"recommendations/{theirs}/edit",
        f"recommendations/{theirs}/brackets",
        f"/desk/other/recommendations/{theirs}/edit",
        "/desk/other/recommendations/new",
    ):
        answers = [daniel.get(path), daniel.post(path, editor_form(1, text=TYPED))]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert all("Secret" not in answer.text for answer in answers)


def test_stale_form_is_shown_beside_the_newer_text(app: Flask, cast: Cast, daniel: Visitor, key: str) -> None:
    with app.app_context():
        recommendations.save_version(cast["washington-lead"], key, 1, content("Hers"))
    with _nothing_changes(app):
        answer = daniel.post(f"recommendations/{key}/edit", editor_form(1, text=TYPED))
    assert (answer.status_code, TYPED in answer.text, "Hers" in answer.text) == (409, True, True)


def test_double_click_does_it_once(app: Flask, daniel: Visitor, key: str) -> None:
    form = editor_form(1, text=TYPED)
    first = daniel.post(f"recommendations/{key}/edit", form)
    with _nothing_changes(app):
        second = daniel.post(f"recommendations/{key}/edit", form)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.location == second.location
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Version)) == 2


@pytest.mark.parametrize("token", [None, "", "wrong", "\x00", "x" * 10_000])
def test_form_without_its_token_comes_back_to_be_sent_again(
    app: Flask, daniel: Visitor, key: str, token: str | None
) -> None:
    for path, base in (("recommendations/new", None), (f"recommendations/{key}/edit", 1)):
        form = editor_form(base, text=TYPED)
        with _nothing_changes(app):
            answer = daniel.client.post(
                f"{daniel.desk}/{path}", data=form | ({} if token is None else {"csrf_token": token})
            )
        assert (answer.status_code, TYPED in answer.text) == (400, True)
        assert "This form was opened in another session." in answer.text
        daniel.token = input_value(answer.text.partition("data-autosave=")[2], "csrf_token") or ""
        assert daniel.post(path, form).status_code == 302


@pytest.mark.parametrize("path", ["working-text", "working-text/discard", "brackets"])
def test_small_forms_without_their_token_are_refused(
    app: Flask, daniel: Visitor, key: str, path: str
) -> None:
    with _nothing_changes(app):
        answer = daniel.client.post(f"{daniel.desk}/recommendations/{key}/{path}", data={"text": TYPED})
    assert (answer.status_code, TYPED in answer.text) == (400, True)
    assert "This form is no longer valid" in answer.text


def test_text_of_an_ended_session_is_given_back(app: Flask, daniel: Visitor, key: str) -> None:
    daniel.get(f"recommendations/{key}/edit")
    token = daniel.token
    daniel.client.delete_cookie("reviewflow")
    for path in ("recommendations/new", f"recommendations/{key}/edit", f"recommendations/{key}/brackets"):
        page = f"/desk/uskz/{path}"
        form = editor_form(1, text=TYPED) | {"csrf_token": token, "page": page}
        with _nothing_changes(app):
            answer = daniel.client.post(page, data=form)
        assert (answer.status_code, TYPED in answer.text) == (401, True)
        assert "Your session has ended" in answer.text
        assert f"/desk/sign-in?next={page}" in answer.text
        assert token not in answer.text
    kept = daniel.client.post(
        f"/desk/uskz/recommendations/{key}/working-text",
        data=editor_form(1) | {"csrf_token": token},
        headers={"Accept": "application/json"},
    )
    assert kept.status_code == 401


def test_signing_out_in_another_tab_loses_nothing(app: Flask, daniel: Visitor, key: str) -> None:
    daniel.get(f"recommendations/{key}/edit")
    form = editor_form(1, text=TYPED) | {"csrf_token": daniel.token}
    daniel.post("/desk/sign-out")
    answer = daniel.client.post(f"/desk/uskz/recommendations/{key}/edit", data=form)
    assert (answer.status_code, TYPED in answer.text) == (401, True)


BODIES: list[tuple[str, bytes | str, int]] = [
    ("application/json", json.dumps({"title": "x", "text": TYPED}), 415),
    ("text/plain", f"text={TYPED}", 415),
    ("application/octet-stream", b"\x00\x01", 415),
    ("application/x-www-form-urlencoded", b'{"text": "not a form"}', 400),
    ("application/x-www-form-urlencoded", b"text=%ff%fe&title=x", 400),
    ("application/x-www-form-urlencoded", b"text=\xff\xfe&title=x", 400),
    ("application/x-www-form-urlencoded", b"%", 400),
    ("application/x-www-form-urlencoded", b"=&=&&&", 400),
    ("application/x-www-form-urlencoded", b"", 400),
    ("multipart/form-data", b"no boundary at all", 400),
    ("multipart/form-data; boundary=x", b"--x\r\nbroken", 400),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\r\n--x--',
        400,
    ),
    ("application/x-www-form-urlencoded; charset=utf-16", "text=a".encode("utf-16"), 400),
]


@pytest.mark.parametrize(("content_type", "body", "status"), BODIES)
def test_body_that_is_not_what_it_says_is_refused(
    app: Flask, daniel: Visitor, key: str, content_type: str, body: bytes | str, status: int
) -> None:
    for path in ("new", f"{key}/edit", f"{key}/working-text", f"{key}/brackets"):
        with _nothing_changes(app):
            answer = daniel.client.post(
                f"/desk/uskz/recommendations/{path}", data=body, content_type=content_type
            )
        assert answer.status_code == status, path
        assert "<h1" in answer.text


def test_many_parts_are_refused(app: Flask, daniel: Visitor, key: str) -> None:
    body = "".join(f'--x\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\nv\r\n' for n in range(2000))
    with _nothing_changes(app):
        answer = daniel.client.post(
            f"/desk/uskz/recommendations/{key}/edit",
            data=body + "--x--",
            content_type="multipart/form-data; boundary=x",
        )
    assert answer.status_code == 413


@pytest.mark.parametrize("email", ["nul \x00", "x" * 10_000, "\u202e", "", "a@b" * 100])
def test_sign_in_with_nonsense_is_refused_in_words(app: Flask, cast: Cast, email: str) -> None:
    visitor = Visitor(app.test_client(), cast.slug)
    answer = visitor.post("/desk/sign-in", {"email": email, "password": "x"})
    assert answer.status_code == 422


@pytest.mark.parametrize("query", ["?q=%00", "?q=%ff", "?page=abc", "?page=-1", "?page=99999999999999999999"])
def test_addresses_with_nonsense_are_no_failure(daniel: Visitor, query: str) -> None:
    for path in ("", "recommendations", "recommendations/new", "/"):
        assert daniel.get(f"{path}{query}" if path else f"/desk/uskz/{query}").status_code < 500


#: Every name under which a form of the desk sends something.
FIELDS = (
    *("title", "summary", "text", "rationale", "note", "dimension", "addressees", "commitments", "replaces"),
    *("base_version", "version", "paragraph", "near", "words", "after", "reason", "internal", "bracket"),
    *("chosen", "texts", "seal", "stand", "member", "means", "until", "concern", "end", "right", "kind"),
    *("speaker", "field", "index", "choice", "wording", "once", "email", "seat", "role", "name", "slug"),
    *("description", "disclaimer", "notice", "short_name", "letter", "city", "time_zone", "language"),
    "holiday_country",
)


@pytest.mark.parametrize("hidden", ["\x00", "1\x00", "9" * 40], ids=["nul", "number", "large"])
def test_every_form_of_the_desk_answers_what_no_database_holds(
    app: Flask, cast: Cast, visit: Visit, key: str, hidden: str
) -> None:
    with app.app_context():
        recommendations.propose(cast["washington-lead"], key, 1)
        thread = deliberation.open_thread(cast["astana-expert-1"], key, "Why?", internal=False, version=1)
    given = {"key": key, "task_force": "uskz", "thread": thread, "package": "nobody", "number": 1}
    given |= {"person": 2**31 - 1, "invitation": 2**31 - 1}
    visitors = [visit("washington-lead"), visit("astana-lead"), visit("administrator")]
    sent = dict.fromkeys(FIELDS, hidden) | ({"text": TYPED} if hidden != "\x00" else {})
    tried = 0
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or not rule.endpoint.startswith("desk."):
            continue
        for choices in _choices(rule.arguments, given):
            address = app.url_map.bind("localhost").build(rule.endpoint, choices, method="POST")
            for visitor in visitors:
                assert visitor.post(address, dict(sent)).status_code < 500, address
                tried += 1
    assert tried > 60


def _choices(arguments: set[str], given: dict[str, Any]) -> list[dict[str, Any]]:
    known = {name: given.get(name, "nobody") for name in arguments}
    return [known | {"act": act} for act in ACTS] if "act" in arguments else [known]
