"""Who did something, in words: also where somebody did it in another's name."""

from __future__ import annotations

from reviewflow.web.identity import current_place
from reviewflow.web.language import gettext as _


def who_acted(actor_id: int | None, principal: int | None = None) -> str:
    """`Elena Marsh`, or `Elena Marsh for Walter Adair`, as far as the reader may know their names.

    Under the Chatham House Rule both have the one name of their group.
    """
    directory = current_place().directory
    who = directory.name_of(actor_id) or _("The server’s clock")
    name = directory.name_of(principal)
    return who if name in ("", who) else _("%(who)s for %(principal)s", who=who, principal=name)


def you_or_who_acted(actor_id: int | None, principal: int | None = None) -> str:
    """The same for a sentence, in which the reader is \"You\"."""
    place = current_place()
    if actor_id != place.actor.person_id:
        return who_acted(actor_id, principal)
    name = place.directory.name_of(principal)
    return _("You, for %(principal)s,", principal=name) if name else _("You")
