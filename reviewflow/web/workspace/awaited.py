"""What waits while its person is asked to show who they are: the act, and what it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import request

from reviewflow.domain.errors import NotFound
from reviewflow.queries import packages
from reviewflow.web import words
from reviewflow.web.identity import current_actor, current_place
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace.forms.editing import whole_number
from reviewflow.web.workspace.people import chosen_seat, seat_label


@dataclass(frozen=True, slots=True)
class Awaited:
    """An act in the words of its button, and the text, person or seat that it is about.

    Both are empty for what does not exist for its person: the question says nothing of it.
    """

    act: str = ""
    about: str = ""


def awaited(endpoint: str) -> Awaited:
    """What a form of the desk does that is asked about on its way in, by the name of its page."""
    describe = NAMED.get(endpoint.removeprefix("desk."))
    try:
        return describe() if describe else Awaited()
    except NotFound:
        return Awaited()


def _named(field: str) -> str:
    """The person whom the address or the form names."""
    number = (request.view_args or {}).get(field) or whole_number(request.form.get(field))
    return current_place().directory.name_of(number)


def _invite() -> Awaited:
    offered = seat_label(*chosen_seat(request.form.get("seat", "")))
    return Awaited(_("Invite %(email)s", email=request.form.get("email", "").strip()), offered)


def _change_role() -> Awaited:
    role = chosen_seat(request.form.get("role", ""))[0]
    return Awaited(_("Give another role: %(role)s", role=words.role_label(role)), _named("person"))


def _agree_to_package() -> Awaited:
    key = (request.view_args or {})["key"]
    found = packages.package(current_actor(), key, tuple(current_place().directory.groups))
    texts = "; ".join(text.symbol for text in found.texts)
    own = current_place().group
    return Awaited(_("Agree to the package for the %(own)s group", own=own), f"{found.title} ({texts})")


#: By the page that the form is sent to, below the desk.
NAMED: dict[str, Callable[[], Awaited]] = {
    "people.invite": _invite,
    "people.revoke": lambda: Awaited(_("Take an invitation back")),
    "people.change_role": _change_role,
    "people.hand_over": lambda: Awaited(_("Hand the lead over"), _named("person")),
    "stand_ins.name": lambda: Awaited(_("Name a stand-in"), _named("stand_in")),
    "packages.agree": _agree_to_package,
}
