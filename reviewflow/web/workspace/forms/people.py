"""Forms of people and seats: which fields there are, and no rules. Templates write the inputs."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField

from reviewflow.web.language import lazy_gettext as _l


class InviteForm(FlaskForm):
    """An address, and the seat that is offered to it as `role` or `role:group`."""

    email = StringField(_l("E-mail"))
    seat = StringField(_l("Seat"))


class RoleForm(FlaskForm):
    """The role that a member is to have."""

    role = StringField(_l("Role"))


class NewcomerForm(FlaskForm):
    """The name and the password of who has no account yet."""

    name = StringField(_l("Name"))
    password = PasswordField(_l("Password"))
