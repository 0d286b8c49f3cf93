"""What a document is made from: one plain value, and how a publication becomes one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from reviewflow.domain.manifest import Manifest, digest_of, language_of
from reviewflow.gateways import corrections, included, pages, sheets, subjects
from reviewflow.gateways.corrections import Corrected
from reviewflow.gateways.documents import tree
from reviewflow.gateways.translations import Say, catalogue
from reviewflow.gateways.translations import marked as _

#: The original language as OSCE documents say it in their header.
_ORIGINALS = {"en": _("ENGLISH"), "ru": _("RUSSIAN"), "kk": _("KAZAKH")}
#: The columns of the approval sheet.
_SHEET_LABELS = (
    _("No."), _("Name and standing"), _("Decision"), _("Date and time"), _("Remark"), _("Digest"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a paper, as a tree and as it was typed (Markdown, but for statements).

    The heading is empty for the text itself; `byline` says whose the part is. `level` is the heading's
    rank in the document; the headings of the text itself stand below it.
    """

    id: str
    text: tree.Text
    source: str
    heading: str = ""
    language: str = "en"
    byline: str = ""
    level: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the approval sheet, in words; `times` has a line for each capital."""

    name: str
    standing: str
    decision: str
    times: tuple[str, ...]
    remark: str


class Fact(NamedTuple):
    """What is said of a text beside its words: its name for programs, its label and its value."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the table of contents: its rank, its words, the part it stands in and its id there."""

    level: int
    title: str
    part: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A text to be made into documents. Every word is given, in the text's language, so that makers arrange.

    What the task force says of itself (`issuer`, `bodies`, `fine`) is in `issuer_language`. `header` are the
    lines on the right of the header block, `facts` stand under the title; `sheet_names` are the names of the
    approval sheet by language, the text's own first, and `sheet_labels` its columns; `contents` are there for
    what is set as a book, with a title page: a policy paper. `published_at` is the
    only instant that a document knows. `data` is what the JSON document holds.
    """

    kind: str
    symbol: str
    title: str
    summary: str
    language: str
    issuer: str
    issuer_language: str
    bodies: tuple[str, ...]
    header: tuple[str, ...]
    facts: tuple[Fact, ...]
    parts: tuple[Part, ...]
    sheet: tuple[Line, ...]
    sheet_names: tuple[tuple[str, str], ...]
    sheet_labels: tuple[str, ...]
    digest: str
    digest_says: str
    fine: tuple[str, ...]
    contents_title: str
    accessibility: str
    published_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    contents: tuple[Entry, ...] = ()

    @property
    def name(self) -> str:
        """A file name without its ending, which people can read: `USKZ.REC-5-09`."""
        return "".join(
            sign if sign.isascii() and (sign.isalnum() or sign == ".") else "-" for sign in self.symbol
        )


def paper_of(
    *, symbol: str, version: int, manifest: bytes, record: Mapping[str, Any], published_at: datetime
) -> Paper:
    """The paper of a publication: of its stored snapshot and nothing else, so that it never changes."""
    stored = Manifest.from_bytes(manifest)
    wording, language = stored.wording, stored.authentic_language
    say: Say = catalogue(language).gettext
    groups, task_force = record["groups"], record["task_force"]
    zones = sorted(groups.values(), key=lambda group: group["ordinal"])
    digest = digest_of(manifest)
    corrected = corrections.corrections(record, stored, say)
    parts = [_corrections(corrected, language, say)] if corrected else []
    heading = say(_("The text as corrected")) if corrected else ""
    is_paper = included.is_paper(symbol)
    text, chapters = tree.read_text(wording.text), 0
    if stored.kind != "recommendation":
        text, chapters = tree.numbered(text)
    # Without a heading of its own, the text's headings stand where those of parts do.
    level = 1 if heading else 0
    parts.append(Part("text", text, wording.text, heading, language=language, level=level))
    parts += _included(record, f"{chapters + 1}\u2002" if chapters else "", say, is_paper=is_paper)
    if wording.rationale:
        why = wording.rationale
        name = _("Annexes") if is_paper else _("Rationale")
        parts.append(Part("rationale", tree.read_rationale(why), why, say(name), language=language))
    parts += _attachments(record, version, language, say)
    parts = _with_notes_counted(parts)
    lines = tuple(
        Line(
            row.name,
            row.standing,
            row.decision,
            tuple(pages.capitals(row.at, zones, language)),
            row.remark,
        )
        for row in sheets.approval_sheet(record, say)
    )
    return Paper(
        kind=say(included.kind_of(symbol)),
        symbol=symbol,
        title=wording.title,
        summary=wording.summary,
        language=language,
        issuer=task_force["name"],
        issuer_language=language_of(task_force["name"], language),
        bodies=tuple(group["name"] for group in zones),
        header=(
            symbol,
            pages.day(published_at, language),
            say(_("Distribution: Public")),
            say(_("Original: %(language)s")) % {"language": say(_ORIGINALS[language])},
        ),
        facts=_facts(stored, record, say),
        parts=tuple(parts),
        sheet=lines,
        sheet_names=tuple(sorted(sheets.NAMES.items(), key=lambda named: named[0] != language)),
        sheet_labels=tuple(map(say, _SHEET_LABELS)),
        digest=digest,
        digest_says=say(_("Each of them acted on exactly these words, version %(number)d. Digest (SHA-256):"))
        % {"number": version},
        fine=tuple(words for words in (task_force["disclaimer"], task_force["notice"]) if words),
        contents_title=say(_("Contents")),
        accessibility=say(_("Text only, with headings, lists, tables and footnotes marked as such.")),
        published_at=published_at,
        contents=tuple(_contents(parts)) if is_paper else (),
        data={
            "symbol": symbol,
            "version": version,
            "published_at": pages.exact(published_at),
            "digest": digest,
            "manifest": manifest.decode(),
            "record": record,
        },
    )


def _facts(stored: Manifest, record: Mapping[str, Any], say: Say) -> tuple[Fact, ...]:
    def named(labels: Mapping[str, str], values: Iterable[str]) -> str:
        return "; ".join(say(labels.get(value, value)) for value in values)

    proposer = record["groups"][str(record["proposing_group"])]["name"]
    agreed = [
        record["groups"][str(act["group"])]["name"]
        for act in record["sheet"]
        if act["event"] == "agree" and act["group"] is not None
    ]
    facts = (
        Fact("corrects", _("Corrects"), _named_original(record)),
        Fact("proposed_by", _("Proposed by"), proposer),
        Fact("agreed_by", _("Agreed by"), "; ".join(agreed)),
        Fact("dimension", _("Dimension"), named(subjects.DIMENSIONS, [stored.dimension])),
        Fact("addressed_to", _("Addressed to"), named(subjects.ADDRESSEES, record["addressees"])),
        Fact("commitments", _("Commitments"), named(subjects.COMMITMENTS, record["commitments"])),
    )
    return tuple(fact._replace(label=say(fact.label)) for fact in facts if fact.value)


def _included(record: Mapping[str, Any], number: str, say: Say, *, is_paper: bool) -> Iterator[Part]:
    """The included texts under one heading; in a paper, grouped by the governments they are addressed to."""
    parts = included.parts_of(record)
    if not parts:
        return
    yield Part("recommendations", tree.Text(), "", number + say(_("Recommendations")))
    groups = included.by_addressee(parts) if is_paper else [("", parts)]
    count = 0
    for place, (heading, members) in enumerate(groups, start=1):
        if heading:
            yield Part(f"recommendations-{place}", tree.Text(), "", say(heading), level=2)
        for part in members:
            count += 1
            yield Part(
                f"part-{count}",
                tree.read_text(part.text),
                part.text,
                f"{part.symbol} {part.title}",
                language=part.language,
                byline=say(_("Digest (SHA-256): %(digest)s")) % {"digest": part.digest},
                level=3 if is_paper else 2,
            )


def _with_notes_counted(parts: Iterable[Part]) -> list[Part]:
    """The parts with their footnotes counted through the whole document."""
    counted: list[Part] = []
    before = 0
    for part in parts:
        counted.append(replace(part, text=tree.counted_on(part.text, before)) if before else part)
        before += len(part.text.notes)
    return counted


def _contents(parts: Iterable[Part]) -> Iterator[Entry]:
    """The headings of the first two ranks, in their order."""
    for part in parts:
        if part.heading and part.level <= 2:
            yield Entry(part.level, part.heading, part.id)
        for passage in part.text.passages:
            for node in passage.nodes:
                if node.tag == "h" and (level := part.level + int(node.attributes["level"])) <= 2:
                    yield Entry(level, node.text(), part.id, passage.id)


def _named_original(record: Mapping[str, Any]) -> str:
    """The text that a corrigendum corrects, by symbol and title."""
    told = record.get("corrects")
    return f"{told['symbol']}, {told['title']}" if told else ""


def _corrections(corrected: Iterable[Corrected], language: str, say: Say) -> Part:
    """What a corrigendum corrects: words that went are struck out, those that came are bold."""
    tags = {"equal": ("", ""), "delete": ("s", "~~"), "insert": ("strong", "**")}
    passages, lines = [], []
    for place in corrected:
        where = say(corrections.FIELDS[place.field])
        if place.number:
            where = say(_("%(field)s, paragraph %(number)s")) % {"field": where, "number": place.number}
        children: list[tree.Node | str] = [tree.Node("em", (f"{where}: ",))]
        line = f"*{where}:* "
        for before, run in pairwise((None, *place.runs)):
            assert run is not None
            tag, sign = tags[run.kind]
            if before and before.kind == "delete" and run.kind == "insert":
                # What came in the place of what went is another word.
                children.append(" ")
                line += " "
            children.append(tree.Node(tag, (run.text,)) if tag else run.text)
            line += f"{sign}{run.text}{sign}"
        passages.append(tree.Passage("", "", (tree.Node("p", tuple(children)),)))
        lines.append(line)
    source = "\n\n".join(lines)
    return Part("corrections", tree.Text(tuple(passages)), source, say(_("Corrections")), language=language)


def _attachments(record: Mapping[str, Any], version: int, language: str, say: Say) -> list[Part]:
    parts = []
    for number, made in enumerate(record.get("statements", ()), start=1):
        kind = say(subjects.STATEMENT_KINDS.get(made["kind"], made["kind"]))
        group = record["groups"][str(made["group"])]["name"]
        heading = say(_("Attachment %(number)d: %(kind)s, %(group)s")) % {
            "number": number, "kind": kind, "group": group,
        }  # fmt: skip
        said = [] if made["for_group"] else [made["name"] or say(_("A member of the group"))]
        said.append(pages.day(made["at"], language))
        if made["version"] != version:
            said.append(say(_("on version %(number)d")) % {"number": made["version"]})
        words = made["text"]
        parts.append(
            Part(
                f"attachment-{number}",
                tree.read_words(words),
                words,
                heading,
                language=language_of(words, language),
                byline=", ".join(said),
            )
        )
    return parts
