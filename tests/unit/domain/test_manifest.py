"""The canonical bytes of a version, and what its digest covers."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewflow.domain.errors import InvalidInput
from reviewflow.domain.manifest import Content, Manifest, Wording, canonical_json, digest_of, language_of

ENGLISH = Wording("Amend the media law", "In short", "Kazakhstan should amend it.", "It was pledged.")
RUSSIAN = Wording("Изменить закон о СМИ", "Кратко", "Казахстану следует изменить его.", "Это было обещано.")
MANIFEST = Manifest(
    kind="recommendation",
    proposing_group="washington",
    dimension="human",
    addressees=("kazakhstan", "odihr"),
    commitments=("madrid-media", "moscow-1991"),
    authentic_language="en",
    wordings={"en": ENGLISH, "ru": RUSSIAN},
    attachments=("b" * 64, "a" * 64),
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-7, "-7"),
        (2**53 - 1, "9007199254740991"),
        ([], "[]"),
        ((1, "a", None), '[1,"a",null]'),
        ({}, "{}"),
        ({"b": 1, "a": {"d": [], "c": True}}, '{"a":{"c":true,"d":[]},"b":1}'),
        ("\u00e9", '"\u00e9"'),
        ("e\u0301", '"\u00e9"'),
        ('"\\/\b\f\n\r\t', '"\\"\\\\/\\b\\f\\n\\r\\t"'),
        ("\x00\x1f\x7f\u2028€😀", '"\\u0000\\u001f\x7f\u2028€😀"'),
    ],
)
def test_canonical_json_is_that_of_the_rfc(value: object, expected: str) -> None:
    assert canonical_json(value) == expected.encode()


def test_canonical_json_sorts_keys_as_the_rfc_s_example() -> None:
    """RFC 8785, section 3.2.3: by UTF-16 code units, so that the emoji comes before U+FB33."""
    keys = ["€", "\r", "דּ", "1", "😀", "\x80", "ö"]
    written = canonical_json(dict.fromkeys(keys, 1))
    # U+FB33 is not NFC: it is written as its two letters, which sort by the first of them.
    assert list(json.loads(written)) == ["\r", "1", "\x80", "ö", unicodedata.normalize("NFC", "דּ"), "€", "😀"]


def test_canonical_json_sorts_surrogates_before_the_end_of_the_plane() -> None:
    assert canonical_json({"\uffee": 1, "😀": 2}) == '{"😀":2,"\uffee":1}'.encode()


@pytest.mark.parametrize("value", [1.5, b"bytes", {1, 2}, object()])
def test_canonical_json_refuses_what_has_no_exact_form(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json([value])


@pytest.mark.parametrize("value", [2**53, -(2**53)])
def test_canonical_json_refuses_integers_that_are_not_exact(value: int) -> None:
    with pytest.raises(ValueError):
        canonical_json(value)


def test_canonical_json_refuses_keys_that_normalise_to_one() -> None:
    """Which of two values is meant could not be told from the bytes, nor could both be read back."""
    with pytest.raises(ValueError):
        canonical_json([{"\u00e9": 1, "e\u0301": 2}])
    assert canonical_json({"e\u0301": 2}) == '{"é":2}'.encode()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abcde"), inner),
    max_leaves=20,
)


@given(JSON)
def test_canonical_json_is_stable_once_read_back(value: object) -> None:
    once = canonical_json(value)
    assert canonical_json(json.loads(once)) == once


def test_manifest_is_written_whole_and_sorted() -> None:
    small = replace(MANIFEST, wordings={"en": ENGLISH}, attachments=(), commitments=(), addressees=("odihr",))
    assert small.canonical_bytes() == (
        b'{"addressees":["odihr"],"attachments":[],"authentic_language":"en","commitments":[],'
        b'"dimension":"human","kind":"recommendation","languages":{"en":{"rationale":"It was pledged.",'
        b'"summary":"In short","text":"Kazakhstan should amend it.","title":"Amend the media law"}},'
        b'"proposing_group":"washington"}'
    )


def test_manifest_is_read_back() -> None:
    again = Manifest.from_bytes(MANIFEST.canonical_bytes())
    assert again == replace(MANIFEST, attachments=("a" * 64, "b" * 64))
    assert again.canonical_bytes() == MANIFEST.canonical_bytes()


def test_digest_is_that_of_the_bytes() -> None:
    expected = hashlib.sha256(MANIFEST.canonical_bytes()).hexdigest()
    assert (MANIFEST.digest(), digest_of(MANIFEST.canonical_bytes())) == (expected, expected)


def test_digest_does_not_depend_on_order() -> None:
    shuffled = replace(
        MANIFEST,
        addressees=MANIFEST.addressees[::-1],
        commitments=MANIFEST.commitments[::-1],
        attachments=MANIFEST.attachments[::-1],
        wordings={"ru": RUSSIAN, "en": ENGLISH},
    )
    assert shuffled.digest() == MANIFEST.digest()


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "brief"},
        {"proposing_group": "astana"},
        {"dimension": "cross-dimensional"},
        {"addressees": ("kazakhstan",)},
        {"commitments": ()},
        {"authentic_language": "ru"},
        {"attachments": ()},
        {"wordings": {"en": ENGLISH}},
        *({"wordings": {"en": ENGLISH, "ru": replace(RUSSIAN, **{field: "иначе"})}}
          for field in ("title", "summary", "text", "rationale")),
    ],
    ids=str,
)  # fmt: skip
def test_digest_covers_every_field_in_every_language(change: dict[str, object]) -> None:
    assert replace(MANIFEST, **change).digest() != MANIFEST.digest()


def test_wording_is_that_of_the_authentic_language() -> None:
    assert (MANIFEST.wording, replace(MANIFEST, authentic_language="ru").wording) == (ENGLISH, RUSSIAN)


def test_open_brackets_are_counted_over_languages_and_fields() -> None:
    english = replace(ENGLISH, title="[New] law", text="It [shall/should] [at once] do so.")
    russian = replace(RUSSIAN, rationale="[Это] было обещано.")
    assert replace(MANIFEST, wordings={"en": english, "ru": russian}).open_brackets() == 4


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, ()),
        ({"dimension": ""}, ("dimension",)),
        ({"dimension": "none"}, ("dimension",)),
        ({"addressees": ()}, ("addressees",)),
        ({"wordings": {"en": ENGLISH, "ru": replace(RUSSIAN, title="", text="")}}, ("title", "text")),
        ({"wordings": {}}, ("title", "text")),
        ({"wordings": {"ru": RUSSIAN}}, ("title", "text")),
    ],
)
def test_missing_fields_are_named(change: dict[str, object], expected: tuple[str, ...]) -> None:
    assert replace(MANIFEST, **change).missing() == expected


CONTENT = Content(
    title="  Amend the  media law ",
    text="Cafe\u0301\r\nline  \r\n",
    dimension="human",
    addressees=("odihr", "kazakhstan", "odihr"),
    commitments=("moscow-1991", "madrid-media", "moscow-1991"),
)


def test_content_becomes_a_canonical_manifest() -> None:
    manifest = CONTENT.manifest("washington", "en")
    assert manifest == Manifest(
        kind="recommendation",
        proposing_group="washington",
        dimension="human",
        addressees=("kazakhstan", "odihr"),
        commitments=("madrid-media", "moscow-1991"),
        authentic_language="en",
        wordings={"en": Wording.of("Amend the  media law", "", "Café\nline", "")},
    )
    assert manifest.content() == CONTENT.canonical()


@pytest.mark.parametrize(
    ("change", "details"),
    [
        ({"title": "  "}, {"field": "title", "problem": "missing"}),
        ({"dimension": "x"}, {"field": "dimension", "problem": "unknown_value", "value": "x"}),
        ({"addressees": ("z", "y")}, {"field": "addressees", "problem": "unknown_value", "value": "y"}),
        ({"commitments": ("x",)}, {"field": "commitments", "problem": "unknown_value", "value": "x"}),
    ],
)
def test_content_outside_the_lists_is_refused(change: dict[str, object], details: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        replace(CONTENT, **change).manifest("washington")
    assert refusal.value.details == details


def test_draft_may_lack_its_dimension() -> None:
    assert replace(CONTENT, dimension="").manifest("washington").missing() == ("dimension",)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Publish a timetable.", "en"),
        ("Опубликовать график по линии ODIHR.", "ru"),
        ("Кестені жариялау қажет.", "kk"),
        ("1999, 25", "ru"),
        ("", "ru"),
    ],
)
def test_language_is_told_by_the_letters(text: str, language: str) -> None:
    assert language_of(text, "ru") == language
