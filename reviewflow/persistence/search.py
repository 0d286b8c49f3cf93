"""The index of words: FTS5 on SQLite, tsvector on PostgreSQL, behind a few functions.

`search_words` holds what domain/searching.py makes of a publication: words folded and divided by blanks.
So neither database's own idea of a word counts, and both find the same: FTS5 reads with its `ascii`
tokenizer, which divides at blanks and leaves every other letter alone; PostgreSQL gets a finished tsvector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import ColumnElement, Connection, FromClause, cast, column, literal, select, table, text

from reviewflow.domain.manifest import Manifest
from reviewflow.domain.searching import Indexed, Term, Word, index

#: Nothing of it is in the models: what FTS5 makes is SQLite's own.
TABLE = "search_words"

_CREATE = {
    "sqlite": """
        CREATE VIRTUAL TABLE search_words
        USING fts5(title, words, tokenize = 'ascii', prefix = '2 3', columnsize = 0)
        """,
    "postgresql": """
        CREATE TABLE search_words (
            rowid INTEGER PRIMARY KEY REFERENCES publications (id),
            title TSVECTOR NOT NULL,
            words TSVECTOR NOT NULL
        );
        CREATE INDEX ix_search_words ON search_words USING gin (words)
        """,
}
_PUT = {
    "sqlite": text("INSERT OR REPLACE INTO search_words (rowid, title, words) VALUES (:id, :title, :words)"),
    "postgresql": text(
        "INSERT INTO search_words (rowid, title, words)"
        " VALUES (:id, CAST(:title AS tsvector), CAST(:words AS tsvector))"
        " ON CONFLICT (rowid) DO UPDATE SET title = excluded.title, words = excluded.words"
    ),
}
#: PostgreSQL counts no further places in a text, and no more places of one word.
_LAST_PLACE, _PLACES = 16_383, 255


def create(connection: Connection) -> None:
    """Make the empty index."""
    for statement in _CREATE[connection.dialect.name].split(";"):
        connection.execute(text(statement))


def words_of(manifest: Manifest) -> Indexed:
    """The words of a publication: all that was agreed to, in every language that it has."""
    wordings = manifest.wordings.values()
    return index(
        " ".join(wording.title for wording in wordings),
        [worded for wording in wordings for worded in (wording.summary, wording.text, wording.rationale)],
    )


def put(connection: Connection, publication_id: int, words: Indexed) -> None:
    """Make a publication findable by its words, in one statement; words that it had before are forgotten."""
    spelled = str if connection.dialect.name == "sqlite" else _vector
    connection.execute(
        _PUT[connection.dialect.name],
        {"id": publication_id, "title": spelled(words.title), "words": spelled(words.words)},
    )


def found(
    dialect: str, terms: tuple[Term, ...]
) -> tuple[FromClause, ColumnElement[bool], ColumnElement[bool]]:
    """The index, what is true of rows that have all the terms, and of those that have them in the title.

    The column `rowid` of the index is the publication's number.
    """
    words = table(TABLE, column("rowid"), column(TABLE), column("title"), column("words"))
    if dialect == "sqlite":
        asked = _fts5(terms)
        titles = words.alias("titles")
        in_title = select(titles.c.rowid).where(titles.c[TABLE].op("MATCH")(f"title : ({asked})"))
        return words, words.c[TABLE].op("MATCH")(f"words : ({asked})"), words.c.rowid.in_(in_title)
    from sqlalchemy.dialects.postgresql import TSQUERY  # Loaded where PostgreSQL is used.

    query = cast(literal(_tsquery(terms)), TSQUERY)
    return words, words.c.words.bool_op("@@")(query), words.c.title.bool_op("@@")(query)


def _fts5(terms: tuple[Term, ...]) -> str:
    """An expression of FTS5. Every word is in quotation marks, so that none can be an operator."""

    def phrase(words: Iterable[str], goes_on: bool) -> str:
        spelled = " ".join(words).replace('"', '""')
        return f'"{spelled}"' + (" *" if goes_on else "")

    return _expression(terms, phrase, " AND ", " OR ")


def _tsquery(terms: tuple[Term, ...]) -> str:
    """The same for PostgreSQL."""

    def phrase(words: Iterable[str], goes_on: bool) -> str:
        return " <-> ".join(map(_quoted, words)) + (":*" if goes_on else "")

    return _expression(terms, phrase, " & ", " | ")


def _expression(
    terms: tuple[Term, ...], phrase: Callable[[Iterable[str], bool], str], both: str, either: str
) -> str:
    """All of the terms, each in one of its readings.

    Side by side stand only plain forms; a word that was asked for with its Kazakh letters must also be
    there with them.
    """

    def reading(words: tuple[Word, ...], prefix: bool) -> str:
        parts = [
            phrase([word.exact], prefix and place == len(words) - 1)
            for place, word in enumerate(words)
            if word.exact
        ]
        if len(words) > 1 or not parts:
            parts.append(phrase([word.plain for word in words], prefix))
        return f"({both.join(parts)})"

    each = (either.join(reading(words, term.prefix) for words in term.readings) for term in terms)
    return both.join(f"({one})" for one in each)


def _vector(words: str) -> str:
    """A tsvector as PostgreSQL reads it: each word with its places."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words.split(), start=1):
        places.setdefault(word, []).append(min(place, _LAST_PLACE))
    return " ".join(
        f"{_quoted(word)}:{','.join(map(str, found[:_PLACES]))}" for word, found in places.items()
    )


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
