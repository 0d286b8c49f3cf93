"""Forms of links by which guests sign off: which fields there are, and no rules."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField

from reviewflow.web.language import lazy_gettext as _l


class AskForm(FlaskForm):
    """Which guest is asked, on the version that was looked at."""

    version = HiddenField()
    member = StringField(_l("Whom you ask"))


class SigningForm(FlaskForm):
    """The button that was pressed, and the words of an objection."""

    stand = StringField(_l("Position"))
    reason = TextAreaField(_l("Reason"))
