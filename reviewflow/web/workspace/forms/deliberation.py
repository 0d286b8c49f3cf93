"""Forms of acts and threads: which fields there are, and no rules."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, TextAreaField

from reviewflow.domain.ballots import Stand


class ActForm(FlaskForm):
    """The version that an act is about, and the words that it needs."""

    version = HiddenField()
    reason = TextAreaField(_l("Reason"))


class PositionForm(ActForm):
    """A stand with its reason."""

    stand = RadioField(_l("Position"), choices=[(s.value, s.value) for s in Stand], validate_choice=False)


class ThreadForm(FlaskForm):
    """A new thread."""

    version = HiddenField()
    paragraph = HiddenField()
    internal = RadioField(_l("Who sees it"), choices=[("", ""), ("1", "")], validate_choice=False)
    text = TextAreaField(_l("Comment"))


class ReplyForm(FlaskForm):
    """An answer in a thread."""

    text = TextAreaField(_l("Reply"))
