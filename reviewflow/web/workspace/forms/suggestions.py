"""Forms of suggestions: which fields there are, and no rules."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField

from reviewflow.web.language import lazy_gettext as _l


class SuggestionForm(FlaskForm):
    """Other words for words of a paragraph, or brackets around them."""

    version = HiddenField()
    field = HiddenField()
    paragraph = HiddenField()
    near = HiddenField()
    bracket = HiddenField()
    words = TextAreaField(_l("The words you mean"))
    after = TextAreaField(_l("Say instead"))
    reason = TextAreaField(_l("Why"))
    internal = StringField(_l("Who sees it"))
