"""Which characters of a paragraph's source a reader sees, and marks around them that never break markup."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token

from reviewflow.domain.text import item_marker, link_target_end, split_blocks

#: What a reader sees of a block: each character, and its place `[start:end]` in the source.
Visible = tuple[tuple[str, int, int], ...]

_SEEN: Final = frozenset({"text", "text_special", "code_inline", "image"})
#: Code that is a block of its own.
CODE: Final = frozenset({"fence", "code_block"})
_NOTE = re.compile(r" {0,3}\[\^[^\]\s]{1,100}\]:")
_AFTER_LINK = re.compile(r"\]\[[^\]]*\]|\]")
_QUOTES = str.maketrans("’‘‛“”„‟«»‐‑–—", '\'\'\'""""""----')


@dataclass(frozen=True, slots=True)
class Mark:
    """Something about the characters `[start:end]` of a block's source, shown as `<mark>`.

    `key` is the thread's: the first piece has the id `words-KEY`, and all refer to the element
    `thread-KEY`. `kinds` are CSS classes. With `deleted` the pieces are `<del>`; `inserted` are words that
    are not in the source, shown after the last piece (at the place of an empty mark) as `<ins>`.
    """

    start: int
    end: int
    key: str
    kinds: tuple[str, ...] = ()
    deleted: bool = False
    inserted: str = ""


def place_tokens(tokens: Iterable[Token], source: str) -> None:
    """Note in each text token (`meta`: at, span) which characters of its block's source it stands for.

    Markdown's parser doesn't say it. Between two texts there is nothing but markup, so that each one is
    the next in the source that reads like it; what could read like it (targets of links, numbers of items
    and footnotes) is stepped over. What is not found gets no place, and is never marked.
    """
    note = _NOTE.match(source)
    position = note.end() if note else len(item_marker(source))
    for token in tokens:
        for part in (token.children or []) if token.type == "inline" else [token]:
            position = _placed(part, source, position)


def _placed(token: Token, source: str, position: int) -> int:
    """Place one token at or after a position, and return where the next one may be."""
    if token.type in CODE:
        return _placed_lines(token, source, position)
    if token.type == "link_close" and not token.markup:
        target = link_target_end(source, position + 1) if source[position : position + 1] == "]" else 0
        label = _AFTER_LINK.match(source, position)
        return target or (label.end() if label else position)
    if token.type == "footnote_ref":
        return max(source.find("]", position) + 1, position)
    shown = token.markup or token.content if token.type == "text_special" else token.content
    if token.type not in _SEEN or not shown:
        return position
    at = source.find(shown, position)
    if at < 0:
        # In the cell of a table a bar is escaped, which the parser takes away.
        shown = shown.replace("|", "\\|")
        at = source.find(shown, position)
    if at < 0:
        return position
    token.meta = {**token.meta, "at": at, "span": len(shown)}
    end = at + len(shown)
    return (link_target_end(source, end + 1) or end) if token.type == "image" else end


def _placed_lines(token: Token, source: str, position: int) -> int:
    """The lines of a block of code, each a token in its `children`: the source has something before each one.

    That is an indentation, or the mark of a quotation or list around it. A line of which more was changed
    (a tab that was split) gets no place.
    """
    if token.type == "fence":
        position = source.find("\n", source.find(token.markup, position)) + 1 or len(source)
    else:
        first = source.find(token.content.strip().partition("\n")[0], position)
        position = source.rfind("\n", position, max(first, position)) + 1 or position
    token.children = []
    for words in token.content.removesuffix("\n").split("\n") if token.content else ():
        end = source.find("\n", position)
        end = len(source) if end < 0 else end
        at = end - len(words)
        found = at >= position and source.startswith(words, at)
        meta = {"at": at, "span": len(words)} if found and words else {}
        token.children += [Token("text", "", 0, content=words, meta=meta), Token("text", "", 0, content="\n")]
        position = min(end + 1, len(source))
    return position


def moved_by(token: Token, offset: int) -> dict[str, Any]:
    """The place of a part of a token that begins `offset` characters into it."""
    if "at" not in token.meta or token.type == "text_special":
        return token.meta
    return {**token.meta, "at": token.meta["at"] + offset, "span": 0}


def visible_characters(tokens: Iterable[Token]) -> Iterator[tuple[str, int, int]]:
    """The characters of placed tokens that are no white space, with their places."""
    for token in tokens:
        for part in (token.children or []) if token.type == "inline" or token.type in CODE else [token]:
            if "at" not in part.meta:
                continue
            at, span = part.meta["at"], part.meta["span"]
            shown = described(part) if part.type == "image" else part.content
            whole = len(shown) != span
            for number, character in enumerate(shown):
                if not character.isspace():
                    yield (character, at, at + span) if whole else (character, at + number, at + number + 1)


def plain_blocks(text: str, numbers: Collection[int] | None = None) -> dict[int, Visible]:
    """The same as `rendering.visible_blocks`, of a text that is shown as it was typed."""
    return {
        block.index: tuple((character, at, at + 1) for at, character in enumerate(block.text))
        for block in split_blocks(text)
        if numbers is None or block.index in numbers
    }


def described(image: Token) -> str:
    """The description that is shown in the place of an image."""
    return "".join(child.content for child in image.children or [])


def find_words(seen: Visible, words: str, near: int | None = None) -> list[tuple[int, int]]:
    """Where a reader's words stand in the source, as `[start:end]`: all places, or the one nearest to `near`.

    White space, letter case and the shape of quotation marks make no difference. `near` counts the
    characters before the words, without white space, as the reader sees them.
    """
    seen = tuple(one for one in seen if not one[0].isspace())
    text = "".join(_plain(character) for character, _, _ in seen)
    wanted = "".join(_plain(character) for character in words if not character.isspace())
    places: list[int] = []
    place = text.find(wanted) if wanted else -1
    while place >= 0:
        places.append(place)
        place = text.find(wanted, place + 1)
    if near is not None and places:
        places = [min(places, key=lambda place: abs(place - near))]
    return [(seen[place][1], seen[place + len(wanted) - 1][2]) for place in places]


def _plain(character: str) -> str:
    lower = character.lower()
    return (lower if len(lower) == 1 else character).translate(_QUOTES)


class Marker:
    """Writes the marks of one block around its tokens, as these are rendered from left to right."""

    def __init__(
        self, marks: Sequence[Mark], tokens: Iterable[Token], inserted: str, deleted: str, end: str
    ) -> None:
        """`inserted`, `deleted` and `end` are said around such words to who can't see them."""
        seen = [(first, last) for _, first, last in visible_characters(tokens)] if marks else []
        self._marks = [_snapped(mark, seen) for mark in marks]
        self._inserted, self._deleted, self._end = inserted, deleted, end
        self._begun: set[str] = set()
        self._added: set[int] = set()

    def around(self, token: Token, shown: Token | None = None) -> Iterator[Token]:
        """A token in its marks, cut where one begins or ends; `shown` is rendered for it without a mark."""
        if not self._marks or "at" not in token.meta:
            yield shown or token
            return
        start = token.meta["at"]
        end = start + (token.meta["span"] or len(token.content))
        yield from self._insertions(start)
        if shown:
            yield shown
        elif token.type == "text" and end - start == len(token.content):
            edges = sorted({e for mark in self._marks for e in (mark.start, mark.end) if start < e < end})
            for left, right in zip([start, *edges], [*edges, end], strict=True):
                yield from self._insertions(left)
                piece = Token("text", "", 0, content=token.content[left - start : right - start])
                yield from self._marked(piece, left, right)
        else:
            yield from self._marked(token, start, end)
        yield from self._insertions(end)

    def _marked(self, piece: Token, start: int, end: int) -> Iterator[Token]:
        around = [mark for mark in self._marks if mark.start < end and start < mark.end]
        for mark in around:
            if mark.deleted and mark.key not in self._begun:
                yield _hidden(self._deleted)
            yield _html(f"<{'del' if mark.deleted else 'mark'}{self._attributes(mark)}>")
        yield piece
        for mark in reversed(around):
            yield _html("</del>" if mark.deleted else "</mark>")
            if mark.deleted and mark.end <= end:
                yield _hidden(self._end)

    def _insertions(self, until: int) -> Iterator[Token]:
        for number, mark in enumerate(self._marks):
            if mark.inserted and mark.end <= until and number not in self._added:
                self._added.add(number)
                yield _hidden(self._inserted)
                yield _html(f"<ins{self._attributes(mark)}>{escapeHtml(mark.inserted)}</ins>")
                yield _hidden(self._end)

    def _attributes(self, mark: Mark) -> str:
        classes = " ".join(("anchor", *mark.kinds))
        identity = "" if mark.key in self._begun else f' id="words-{mark.key}"'
        self._begun.add(mark.key)
        return f' class="{classes}"{identity} aria-details="thread-{mark.key}"'


def _snapped(mark: Mark, seen: list[tuple[int, int]]) -> Mark:
    """The mark without markup at its edges; an empty one at the end of what is before it, if anything is."""
    if mark.start < mark.end:
        inside = [(first, last) for first, last in seen if mark.start < last and first < mark.end]
        start = max(mark.start, inside[0][0]) if inside else mark.start
        end = min(mark.end, inside[-1][1]) if inside else mark.end
        return replace(mark, start=start, end=max(start, end))
    after_all = bool(seen) and mark.start > seen[-1][1]
    return replace(mark, start=seen[-1][1], end=seen[-1][1]) if after_all else mark


def _hidden(words: str) -> Token:
    return _html(f'<span class="vh">{escapeHtml(words)}</span>')


def _html(html: str) -> Token:
    return Token("html_inline", "", 0, content=html)
