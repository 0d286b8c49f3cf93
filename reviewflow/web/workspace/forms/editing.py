"""The editor's form, and the one that settles a bracket: shape only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from reviewflow.domain.brackets import MAX_WORDING
from reviewflow.domain.manifest import Content
from reviewflow.domain.merge import has_conflict_marks
from reviewflow.domain.text import UnacceptableText, canonical_line, canonical_text
from reviewflow.queries.parts import Includable
from reviewflow.web import words
from reviewflow.web.language import gettext as _
from reviewflow.web.language import lazy_gettext as _l
from reviewflow.web.unacceptable import unacceptable

#: The longest note that a version can carry, in characters (its column's length).
MAX_NOTE = 1_000
#: A version's number as a form sends it; longer ones are no numbers of ours.
_NUMBER = re.compile(r"[0-9]{1,9}")


def whole_number(raw: str | None) -> int | None:
    """A number of ASCII digits that the database can hold, or None."""
    return int(raw) if raw is not None and _NUMBER.fullmatch(raw) else None


def _sent_once(form: FlaskForm, field: Field) -> None:
    """A browser sends each field once; anything else was not sent by our page."""
    if field.raw_data is not None and len(field.raw_data) != 1:
        raise StopValidation(_("This part of the form did not arrive. Look at it, and save again."))


def _acceptable_text(form: FlaskForm, field: Field) -> None:
    try:
        canonical_text(field.data or "")
    except UnacceptableText as refusal:
        raise StopValidation(unacceptable(refusal)) from refusal


def _acceptable_line(form: FlaskForm, field: Field) -> None:
    try:
        canonical_line(field.data or "")
    except UnacceptableText as refusal:
        if refusal.details.get("reason") == "too_long":
            raise StopValidation(
                _("Use at most %(limit)s characters.", limit=refusal.details["limit"])
            ) from refusal
        raise StopValidation(unacceptable(refusal)) from refusal


def _acceptable_wording(form: FlaskForm, field: Field) -> None:
    _acceptable_text(form, field)
    if len(field.data or "") > MAX_WORDING:
        raise StopValidation(_("Use at most %(limit)s characters.", limit=MAX_WORDING))


def _filled_in(form: FlaskForm, field: Field) -> None:
    if not canonical_line(field.data or ""):
        raise ValidationError(_("Please fill it in."))


def _at_most(limit: int) -> Any:
    def check(form: FlaskForm, field: Field) -> None:
        if len(canonical_text(field.data or "")) > limit:
            raise ValidationError(_("Use at most %(limit)s characters.", limit=limit))

    return check


def _merged(form: FlaskForm, field: Field) -> None:
    if has_conflict_marks(canonical_text(field.data or "")):
        raise ValidationError(
            _("Some places still hold both wordings. Keep one at each mark, and delete the marked lines.")
        )


class _Choice(SelectField):
    """One of the values offered, or none."""

    def pre_validate(self, form: FlaskForm) -> None:
        if self.data not in {value for value, _label in self.choices}:
            raise ValidationError(_("Choose one of the values offered."))


class _Checks(SelectMultipleField):
    """Any of the values offered, as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: FlaskForm) -> None:
        if not set(self.data or ()) <= {value for value, _label in self.choices}:
            raise ValidationError(_("Choose one of the values offered."))


