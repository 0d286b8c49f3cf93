"""Forms of packages: which fields there are, and no rules. Templates write the checkboxes."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectMultipleField, StringField

from reviewflow.web.language import lazy_gettext as _l


class TieForm(FlaskForm):
    """The title of a package, and the keys of its texts."""

    title = StringField(_l("Title"))
    texts = SelectMultipleField(_l("Texts"), validate_choice=False)


class ConsentForm(FlaskForm):
    """The seal of the texts that the lead has read."""

    seal = HiddenField()
