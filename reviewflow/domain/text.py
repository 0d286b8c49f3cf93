"""What a text is: its canonical form, its blocks (numbered paragraphs) and its words."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from reviewflow.domain.errors import Refusal

#: The longest text that is accepted, in bytes of UTF-8.
MAX_TEXT_BYTES: Final = 200_000
#: The longest paragraph that is accepted, in bytes of UTF-8; comparing and rendering are bounded by it.
MAX_BLOCK_BYTES: Final = 65_536
#: How many paragraphs a text may have; comparing and rendering have a cost for each. A text of 100 pages
#: has some 2,000.
MAX_BLOCKS: Final = 3_000
#: The longest single-line field (a title, a name), in characters.
MAX_LINE_LENGTH: Final = 300
#: Unicode's Stream-Safe limit (UAX #15) is 30 marks in a row; normalising much longer runs takes quadratic
#: time.
_LONGEST_MARK_RUN: Final = 1_000

_REFUSED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LINE_END = re.compile("\r\n|[\r\u2028\u2029]")
_TRAILING_BLANKS = re.compile(r"(?<![ \t])[ \t]+$", re.MULTILINE)
_WORD = re.compile(r"\w+(?:['’‐‑-]\w+)*")

_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`\n]*$)|~{3,})")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*+){3,}|(?:_[ \t]*+){3,}|(?:\*[ \t]*+){3,})$")
_DASHES = re.compile(r" {0,3}(?:-+|=+)[ \t]*$")
_QUOTE = re.compile(r" {0,3}>")
_ITEM = re.compile(r"( {0,3})([-+*]|(\d{1,9})[.)])([ \t]+|$)")
_NOTE = re.compile(r" {0,3}\[\^[^\]\s]{1,100}\]:")

# The only links that are shown as links: to web and mail addresses.
_ADDRESS = r"(?:https?://|mailto:)[^\s<>()\\]"
_DESTINATION = rf"(?:<{_ADDRESS}[^\s<>\\]{{0,2000}}>|{_ADDRESS}(?:[^\s<>()\\]|\([^\s<>()\\]*+\)){{0,2000}})"
_TITLE = r"""(?:"[^"\\\n]{0,500}"|'[^'\\\n]{0,500}'|\([^()\\\n]{0,500}\))"""
_TARGET = re.compile(rf"\([ \t]*+{_DESTINATION}(?:[ \t]+{_TITLE})?[ \t]*+\)", re.IGNORECASE)
_DEFINITION = re.compile(
    rf" {{0,3}}\[([^\[\]\\\n]{{1,200}})\]:[ \t]*+{_DESTINATION}(?:[ \t]+{_TITLE})?[ \t]*+(?:\n|$)",
    re.IGNORECASE,
)


