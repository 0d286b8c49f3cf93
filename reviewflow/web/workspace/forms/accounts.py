"""The forms of signing in and of one's account."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import PasswordField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from reviewflow.web.language import lazy_gettext as _l

#: What an address has to be to be looked up.
_ADDRESS = (
    InputRequired(_l("Enter your e-mail address.")),
    Length(max=254),
    Regexp(r"[^\x00-\x1f]*\Z", message=_l("Enter your e-mail address.")),
)


class SignInForm(FlaskForm):
    """Address and password."""

    email = StringField(_l("E-mail"), _ADDRESS)
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter your password.")), Length(max=1000)])


class PasswordForm(FlaskForm):
    """Another password; what it has to be is the domain's affair."""

    new_password = PasswordField(_l("New password"), [InputRequired(_l("Choose a password."))])


class ResetForm(PasswordForm):
    """Another password by a link, and what of the other ways in stays; nothing that is not named."""

    keep = SelectMultipleField(
        _l("Which of these are yours?"),
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class ForgottenForm(FlaskForm):
    """The address of who has forgotten their password."""

    email = StringField(_l("E-mail"), _ADDRESS)


class ProfileForm(FlaskForm):
    """What a person says of themselves."""

    name_ru = StringField(_l("Name in Russian"))
    name_kk = StringField(_l("Name in Kazakh"))
    affiliation = StringField(_l("Affiliation"))
    language = SelectField(_l("Language"), validate_choice=False)
    time_zone = SelectField(_l("Time zone"), validate_choice=False)


class NoticesForm(FlaskForm):
    """When one is mailed about what waits."""

    notices = RadioField(_l("When something waits for you"), validate_choice=False)


class TokenForm(FlaskForm):
    """A token for a program."""

    name = StringField(_l("What you call it"))
    task_force = SelectField(_l("Task force"), validate_choice=False)
    days = SelectField(_l("It ends after"), validate_choice=False)


class CodeForm(FlaskForm):
    """A one-time code, or a recovery code."""

    code = StringField(_l("Code"), [InputRequired(_l("Enter a code.")), Length(max=40)])
