"""Forms of acts and threads: which fields there are, and no rules. Templates write the radio buttons."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField

from reviewflow.web.language import lazy_gettext as _l


class ActForm(FlaskForm):
    """The version that an act is about, the words that it needs, and in whose name it is if not one's own."""

    version = HiddenField()
    principal = HiddenField()
    reason = TextAreaField(_l("Reason"))


class PositionForm(ActForm):
    """A stand with its reason."""

    stand = StringField(_l("Position"))


class RecordedForm(PositionForm):
    """The stand of another member, and how it was given."""

    member = HiddenField(_l("Member"))
    means = StringField(_l("How it was given"))


class InstantForm(ActForm):
    """An instant of expiry, as ISO 8601 writes it."""

    until = HiddenField(_l("End of silence"))


class MomentForm(ActForm):
    """A day and time on the reader's clock."""

    moment = StringField(_l("Date and time"))


class ThreadForm(FlaskForm):
    """A new thread."""

    version = HiddenField()
    paragraph = HiddenField()
    words = StringField(_l("The words you mean"))
    near = HiddenField()
    internal = StringField(_l("Who sees it"))
    concern = StringField(_l("Concern"))
    text = TextAreaField(_l("Comment"))


class ConcernForm(FlaskForm):
    """How a concern ends, on the version that was looked at."""

    version = HiddenField()
    end = StringField(_l("How it ends"))
    text = TextAreaField(_l("Your words"))


class ConfirmForm(FlaskForm):
    """Whether an approximate place is the right one, in the version that was looked at."""

    version = HiddenField()
    right = StringField()


class ReplyForm(FlaskForm):
    """An answer in a thread."""

    text = TextAreaField(_l("Reply"))
