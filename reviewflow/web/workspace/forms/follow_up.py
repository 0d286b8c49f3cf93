"""Forms of follow-up: which fields there are, and no rules. Templates write the inputs."""

from __future__ import annotations

from datetime import date

from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from reviewflow.web.language import lazy_gettext as _l


class SourcedForm(FlaskForm):
    """Where it can be read, and whether it corrects what counts now."""

    source_title = StringField(_l("Title of the source"))
    source_url = StringField(_l("Address of the source"))
    is_correction = StringField(_l("Correction"))


class ResponseForm(SourcedForm):
    """Who responded, how, when, and in which words."""

    addressee = StringField(_l("Addressee"))
    response = StringField(_l("Response"))
    considered_until = StringField(_l("Under consideration until"))
    given_on = StringField(_l("Given on"))
    words = TextAreaField(_l("Words of the response"))


class AssessmentForm(SourcedForm):
    """How far, as of when, and what shows it."""

    implementation = StringField(_l("Implementation"))
    as_of = StringField(_l("As of"))
    evidence = TextAreaField(_l("Evidence"))


def plain_day(typed: str | None) -> date | None:
    """A day as `2010-03-01`; None for anything else."""
    try:
        return date.fromisoformat((typed or "").strip())
    except ValueError:
        return None