class UnacceptableText(Refusal):
    """A text holds what may not be stored; details: field, reason, and the place of a character (from 1)."""

    code = "unacceptable_text"


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph of a text: `text[start:end]`; `index` is its number as people say it, from 1."""

    index: int
    start: int
    end: int
    text: str


def canonical_text(raw: str, *, field: str | None = None) -> str:
    """Bring a multi-line text into the one form that is stored, hashed and compared (product.md, Manifest).

    NFC; line ends LF; no spaces at line ends; no blank lines at the start, none at the end. Idempotent.
    Refuses with UnacceptableText: control characters, bidirectional overrides (they make a text read
    differently from what it says), lone surrogates, and texts or blocks over their limits.
    """
    text = _LINE_END.sub("\n", raw)
    _refuse_characters(text, field)
    text = _TRAILING_BLANKS.sub("", _normalize(text, field)).strip("\n")
    if _size(text) > MAX_TEXT_BYTES:
        raise UnacceptableText(field=field, reason="too_long", limit=MAX_TEXT_BYTES)
    blocks = split_blocks(text)
    if len(blocks) > MAX_BLOCKS:
        raise UnacceptableText(field=field, reason="too_many_blocks", limit=MAX_BLOCKS)
    for block in blocks:
        if len(block.text) > MAX_BLOCK_BYTES // 4 and _size(block.text) > MAX_BLOCK_BYTES:
            line = text.count("\n", 0, block.start) + 1
            raise UnacceptableText(
                field=field, reason="block_too_long", limit=MAX_BLOCK_BYTES, line=line, column=1
            )
    return text


def canonical_line(raw: str, *, field: str | None = None) -> str:
    """Bring a single-line field into its canonical form: NFC, every stretch of white space one space.

    Refuses with UnacceptableText what `canonical_text` refuses, and more than MAX_LINE_LENGTH characters.
    """
    text = _LINE_END.sub("\n", raw)
    _refuse_characters(text, field)
    line = " ".join(_normalize(text, field).split())
    if len(line) > MAX_LINE_LENGTH:
        raise UnacceptableText(field=field, reason="too_long", limit=MAX_LINE_LENGTH)
    return line


def count_words(text: str) -> int:
    """Count words; "Government's" and "follow-up" are one word each, punctuation is none."""
    return sum(1 for _ in _WORD.finditer(text))


@lru_cache(maxsize=16)
def split_blocks(text: str) -> tuple[Block, ...]:
    """Split Markdown into its top-level blocks, which are the numbered paragraphs of a recommendation.

    Blocks end at a blank line. A fence is one block with its blank lines; each top-level item of a list is a
    block of its own, with its indented continuation; headings and rules need no blank line around them.
    The text is `join_blocks(split_blocks(text), gaps(text, ...))` again. One page asks this of its text for
    each suggestion: the last texts are remembered.
    """
    splitter = _Splitter()
    position = 0
    for line in text.split("\n"):
        splitter.feed(line, position)
        position += len(line) + 1
    splitter.close()
    return tuple(
        Block(number, start, end, text[start:end])
        for number, (start, end) in enumerate(splitter.spans, start=1)
    )


def split_gaps(text: str, blocks: tuple[Block, ...]) -> tuple[str, ...]:
    """The white space before, between and after the blocks; one more than there are blocks."""
    edges = [0, *(edge for block in blocks for edge in (block.start, block.end)), len(text)]
    return tuple(text[start:end] for start, end in list(pairwise(edges))[::2])


def join_blocks(blocks: tuple[Block, ...], gaps: tuple[str, ...]) -> str:
    """Put blocks and gaps together again; the inverse of `split_blocks` and `split_gaps`."""
    return gaps[0] + "".join(block.text + gap for block, gap in zip(blocks, gaps[1:], strict=True))


def item_marker(block: str) -> str:
    """The list marker that a block begins with, with its white space; empty if it is no list item."""
    match = _ITEM.match(block.partition("\n")[0])
    return match.group() if match and not _RULE.match(block.partition("\n")[0]) else ""


def link_definitions(block: str) -> list[re.Match[str]]:
    """The link definitions (`[label]: address`) that a block begins with; group 1 is the label."""
    found: list[re.Match[str]] = []
    while match := _DEFINITION.match(block, found[-1].end() if found else 0):
        found.append(match)
    return found


def link_label(raw: str) -> str:
    """A label as it is compared: letter case and white space make no difference."""
    return " ".join(raw.split()).casefold()


def link_target_end(text: str, start: int) -> int:
    """Where the target `(address "title")` of an inline link ends that begins at `start`; 0 if none does."""
    target = _TARGET.match(text, start)
    return target.end() if target else 0


class _Splitter:
    """Reads lines and keeps the spans of blocks; knows only what kind of block is open."""

    def __init__(self) -> None:
        self.spans: list[tuple[int, int]] = []
        self._start = self._end = 0
        #: Kind of the open block: "" none, "text", "quote", "code", "item" (with `_indent`), "fence", "line".
        self._kind = ""
        self._indent = 0
        self._fence = ""
        self._after_blank = False

    def feed(self, line: str, position: int) -> None:
        """Take the next line, which begins at `position`."""
        if not line.strip(" \t"):
            self._after_blank = True
            return
        if not self._continues(line):
            self.close()
            self._start = position
            self._open(line)
        self._end = position + len(line)
        self._after_blank = False

    def close(self) -> None:
        """End the open block, if there is one."""
        if self._kind:
            self.spans.append((self._start, self._end))
        self._kind = ""

    def _open(self, line: str) -> None:
        if fence := _FENCE.match(line):
            self._kind, self._fence = "fence", fence.group(1)
        elif _HEADING.match(line) or _RULE.match(line):
            self._kind = "line"
        elif marker := item_marker(line):
            self._kind = "item"
            blanks = _width(marker) - len(marker.rstrip())
            self._indent = len(marker.rstrip()) + (blanks if 1 <= blanks <= 4 else 1)
        elif _NOTE.match(line):
            self._kind, self._indent = "item", 4
        elif _QUOTE.match(line):
            self._kind = "quote"
        elif _leading(line) >= 4:
            self._kind = "code"
        else:
            self._kind = "text"

    def _continues(self, line: str) -> bool:
        """Whether the line belongs to the open block."""
        match self._kind:
            case "fence":
                return self._continue_fence(line)
            case "item" if _leading(line) >= self._indent:
                return True
            case "code":
                return not self._after_blank and _leading(line) >= 4
            case "text" | "quote" | "item":
                return not self._after_blank and not self._interrupts(line)
            case _:
                return False

    def _continue_fence(self, line: str) -> bool:
        bare = line.strip(" \t")
        if len(bare) >= len(self._fence) and not bare.strip(self._fence[0]) and _leading(line) < 4:
            # The closing line is the last one of the block: whatever comes next opens another.
            self._kind = "line"
        return True

    def _interrupts(self, line: str) -> bool:
        """Whether the line begins a new block without a blank line before it (CommonMark 0.31, 4 and 5)."""
        if _HEADING.match(line) or _FENCE.match(line):
            return True
        if _RULE.match(line):
            # Dashes under a paragraph make it a heading; under anything else they are a rule.
            return self._kind != "text" or not _DASHES.match(line)
        if _QUOTE.match(line):
            return self._kind != "quote"
        marker = _ITEM.match(line)
        if marker is None:
            return bool(_NOTE.match(line))
        # In a paragraph only a list that begins with 1 and has content interrupts: "in the year\n2010. And".
        return self._kind == "item" or (marker.group(3) in {None, "1"} and marker.end() < len(line))


def _refuse_characters(text: str, field: str | None) -> None:
    found = _REFUSED.search(text)
    if found is None:
        return
    point = ord(found.group())
    reason = "control_character"
    if point >= 0xD800:
        reason = "lone_surrogate"
    elif point >= 0x2000:
        reason = "bidi_override"
    raise UnacceptableText(
        field=field,
        reason=reason,
        line=text.count("\n", 0, found.start()) + 1,
        column=found.start() - text.rfind("\n", 0, found.start()),
        codepoint=f"U+{point:04X}",
    )


def _normalize(text: str, field: str | None) -> str:
    """NFC; refuses as too long what would take long to normalise."""
    if len(text) > 4 * MAX_TEXT_BYTES:
        raise UnacceptableText(field=field, reason="too_long", limit=MAX_TEXT_BYTES)
    if text.isascii():
        return text
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > _LONGEST_MARK_RUN:
            raise UnacceptableText(field=field, reason="too_long", limit=_LONGEST_MARK_RUN)
    return unicodedata.normalize("NFC", text)


def _size(text: str) -> int:
    return len(text.encode("utf-8"))


def _width(text: str) -> int:
    return len(text.expandtabs(4))


def _leading(line: str) -> int:
    """Columns of white space that a line begins with; a tab goes to the next multiple of four."""
    return _width(line[: len(line) - len(line.lstrip(" \t"))])
