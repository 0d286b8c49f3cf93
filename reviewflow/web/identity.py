"""Who is asking: the signed-in person, and the actor that they are in the task force of the address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, Response, g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user

from reviewflow.domain.actors import Actor
from reviewflow.domain.errors import NotFound
from reviewflow.domain.stand_ins import StandInOver
from reviewflow.gateways import clock
from reviewflow.queries import accounts, sessions
from reviewflow.queries.accounts import Directory, Group, Member
from reviewflow.queries.sessions import SignedIn
from reviewflow.services.sessions import begin
from reviewflow.web.language import gettext as _
from reviewflow.web.language import prefer


class SessionLogin(LoginManager):
    """Flask-Login without its cookie beyond the session, for which it would look into every session.

    An answer that has looked says `Vary: Cookie`, and what is public depends on no cookie.
    """

    def _update_remember_cookie(self, response: Response) -> Response:
        return response


login_manager = SessionLogin()


class User(UserMixin):
    """Flask-Login's view of who is signed in; its id is what the cookie holds: the session's token."""

    def __init__(self, signed_in: SignedIn, token: str) -> None:
        self.signed_in = signed_in
        self.id = token


@dataclass(slots=True)
class Place:
    """Where a request is: the member, the actor, and the task force's people; one a request.

    `principal` is the actor that the member is in the name of who they stand in for, if anybody.
    """

    member: Member
    actor: Actor
    principal: Actor | None = None
    _directory: Directory | None = field(default=None)
    _waiting: int | None = field(default=None)

    @property
    def group(self) -> str:
        """The short name of the person's own group; empty for who sits in none."""
        seats = self.member.seats
        return next(seat.group for seat in seats if seat.task_force_id == self.actor.task_force_id)

    @property
    def directory(self) -> Directory:
        """The groups and people of the task force; asked for once, and not at all where nothing is shown."""
        if self._directory is None:
            self._directory = accounts.directory(
                self.actor.task_force_id, self.actor, _stand_in, _departed, self.member.language
            )
        return self._directory

    @property
    def waiting(self) -> int:
        """How many items wait for this person; asked for once."""
        if self._waiting is None:
            self._waiting = accounts.waiting_count(self.actor, self.principal)
        return self._waiting


def _stand_in(group: Group) -> str:
    """What stands for the name of a person whom the reader knows by their group."""
    return _("A member of the %(group)s group", group=group.short_name)


def _departed(name: str) -> str:
    """The name of who has left, wherever it stands: what they said stays, and is marked."""
    return _("%(name)s (has left)", name=name)


def register(app: Flask) -> None:
    """Attach Flask-Login; a person is loaded afresh with each request, in one statement."""
    # No template asks who is signed in: an answer about a failing database must not ask it once more.
    login_manager.init_app(app, add_context_processor=False)
    login_manager.session_protection = "basic"

    @login_manager.user_loader
    def load(token: str) -> User | None:
        found = sessions.signed_in(token)
        if found is None:
            return None
        prefer(found.member.language)
        return User(found, token)

    @app.context_processor
    def place_for_templates() -> dict[str, object]:
        return {"place": g.get("place")}


def sign_in_person(person_id: int, device: str, *, proven: bool = True) -> None:
    """Begin a session of this browser; whatever the cookie held before is gone."""
    session.clear()
    token = begin(person_id, device, proven=proven)
    found = sessions.signed_in(token)
    assert found, "a session that has just begun"
    login_user(User(found, token))


def current_sign_in() -> SignedIn | None:
    """Who is signed in, and by which session; None for nobody."""
    return cast(User, current_user).signed_in if current_user.is_authenticated else None


def current_member() -> Member | None:
    """Who is signed in, or None."""
    found = current_sign_in()
    return found.member if found else None


def enter(slug: str, member: Member | None = None) -> Place:
    """Enter a task force as a member, else as who is signed in; `NotFound` if they have no seat in it."""
    member = member or current_member()
    actor = member.actor_in(slug) if member else None
    if member is None or actor is None:
        raise NotFound()
    g.place = Place(member, actor, member.principal_in(slug, clock.now()))
    return cast(Place, g.place)


def current_place() -> Place:
    """The place of this request; only within the pages of a task force."""
    return cast(Place, g.place)


def current_actor() -> Actor:
    """The actor of this request; only within the pages of a task force."""
    return current_place().actor


def acting_for(person_id: int | None) -> Actor:
    """The actor of this request, or the one that they are in another member's name.

    Raises `StandInOver` if they do not stand in for that member (any more).
    """
    place = current_place()
    if person_id is None:
        return place.actor
    if place.principal is None or place.principal.person_id != person_id:
        raise StandInOver()
    return place.principal


def is_local_address(target: str | None) -> bool:
    """Whether a next-page address stays within this site: a path of ours and nothing else."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return False
    if any(ord(character) < 32 or character == "\\" for character in target):
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc


#: Fields of forms that no person fills in, and what is never shown.
_NOT_TYPED = frozenset(
    {
        *("csrf_token", "password", "new_password", "proof", "passkey", "page", "next", "once"),
        *("replaces", "corrects"),
        *("version", "base_version", "index", "field", "principal"),
    }
)


def typed_text() -> dict[str, str]:
    """What the person typed into the form of this request, to be given back to them."""
    return {
        name: "\n".join(values)
        for name, values in request.form.lists()
        if name not in _NOT_TYPED and len("".join(values).strip()) > 1
    }
