"""Folding, questions and snippets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewflow.domain.searching import (
    MAX_QUESTION,
    Piece,
    Term,
    Word,
    ask,
    by_weight,
    index,
    marked,
    plain_text,
    snippet,
)


def _one(spelled: str, prefix: bool = True) -> Term:
    return Term(((Word(spelled),),), prefix)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Media LAW", "media law"),
        ("Ёлка, елка", "елка елка"),
        ("за\u0301мок", "замок"),
        ("cafe\u0301", "café"),
        ("ОБCE", "обсе"),  # the last two letters are Latin
        ("зaкoн", "закон"),  # so are the a and the o
        ("mеdia", "media"),  # and here the e is Cyrillic
        ("peасe", "peace"),
        ("COP", "cop"),
        ("СОР", "сор"),
        ("Қазақстан", "казакстан қазақстан"),
        ("Government's follow-up", "government s follow up"),
        ("snake_case", "snake case"),
        ("🙂 — !", ""),
        ("W" * 70, "w" * 60),
    ],
)
def test_words_are_folded(written: str, kept: str) -> None:
    assert index(written, []).title == kept


def test_index_holds_title_and_texts_without_signs_and_addresses() -> None:
    kept = index("The title", ["1. **Publish** [the _law_](https://example.org/a_(b)).", "> Why\n- so"])
    assert kept.words == "the title 1 publish the law why so"


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("media LAW", (_one("media", False), _one("law"))),
        ("law law", (_one("law", False), _one("law"))),
        ('"media law"', (Term(((Word("media"), Word("law")),)),)),
        ("«закон» ел", (_one("закон", False), _one("ел"))),
        ('"media law', (Term(((Word("media"), Word("law")),)),)),
        ("follow-up", (Term(((Word("follow"), Word("up")),), True),)),
        ("a* OR -b", (Term(((Word("a"),), (Word("а"),))), _one("or", False), _one("b"))),
        ("сах", (Term(((Word("cax"),), (Word("сах"),)), True),)),
        ("қаз", (Term(((Word("каз", "қаз"),),), True),)),
        ("", ()),
        ('"', ()),
        ("!? * () 🙂 \0", ()),
    ],
)
def test_question_is_words_and_phrases_and_nothing_else(question: str, terms: tuple[Term, ...]) -> None:
    assert ask(question) == terms


@given(st.text(max_size=MAX_QUESTION))
def test_every_question_is_understood_and_shows_nothing_but_the_text(question: str) -> None:
    terms = ask(question)
    for term in terms:
        for reading in term.readings:
            assert all(word.plain.isprintable() and " " not in word.plain for word in reading)
    text = f"Before. {question} After."
    if terms:
        assert "".join(piece.text for piece in marked(text, terms)) == text
        shown = "".join(piece.text for piece in snippet(text, terms[0], terms))
        assert shown.removeprefix("… ").removesuffix(" …") in text


def test_snippet_shows_the_first_hit_of_a_term_and_marks_all() -> None:
    text = "The " + "word " * 60 + "a timetable of the steps. " + "word " * 60
    terms = ask("the timet")
    assert by_weight(terms) == [terms[1], terms[0]]
    assert snippet(text, terms[1], terms) == (
        Piece("… "),
        Piece("word " * 11 + "a "),
        Piece("timetable", hit=True),
        Piece(" of "),
        Piece("the", hit=True),
        Piece(" steps." + " word" * 31),
        Piece(" …"),
    )
    assert snippet(text, *ask("nothing"), ask("nothing")) == ()


@pytest.mark.parametrize(
    ("question", "text", "hits"),
    [
        ("закон", "Зaкoн и законы", ["Зaкoн", "законы"]),
        ('"закон"', "Закон и законы", ["Закон"]),
        ("елка", "Ёлка", ["Ёлка"]),
        ("казакстан", "Қазақстан", ["Қазақстан"]),
        ("Қазақстан", "Казакстан, Қазақстан", ["Қазақстан"]),
        ('"media law"', "media, media-law", ["media-law"]),
        ("замок", "за\u0301мок", ["за\u0301мок"]),
    ],
)
def test_hits_are_marked_as_they_are_written(question: str, text: str, hits: list[str]) -> None:
    assert [piece.text for piece in marked(text, ask(question)) if piece.hit] == hits


def test_plain_text_is_what_a_reader_sees() -> None:
    markdown = "## Head\n\n1. By **31 March**, see [the law](https://example.org/(x)).\n\n> a_b and _this_\n"
    assert plain_text(markdown) == "Head 1. By 31 March, see the law. a_b and this"
