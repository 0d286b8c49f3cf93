"""A publication as others cite it: in two styles, as three kinds of files, and in data for programs.

Stored bytes name no host (ADR 4), so an address begins with `ROOT` in a file, which is replaced where it is
served, and is relative in a page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

#: Stands in a stored file for where readers find the site; no text can hold a control character.
ROOT = "\x1aroot\x1a"


def with_root(stored: bytes, root: str) -> bytes:
    """Stored bytes with the address at which a site is found, which has no final slash."""
    return stored.replace(ROOT.encode(), root.encode())


#: The files by the endings of their addresses, with their media types.
FILES = {
    "bib": "application/x-bibtex; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
    "csl": "application/vnd.citationstyles.csl+json; charset=utf-8",
}
# Months are those of the citation styles in English, whatever language a page is read in.
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


@dataclass(frozen=True, slots=True)
class Cited:
    """What a citation says; addresses are from the site's root.

    `notice` is empty, `superseded`, `retracted` or `corrected`, `kind` what the text is, in words. `corrects`
    is where the text is that a corrigendum corrects, and `corrections` where those of a text are.
    """

    author: str
    title: str
    symbol: str
    language: str
    abstract: str
    address: str
    published_at: datetime
    notice: str
    kind: str = "Recommendation"
    corrects: str = ""
    corrections: tuple[str, ...] = ()

    @property
    def _date(self) -> datetime:
        return self.published_at.astimezone(UTC)

    @property
    def _marked(self) -> str:
        return f"{self.title} [{self.notice.capitalize()}]" if self.notice else self.title

    def apa(self) -> Markup:
        """A report by a group author (Publication Manual of the APA, 7th edition, 10.4)."""
        day = f"{self._date.year}, {_MONTHS[self._date.month - 1]} {self._date.day}"
        return Markup("{}. ({}). <i>{}</i> ({} {}).").format(
            self.author.rstrip("."), day, self._marked, self.kind, self.symbol
        )

    def chicago(self) -> Markup:
        """An entry of a bibliography (The Chicago Manual of Style, 17th edition, 14.220)."""
        day = f"{_MONTHS[self._date.month - 1]} {self._date.day}, {self._date.year}"
        return Markup("{}. <i>{}</i>. {} {}. {}.").format(
            self.author.rstrip("."), self._marked, self.kind, self.symbol, day
        )

    def file(self, ending: str) -> bytes:
        """One of `FILES`."""
        return {"bib": self._bibtex, "ris": self._ris, "csl": self._csl}[ending]().encode()

    def _bibtex(self) -> str:
        fields = {
            # A second pair of braces keeps a group's name whole, and capitals as they are.
            "author": f"{{{_latex(self.author)}}}",
            "title": f"{{{_latex(self._marked)}}}",
            "institution": f"{{{_latex(self.author)}}}",
            "type": self.kind,
            "number": _latex(self.symbol),
            "year": str(self._date.year),
            "month": str(self._date.month),
            "day": str(self._date.day),
            "url": ROOT + self.address,
        }
        key = re.sub(r"[^a-z0-9]+", "-", self.symbol.lower())
        lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
        return f"@techreport{{{key},\n{lines}\n}}\n"

    def _ris(self) -> str:
        lines = [
            ("TY", "RPRT"),
            ("AU", self.author),
            ("TI", self._marked),
            ("M3", self.kind),
            ("SN", self.symbol),
            ("PB", self.author),
            ("PY", str(self._date.year)),
            ("DA", self._date.strftime("%Y/%m/%d")),
            ("LA", self.language),
            ("AB", " ".join(self.abstract.split())),
            ("UR", ROOT + self.address),
            ("ER", ""),
        ]
        return "".join(f"{tag}  - {value}\r\n" for tag, value in lines if value or tag == "ER")

    def _csl(self) -> str:
        item = {
            "id": self.symbol,
            "type": "report",
            "genre": self.kind,
            "number": self.symbol,
            "title": self._marked,
            "author": [{"literal": self.author}],
            "publisher": self.author,
            "issued": {"date-parts": [[self._date.year, self._date.month, self._date.day]]},
            "language": self.language,
            "abstract": self.abstract,
            "URL": ROOT + self.address,
        }
        told = json.dumps([item], ensure_ascii=False, indent=1)
        # JSON writes control characters as escapes; the root's place must stay findable.
        return told.replace(json.dumps(ROOT)[1:-1], ROOT) + "\n"

    def linked_data(self, subjects: Iterable[str]) -> Markup:
        """The page as schema.org's JSON-LD, safe between the tags of a data block."""
        group = {"@type": "Organization", "name": self.author, "url": "/"}
        told = {
            "@context": "https://schema.org",
            "@type": "Report",
            "@id": self.address,
            "url": self.address,
            "name": self.title,
            "reportNumber": self.symbol,
            "abstract": self.abstract,
            "inLanguage": self.language,
            "datePublished": self._date.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "author": group,
            "publisher": group,
            "about": list(subjects),
            "creativeWorkStatus": (self.notice or "published").capitalize(),
            "isAccessibleForFree": True,
        }
        if self.corrects:
            told["isBasedOn"] = self.corrects
        if self.corrections:
            told["correction"] = list(self.corrections)
        return htmlsafe_json_dumps(told, ensure_ascii=False)


def _latex(text: str) -> str:
    """The text with no sign that LaTeX would read as its own."""
    return "".join(_LATEX.get(sign) or (f"\\{sign}" if sign in "{}$&#_%" else sign) for sign in text)
