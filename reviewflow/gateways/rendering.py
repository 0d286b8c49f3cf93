"""Markdown to safe HTML with numbered paragraphs and visible brackets, and word differences to HTML."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.footnote import footnote_plugin

from reviewflow.domain.brackets import Bracket, find_brackets
from reviewflow.domain.differences import Run
from reviewflow.domain.text import MAX_BLOCKS, Block, split_blocks
from reviewflow.gateways.marks import (
    CODE,
    Mark,
    Marker,
    Visible,
    described,
    moved_by,
    place_tokens,
    visible_characters,
)

#: At how many signs (and line ends) Markdown is looked for in one text: parsing has a cost for each. A
#: paragraph that has more than are left is shown as it was typed. A text of MAX_TEXT_BYTES has some 8,000.
MAX_SIGNS: Final = 15_000
#: How deep quotations, lists and emphasis may nest; deeper text is shown as it was typed.
MAX_NESTING: Final = 20

# Stand-ins for [ ] / while Markdown is parsed: signs of cuneiform and Kharosthi that no text here will hold,
# and that are punctuation to Markdown as brackets are. Those that the text does hold are not used.
_STAND_INS: Final = "\U00012470\U00012471\U00012472\U00012473\U00010a50\U00010a51\U00010a52\U00010a53"
# Where Markdown may begin or end; other signs of it stand beside these.
_SIGN = re.compile(r"[\n!&*<>\[\\\]_`|~]")
_NO_MARKS: Final[Mapping[int, Sequence[Mark]]] = MappingProxyType({})
_UNSAFE_CHARACTER = re.compile("[\x00\ud800-\udfff]")
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x20]", re.IGNORECASE)
_NOTE = re.compile(r" {0,3}\[\^([^\]\s]{1,100})\]:")
_FIRST_WORD = re.compile(r"(\s*)((?:[^\w\s]+\s?)?\w*)", re.DOTALL)

_SANITISER = nh3.Cleaner(
    tags={
        *(
            "a",
            "blockquote",
            "br",
            "code",
            "del",
            "div",
            "em",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "ins",
            "li",
            "mark",
            "ol",
            "p",
        ),
        *("pre", "s", "span", "strong", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"),
    },
    attributes={
        "a": {"href", "class", "aria-label", "rel", "title"},
        "div": {"class", "id"},
        "ol": {"start"},
        "p": {"class"},
        **{tag: {"class", "id", "aria-details"} for tag in ("mark", "ins", "del")},
        "span": {"class"},
        "sup": {"class"},
        "td": {"class"},
        "th": {"class"},
        **{f"h{level}": {"id"} for level in range(1, 7)},
    },
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)


@dataclass(frozen=True, slots=True)
class Labels:
    """The words that rendering adds, for whoever cannot see lines and colours; the caller translates them."""

    paragraph: str = "Paragraph"
    footnote: str = "Footnote"
    not_agreed: str = "Not agreed: "
    inserted: str = "inserted: "
    deleted: str = "deleted: "
    end: str = ", end; "


@dataclass(frozen=True, slots=True)
class Rendered:
    """Safe HTML, and how many numbered paragraphs it has; number n has the id `pn`."""

    html: Markup
    paragraphs: int


ENGLISH: Final = Labels()


def render_markdown(
    text: str,
    labels: Labels = ENGLISH,
    *,
    heading_shift: int = 1,
    marks: Mapping[int, Sequence[Mark]] = _NO_MARKS,
) -> Rendered:
    """Render a text, each of its blocks (`split_blocks`) with its number as id, link and label.

    Links go to http, https and mailto only, images become their description, HTML is shown as typed. Open
    brackets are those that `find_brackets` counts. Accepts any string; `heading_shift` makes `#` a
    second-level heading. `marks` are drawn by the number of their block.
    """
    text = _safe(text)
    blocks = split_blocks(text)
    page = _Page(text, blocks, labels, heading_shift, marks)
    html = "\n".join(page.render(block) for block in blocks)
    return Rendered(Markup(_SANITISER.clean(html)), len(blocks))  # noqa: S704 - this is the sanitiser's output


def visible_blocks(text: str, numbers: Collection[int] | None = None) -> dict[int, Visible]:
    """What a reader sees of blocks, by number (of all if `numbers` is None), with places in the source."""
    text = _safe(text)
    blocks = split_blocks(text)
    page = _Page(text, blocks, ENGLISH, 1, _NO_MARKS)
    return {b.index: page.visible(b) for b in blocks if numbers is None or b.index in numbers}


def _safe(text: str) -> str:
    return _UNSAFE_CHARACTER.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n")


def render_runs(runs: Iterable[Run], labels: Labels = ENGLISH) -> Markup:
    """Render word differences as ins and del, with hidden labels; the sign hangs on the first word (`mk`)."""
    written = Markup()
    for run in runs:
        if run.kind == "equal":
            written += run.text
            continue
        tag, label = ("ins", labels.inserted) if run.kind == "insert" else ("del", labels.deleted)
        first = _FIRST_WORD.match(run.text)
        space, word = first.groups() if first else ("", "")
        written += Markup(
            '<span class="vh">{label}</span><{tag}>{space}<span class="mk">{word}</span>{rest}</{tag}>'
            '<span class="vh">{end}</span>'
        ).format(
            label=label, tag=tag, space=space, word=word, rest=run.text[len(space + word) :], end=labels.end
        )
    return written


class _Page:
    """Renders the blocks of one text; definitions of links and footnotes are common to them."""

    def __init__(
        self,
        text: str,
        blocks: tuple[Block, ...],
        labels: Labels,
        heading_shift: int,
        marks: Mapping[int, Sequence[Mark]],
    ) -> None:
        self._labels, self._shift = labels, heading_shift
        self._marks, self._marker = marks, Marker((), (), "", "", "")
        unused = [sign for sign in _STAND_INS if sign not in text]
        #: If a text uses the stand-ins up, its brackets are shown as they were typed.
        self._signs = "".join(unused[:3]) if len(unused) >= 3 else ""
        self._plain = str.maketrans(self._signs, "[]/"[: len(self._signs)])
        self._marked = _mark_brackets(text, blocks, self._signs)
        self._markdown = _parser(self._signs)
        self._notes: dict[str, tuple[int, int]] = {}
        self._env: dict[str, Any] = {}
        self._parsed = _within_limits(blocks)
        for block in blocks:
            if block.index not in self._parsed:
                continue
            if note := _NOTE.match(block.text):
                label = note.group(1)
                self._notes.setdefault(label, (len(self._notes) + 1, block.index))
                self._env.setdefault("footnotes", {"refs": {}})["refs"][f":{label}"] = -1
            elif block.text.lstrip(" ").startswith("[") and "]:" in block.text:
                self._markdown.parse(self._marked[block.index], self._env)

    def render(self, block: Block) -> str:
        """The HTML of one block; it still has to be sanitised."""
        if block.index not in self._parsed:
            return self._wrapped(
                block, f'<p class="para__p">{self._number(block)}{escapeHtml(block.text)}</p>'
            )
        tokens = self._tokens(block)
        if marks := self._marks.get(block.index, ()):
            place_tokens(tokens, self._marked[block.index])
        self._marker = Marker(marks, tokens, self._labels.inserted, self._labels.deleted, self._labels.end)
        if len(tokens) >= 3 and tokens[0].type == "heading_open" and tokens[2] is tokens[-1]:
            level = min(6, int(tokens[0].tag[1]) + self._shift)
            return f'<h{level} id="p{block.index}">{self._inline(tokens[1])}</h{level}>'
        number = self._number(block)
        note = _NOTE.match(block.text)
        if note and note.group(1) in self._notes:
            number += f'<sup class="fn">{self._notes[note.group(1)][0]}</sup> '
        if tokens and tokens[0].type == "paragraph_open":
            lead = f'<p class="para__p">{number}{self._inline(tokens[1])}</p>'
            rest = self._html(tokens[3:])
        else:
            lead, rest = "", f'<div class="para__p">{number}{self._html(tokens)}</div>' if tokens else ""
        return self._wrapped(block, lead + rest)

    def visible(self, block: Block) -> Visible:
        """The characters that a reader of one block sees."""
        if block.index not in self._parsed:
            return tuple((character, at, at + 1) for at, character in enumerate(block.text))
        tokens = self._tokens(block)
        place_tokens(tokens, self._marked[block.index])
        return tuple(
            (character.translate(self._plain), start, end)
            for character, start, end in visible_characters(tokens)
        )

    def _number(self, block: Block) -> str:
        label = escapeHtml(f"{self._labels.paragraph} {block.index}")
        return f'<a class="pn" href="#p{block.index}" aria-label="{label}">{block.index}</a>'

    @staticmethod
    def _wrapped(block: Block, html: str) -> str:
        return f'<div class="para" id="p{block.index}">{html}</div>'

    def _tokens(self, block: Block) -> list[Token]:
        """The tokens of a block, without the list or footnote around them."""
        tokens = self._markdown.parse(self._marked[block.index], self._env)
        opening = tuple(token.type for token in tokens[:2])
        if opening in {("ordered_list_open", "list_item_open"), ("bullet_list_open", "list_item_open")}:
            closes = [
                n for n, token in enumerate(tokens) if token.type == "list_item_close" and token.level == 1
            ]
            if closes == [len(tokens) - 2]:
                return tokens[2:-2]
        return [token for token in tokens if not token.type.startswith("footnote_reference")]

    def _html(self, tokens: list[Token]) -> str:
        for token in tokens:
            if token.type == "inline":
                token.children = list(self._children(token))
            elif token.type in CODE:
                token.content = f"<pre><code>{self._code(token)}</code></pre>\n"
                token.type = "html_block"
            elif token.type in {"th_open", "td_open"} and token.attrs.get("style"):
                token.attrs = {"class": f"to-{str(token.attrs['style']).rpartition(':')[2]}"}
            elif token.tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
                token.tag = f"h{min(6, int(token.tag[1]) + self._shift)}"
        html: str = self._markdown.renderer.render(tokens, self._markdown.options, self._env)
        return html

    def _code(self, token: Token) -> str:
        """The lines of a code block, with the marks on their words."""
        lines = token.children or [Token("text", "", 0, content=token.content)]
        return "".join(
            piece.content if piece.type == "html_inline" else escapeHtml(piece.content.translate(self._plain))
            for line in lines
            for piece in self._marker.around(line)
        )

    def _inline(self, token: Token) -> str:
        html: str = self._markdown.renderer.render(
            list(self._children(token)), self._markdown.options, self._env
        )
        return html.rstrip()

    def _children(self, token: Token) -> Iterator[Token]:
        """Inline tokens as they are to be rendered."""
        children = [part for child in token.children or [] for part in self._split(child)]
        pairs = _match_signs(children, self._signs)
        for number, child in enumerate(children):
            if child.type == "sign":
                yield from self._marker.around(
                    child, _markup(self._sign(child.content, paired=number in pairs))
                )
            else:
                yield from self._marker.around(child)

    def _split(self, token: Token) -> Iterator[Token]:
        """One inline token with its stand-ins made tokens of their own."""
        if token.type == "text_special" and (token.info == "entity" or not self._signs):
            yield Token("text", "", 0, content=token.content, meta=token.meta)
        elif token.type in {"text", "text_special"} and self._signs:
            offset = 0
            for part in re.split(f"([{self._signs}])", token.content):
                if part:
                    kind = "sign" if part in self._signs else "text"
                    yield Token(kind, "", 0, content=part, meta=moved_by(token, offset))
                offset += len(part)
        elif token.type == "image":
            shown = described(token).translate(self._plain)
            yield Token("text", "", 0, content=shown, meta=token.meta)
        elif token.type == "footnote_ref" and token.meta["label"] not in self._notes:
            # Defined inside of a list or quotation, where nothing could link to it.
            yield Token("text", "", 0, content=f"[^{token.meta['label']}]")
        elif token.type == "footnote_ref":
            number, place = self._notes[token.meta["label"]]
            label = escapeHtml(f"{self._labels.footnote} {number}")
            yield _markup(f'<sup class="fn"><a href="#p{place}" aria-label="{label}">{number}</a></sup>')
        else:
            if token.type == "link_open":
                token.attrs = {"href": token.attrs["href"], "rel": "noopener nofollow"}
            token.content = token.content.translate(self._plain)
            yield token

    def _sign(self, sign: str, *, paired: bool) -> str:
        """The markup of [ ] or /; one that is not paired in its element stands for itself."""
        hidden = f'<span class="bracket"><span class="vh">{escapeHtml(self._labels.not_agreed)}</span>'
        left, right = (f'<span class="bracket__b bracket__b--{side}">' for side in "lr")
        if sign == self._signs[0]:
            return f"{hidden}{left}[</span>" + ('<span class="alt">' if paired else "</span>")
        if sign == self._signs[1]:
            return (
                f"</span>{right}]</span></span>"
                if paired
                else f'<span class="bracket">{right}]</span></span>'
            )
        return '</span><span class="bracket__or">/</span><span class="alt">' if paired else "/"


@cache
def _parser(signs: str) -> MarkdownIt:
    """The parser of texts with these stand-ins, made once; its manual has methods replaced like this."""
    plain = str.maketrans(signs, "[]/"[: len(signs)])
    markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": MAX_NESTING})
    markdown.enable(["table", "strikethrough"])
    markdown.use(footnote_plugin, inline=False, move_to_end=False)
    # Kept apart, what was escaped or written as an entity can't be taken for a stand-in.
    markdown.disable("text_join")
    normalize = markdown.normalizeLink
    markdown.normalizeLink = lambda url: normalize(url.translate(plain))  # type: ignore[method-assign]
    markdown.validateLink = lambda url: bool(_ADDRESS.match(url))  # type: ignore[method-assign]
    # It puts its rules together at its first use, which no second thread may see half done.
    markdown.parse("a")
    return markdown


def _mark_brackets(text: str, blocks: tuple[Block, ...], signs: str) -> dict[int, str]:
    """Each block's text, by number, with the stand-ins in the place of its open brackets."""
    characters = list(text)
    waiting: list[Bracket] = list(find_brackets(text)) if signs else []
    while waiting:
        bracket = waiting.pop()
        waiting.extend(bracket.inner)
        characters[bracket.start] = signs["[]".index(text[bracket.start])]
        if bracket.closed:
            characters[bracket.end - 1] = signs[1]
        for place in bracket.dividers:
            characters[place] = signs[2]
    return {block.index: "".join(characters[block.start : block.end]) for block in blocks}


def _match_signs(tokens: list[Token], signs: str) -> set[int]:
    """The numbers of the signs that open and close in the same element, so that markup can be put between."""
    matched: set[int] = set()
    #: Numbers of the open sign, and its dividers, per element; None marks the start of an element.
    stack: list[list[int] | None] = []
    for number, token in enumerate(tokens):
        if token.nesting == 1:
            stack.append(None)
        elif token.nesting == -1:
            while stack and stack.pop() is not None:
                pass
        elif token.type == "sign" and token.content == signs[0]:
            stack.append([number])
        elif token.type == "sign" and stack and (top := stack[-1]) is not None:
            top.append(number)
            if token.content == signs[1]:
                matched.update(top)
                stack.pop()
    return matched


def _markup(html: str) -> Token:
    return Token("html_inline", "", 0, content=html)


def _within_limits(blocks: tuple[Block, ...]) -> frozenset[int]:
    """The numbers of the blocks that are parsed, so that the time for rendering any text is bounded."""
    left = MAX_SIGNS
    parsed = []
    for block in blocks[:MAX_BLOCKS]:
        signs = len(_SIGN.findall(block.text))
        if signs <= left:
            left -= signs
            parsed.append(block.index)
    return frozenset(parsed)
