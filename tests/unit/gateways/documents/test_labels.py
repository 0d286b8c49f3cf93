"""The words around a text are in its language, in every format, and each of them is translated."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pikepdf
import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from reviewflow.gateways import translations
from reviewflow.gateways.documents.formats import MAKERS
from reviewflow.gateways.sheets import NAMES
from tests.factories.papers import paper

_GATEWAYS = Path(translations.__file__).parent
#: Where the words of documents stand.
_SOURCES = [
    *(_GATEWAYS / f"{name}.py" for name in ("corrections", "included", "sheets", "subjects")),
    *(_GATEWAYS / "documents").glob("*.py"),
]
#: In their order: header, a fact, a part, an attachment, the approval sheet with a column and decisions.
LABELS = {
    "ru": (
        "24 сентября 2009 г.", "Оригинал: РУССКИЙ", "Согласовано", "Человеческое измерение", "Обоснование",
        "Вложение 1: Оговорка", "Лист согласования", "Дата и время", "руководитель, Astana working group",
        "Позиций: 2 из 3, возражений нет; вложение 1", "Утверждено к распространению",
    ),
    "kk": (
        "2009 ж. 24 қыркүйек", "Түпнұсқа: ҚАЗАҚ", "Келіскен", "Адами өлшем", "Негіздеме",
        "1-тіркеме: Ескертпе", "Келісу парағы", "Күні мен уақыты", "жетекші, Astana working group",
        "Ұстанымдар: 3 ішінен 2, қарсылық жоқ; 1-тіркеме", "Таратуға бекітілді",
    ),
}  # fmt: skip


def catalogue(language: str) -> dict[str, str]:
    with (_GATEWAYS.parent / "translations" / f"{language}.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id}


@pytest.mark.parametrize("language", LABELS)
def test_every_word_of_the_sources_is_translated_and_no_other(language: str) -> None:
    said = {
        found[1] for path in _SOURCES for found in extract_from_file("python", path, keywords={"_": None})
    }
    kept = catalogue(language)
    assert set(kept) == said
    for message, translated in kept.items():
        # What is put in must be the same, in whichever order a language wants it.
        assert sorted(re.findall(r"%\(\w+\)[sd]", translated)) == sorted(re.findall(r"%\(\w+\)[sd]", message))
        assert translated
    assert kept["Approval sheet"] == NAMES[language]


@pytest.mark.parametrize("language", LABELS)
@pytest.mark.parametrize("name", ["html", "md", "docx", "epub"])
def test_documents_speak_the_language_of_their_text(name: str, language: str) -> None:
    body = MAKERS[name][1](paper(language=language))
    if name in ("docx", "epub"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b"".join(archive.read(one) for one in archive.namelist() if one.endswith(("ml", "opf")))
    said = re.sub(r"<[^>]+>", "|", body.decode()).replace("\u202f", " ")
    # Markdown has a head for programs, and no columns.
    expected = [label for label in LABELS[language] if name != "md" or label not in _NOT_IN_MARKDOWN]
    assert [label for label in expected if label not in said] == []
    english = [
        message for message in catalogue(language) if "%" not in message and message != "Approval sheet"
    ]
    assert [message for message in english if f"|{message}|" in said] == []


_NOT_IN_MARKDOWN = {part for labels in LABELS.values() for part in (*labels[:3], labels[7])}


@pytest.mark.parametrize("language", LABELS)
def test_outline_and_language_of_a_pdf_are_those_of_its_text(language: str) -> None:
    _en, *labels = LABELS[language][3:]
    body = MAKERS["pdf"][1](paper(language=language))
    with pikepdf.open(io.BytesIO(body)) as pdf, pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert str(pdf.Root.Lang) == language
        with pdf.open_outline() as outline:
            titles = [item.title for item in outline.root][2:]
    assert titles == [labels[0], f"{labels[1]}, Astana working group", labels[2]]
