"""Forms of statements: which fields there are, and no rules. Templates write the radio buttons."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField

from reviewflow.web.language import lazy_gettext as _l


class StatementForm(FlaskForm):
    """A new statement: on which version, of which kind, for whom, and its words."""

    version = HiddenField()
    kind = StringField(_l("Kind"))
    speaker = StringField(_l("For whom"))
    text = TextAreaField(_l("Statement"))


class WithdrawalForm(FlaskForm):
    """Nothing but the token."""
