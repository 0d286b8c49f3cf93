"""Forms of people and seats: which fields there are, and no rules. Templates write the inputs."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, TextAreaField

from reviewflow.web.language import lazy_gettext as _l


class InviteForm(FlaskForm):
    """An address, and the seat that is offered to it as `role` or `role:group`."""

    email = StringField(_l("E-mail"))
    seat = StringField(_l("Seat"))


class RoleForm(FlaskForm):
    """The role that a member is to have."""

    role = StringField(_l("Role"))


class StandInForm(FlaskForm):
    """Who is to stand in, and the days of the period on the reader's clock, both included."""

    stand_in = StringField(_l("Stand-in"))
    first_day = StringField(_l("First day"))
    last_day = StringField(_l("Last day"))


class SettingsForm(FlaskForm):
    """What is said of a task force."""

    name = StringField(_l("Name"))
    description = TextAreaField(_l("Description"))
    disclaimer = TextAreaField(_l("Disclaimer"))
    notice = TextAreaField(_l("Notice"))


class GroupForm(FlaskForm):
    """How a group is called and where it works; `slug` of a new one only."""

    slug = StringField(_l("Word in addresses"))
    name = StringField(_l("Name"))
    short_name = StringField(_l("Short name"))
    letter = StringField(_l("Letter"))
    city = StringField(_l("City"))
    time_zone = StringField(_l("Time zone"))
    language = StringField(_l("Language"))
    holiday_country = StringField(_l("Country of its holidays"))


class NewcomerForm(FlaskForm):
    """The name and the password of who has no account yet."""

    name = StringField(_l("Name"))
    password = PasswordField(_l("Password"))