class EditorForm(FlaskForm):
    """The words of a recommendation in one language, and what they are about."""

    class Meta:
        """The token is checked for every form of the application at once."""

        csrf = False

    title = StringField(_l("Title"), [_sent_once, _acceptable_line, _filled_in], default="")
    summary = TextAreaField(_l("Summary"), [_sent_once, _acceptable_text, _merged], default="")
    text = TextAreaField(_l("Text"), [_sent_once, _acceptable_text, _merged], default="")
    rationale = TextAreaField(_l("Rationale"), [_sent_once, _acceptable_text, _merged], default="")
    dimension = _Choice(_l("Dimension"), [_sent_once], default="")
    addressees = _Checks(_l("Addressees"), default=())
    commitments = _Checks(_l("Commitments"), default=())
    includes = _Checks(_l("Included texts"), default=())
    note = StringField(
        _l("Note for this version"), [_sent_once, _acceptable_line, _at_most(MAX_NOTE)], default=""
    )

    def __init__(self, *args: Any, choice: Sequence[Includable] = (), kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        if kind == "policy_paper":
            self.rationale.label.text = _("Annexes")
        self.includes.choices = [(text.digest, f"{text.symbol} {text.title}") for text in choice]
        self.dimension.choices = [("", _("Not decided yet")), *words.dimensions().items()]
        self.addressees.choices = list(words.addressees().items())
        self.commitments.choices = list(words.commitments().items())

    @classmethod
    def of(cls, content: Content, choice: Sequence[Includable], note: str = "") -> EditorForm:
        """The form filled with a text, whatever the request holds; `choice` are texts that it can include."""
        data = {**fields_of(content), "note": note}
        return cls(formdata=None, data=data, choice=choice, kind=content.kind)

    @classmethod
    def sent(cls, missing: Content, choice: Sequence[Includable]) -> EditorForm:
        """The form as it was sent; a field that did not arrive shows `missing`, never an emptied text."""
        return cls(formdata=request.form, data=fields_of(missing), choice=choice, kind=missing.kind)

    @property
    def base(self) -> int | None:
        """The version that the writer started from; None if the form does not say."""
        return whole_number(request.form.get("base_version"))

    @property
    def corrected_words(self) -> str:
        """The digest of the published words that a corrigendum is written on, where it says so."""
        return request.form.get("corrected_words", "")

    def content(self) -> Content:
        """What was typed, in its canonical form. Raises `UnacceptableText` unless the form is valid."""
        return Content(
            title=self.title.data or "",
            text=self.text.data or "",
            summary=self.summary.data or "",
            rationale=self.rationale.data or "",
            dimension=self.dimension.data or "",
            addressees=tuple(self.addressees.data or ()),
            commitments=tuple(self.commitments.data or ()),
            kind=self.kind,
            includes=tuple(self.includes.data or ()),
        ).canonical()

    def has_conflicts(self) -> bool:
        """Whether a text still holds the marks of a merge; the rich editor would read them as headings."""
        texts = (self.summary.data, self.text.data, self.rationale.data)
        return any(has_conflict_marks((text or "").replace("\r\n", "\n")) for text in texts)


def fields_of(content: Content) -> dict[str, Any]:
    """A text as the form's fields."""
    return {
        "title": content.title,
        "summary": content.summary,
        "text": content.text,
        "rationale": content.rationale,
        "dimension": content.dimension,
        "addressees": list(content.addressees),
        "commitments": list(content.commitments),
        "includes": list(content.includes),
    }


def typed_fields() -> dict[str, object]:
    """What the request holds of the editor's fields, just as typed: for the working text."""
    fields: dict[str, object] = {
        name: request.form.get(name, "")
        for name in ("title", "summary", "text", "rationale", "dimension", "note", "corrected_words")
    }
    fields |= {name: request.form.getlist(name) for name in ("addressees", "commitments", "includes")}
    return fields


class BracketForm(FlaskForm):
    """How one bracket is settled: one of its alternatives, nothing, or other words."""

    class Meta:
        """The token is checked for every form of the application at once."""

        csrf = False

    choice = RadioField(_l("Agreed wording"), validate_choice=False, default="")
    wording = StringField(_l("Other words"), [_acceptable_wording], default="")

    def __init__(self, alternatives: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alternatives = alternatives
        self.choice.choices = []

    def validate_choice(self, field: Field) -> None:
        """One wording, and no other one beside it."""
        written = bool((self.wording.data or "").strip())
        if written and field.data not in ("", None, "other"):
            raise ValidationError(
                _("You chose a wording and also wrote one. Choose “Other words” if yours is meant.")
            )
        if not written and field.data != "none" and self._chosen() is None:
            raise ValidationError(_("Choose a wording, or write one."))

    def settled(self) -> str:
        """The words that take the bracket's place, of a valid form."""
        if self.choice.data == "none":
            return ""
        chosen = self._chosen()
        return (self.wording.data or "").strip() if chosen is None else chosen

    def _chosen(self) -> str | None:
        number = whole_number(self.choice.data)
        return self.alternatives[number] if number is not None and number < len(self.alternatives) else None
