"""The pieces that a DOCX document is put together from, and the package around them."""

from __future__ import annotations

from typing import Final

from reviewflow.gateways import pages
from reviewflow.gateways.documents.archive import DECLARATION, element, words
from reviewflow.gateways.documents.paper import Paper

_MAIN: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
LOCALES: Final = {"en": "en-GB", "ru": "ru-RU", "kk": "kk-KZ"}
#: The depth of a step of indentation, in twentieths of a point.
STEP: Final = 454
#: Word knows nine levels of lists, and nine of headings; the first belongs to parts.
DEEPEST: Final = 8
BULLETS, DECIMALS = "0", "1"


def w(tag: str, *children: str, **attributes: str) -> str:
    """An element of WordprocessingML, whose attributes have the same prefix."""
    return element(f"w:{tag}", *children, **{f"w_{name}": value for name, value in attributes.items()})


def text_run(text: str, *properties: str) -> str:
    marked = w("rPr", *properties) if properties else ""
    return w("r", marked, element("w:t", words(text), xml_space="preserve")) if text else ""


def language_mark(language: str) -> str:
    return w("lang", val=LOCALES.get(language, language))


def styled(style: str, *runs: str, more: str = "") -> str:
    return w("p", w("pPr", w("pStyle", val=style), more), *runs)


def part_file(root: str, *children: str) -> str:
    return DECLARATION + element(f"w:{root}", *children, xmlns_w=_MAIN, xmlns_r=_OFFICE)


#: The order in which the schema wants a run's properties.
_ORDER: Final = ("rStyle", "b", "i", "strike", "vertAlign", "lang")


def ordered(properties: tuple[str, ...]) -> list[str]:
    """Each property once, in the schema's order."""
    found = {
        next(name for name in _ORDER if p.startswith((f"<w:{name}/", f"<w:{name} "))): p for p in properties
    }
    return [found[name] for name in _ORDER if name in found]


def relation_id(number: int) -> str:
    return f"rId{number + 1}"


def relations(*targets: tuple[str, str, str], first: int = 0) -> str:
    relations = []
    for number, (kind, target, mode) in enumerate(targets, start=first):
        named = f"{_OFFICE}/{kind}" if kind else f"{PACKAGE}/relationships/metadata/core-properties"
        external = {"TargetMode": mode} if mode else {}
        relations.append(
            element("Relationship", Id=relation_id(number), Type=named, Target=target, **external)
        )
    return DECLARATION + element("Relationships", *relations, xmlns=f"{PACKAGE}/relationships")


def core_properties(paper: Paper) -> str:
    """The core properties, all of the snapshot (ISO/IEC 29500-2)."""
    at = pages.exact(paper.published_at)
    return DECLARATION + element(
        "cp:coreProperties",
        element("dc:title", words(paper.title)),
        element("dc:subject", words(paper.symbol)),
        element("dc:creator", words(paper.issuer)),
        element("cp:keywords", words(f"{paper.symbol}, SHA-256 {paper.digest}")),
        element("dc:language", LOCALES.get(paper.language, paper.language)),
        element("dcterms:created", at, xsi_type="dcterms:W3CDTF"),
        element("dcterms:modified", at, xsi_type="dcterms:W3CDTF"),
        xmlns_cp=f"{PACKAGE}/metadata/core-properties",
        xmlns_dc="http://purl.org/dc/elements/1.1/",
        xmlns_dcterms="http://purl.org/dc/terms/",
        xmlns_xsi="http://www.w3.org/2001/XMLSchema-instance",
    )


def content_types() -> str:
    parts = (
        ("word/document.xml", f"{_TYPE}.document.main+xml"),
        *((f"word/{name}.xml", f"{_TYPE}.{name}+xml")
          for name in ("styles", "settings", "numbering", "footnotes", "header", "footer")),
        ("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
        ("docProps/app.xml", "application/vnd.openxmlformats-officedocument.extended-properties+xml"),
    )  # fmt: skip
    return DECLARATION + element(
        "Types",
        element(
            "Default",
            Extension="rels",
            ContentType="application/vnd.openxmlformats-package.relationships+xml",
        ),
        element("Default", Extension="xml", ContentType="application/xml"),
        *(element("Override", PartName=f"/{name}", ContentType=kind) for name, kind in parts),
        xmlns=f"{PACKAGE}/content-types",
    )


APPLICATION: Final = DECLARATION + element(
    "Properties",
    element("Application", "reviewflow"),
    xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties",
)


def field(name: str) -> str:
    """A number that the word processor counts."""
    return element("w:fldSimple", text_run("1"), w_instr=f" {name} ")


def page_of(bookmark: str) -> str:
    """The page of a bookmark; it needs the long form of a field, since the short one is for one run."""
    marks = [w("r", w("fldChar", fldCharType=kind)) for kind in ("begin", "separate", "end")]
    asked = w("r", element("w:instrText", f" PAGEREF {bookmark} \\h ", xml_space="preserve"))
    return marks[0] + asked + marks[1] + text_run("1") + marks[2]


def levels(kind: str) -> str:
    """The nine levels of a kind of list."""
    levels = []
    for level in range(DEEPEST + 1):
        sign = "•" if kind == BULLETS else f"%{level + 1}."
        levels.append(
            w(
                "lvl",
                w("start", val="1"),
                w("numFmt", val="bullet" if kind == BULLETS else "decimal"),
                w("lvlText", val=sign),
                w("lvlJc", val="left"),
                w("pPr", w("ind", left=str(STEP * (level + 1)), hanging=str(STEP))),
                ilvl=str(level),
            )
        )
    return w("abstractNum", w("multiLevelType", val="hybridMultilevel"), *levels, abstractNumId=kind)


def table_cell(width: int, *content: str) -> str:
    return w("tc", w("tcPr", w("tcW", w=str(width), type="dxa")), *(content or (w("p"),)))


def table_of(style: str, widths: tuple[int, ...], rows: list[list[str]], *, head: bool = True) -> str:
    """A table whose first row is repeated on each page, if it is a head."""
    kept = w("cantSplit")
    return w(
        "tbl",
        w(
            "tblPr",
            w("tblStyle", val=style),
            w("tblW", w=str(sum(widths)), type="dxa"),
            w("tblLayout", type="fixed"),
            w("tblLook", val="0020", firstRow="1" if head else "0"),
        ),
        w("tblGrid", *(w("gridCol", w=str(width)) for width in widths)),
        *(
            w("tr", w("trPr", kept, w("tblHeader") if head and not number else ""), *cells)
            for number, cells in enumerate(rows)
        ),
    )
