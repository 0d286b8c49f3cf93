"""What an open page of a recommendation asks again and again: what is new, and who else is there.

Polling, and not a stream: an open stream would hold a thread of the server, and the answer to most polls is
empty. It works the same on any number of processes, since only the database is asked.
"""

from __future__ import annotations

import hashlib

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from reviewflow.domain.permissions import Permission
from reviewflow.domain.presence import wants_noting
from reviewflow.gateways import clock
from reviewflow.queries import live
from reviewflow.queries.live import Live
from reviewflow.services.presence import note_presence
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_actor, current_place
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace.sentences import event_sentence

blueprint = Blueprint("live", __name__)
allowed(Permission.READ_ITEM)(blueprint)


@blueprint.get("/recommendations/<key>/live")
def news(key: str) -> ResponseReturnValue:
    """What is new since the event with the hash `mark` (none: since now), and who else is there.

    204 where nothing is, and where those whom `here` stands for still are. `writing` says that the asker is.
    """
    me, now = current_actor().person_id, clock.now()
    found = live.live(current_actor(), key)
    own = next((one for one in found.presences if one.person_id == me), None)
    writes = "writing" in request.args
    if wants_noting(own, writes=writes, at=now):
        note_presence(me, found.item_id, writes=writes)
    others = [(one.person_id, one.is_writing(now)) for one in found.presences if one.is_here(now)]
    others = [one for one in others if one[0] != me]
    here = hashlib.sha256(repr(others).encode()).hexdigest()[:12] if others else ""
    mark = request.args.get("mark", "")
    if mark == found.mark and here == request.args.get("here", ""):
        return "", 204
    return jsonify(
        mark=found.mark,
        version=found.subject.version,
        said=_said(found, mark, me) if mark not in ("", found.mark) else [],
        here=here,
        people=_people(others),
    )


def _said(found: Live, mark: str, me: int) -> list[dict[str, str]]:
    """What others have done since, each a sentence and the key of the thread that it is about, or "".

    What one did oneself on another page is not told.
    """
    events = live.events_since(current_actor(), found.item_id, mark)
    return [
        {
            "sentence": str(event_sentence(event, found.subject).sentence.striptags()),
            "thread": event.thread,
        }
        for event in events
        if event.actor_id != me
    ]


def _people(others: list[tuple[int, bool]]) -> str:
    """Who else is there, in one line."""
    names = current_place().directory.name_of
    said = [
        _("%(name)s (writing)", name=names(person)) if is_writing else names(person)
        for person, is_writing in others
    ]
    return _("Also here: %(names)s", names=", ".join(said)) if said else ""
