"""The versions of a recommendation: the list, one of them, and any two compared word by word."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import NotFound
from reviewflow.domain.items import State
from reviewflow.domain.permissions import Permission
from reviewflow.domain.workflow import Action
from reviewflow.gateways.blocks import rendered_blocks, rendered_rationale
from reviewflow.queries import versions as read
from reviewflow.queries.parts import part_names
from reviewflow.queries.versions import Taken, Versions
from reviewflow.web import words
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_actor
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace.comparing import compare as compare_contents
from reviewflow.web.workspace.differing import labels

blueprint = Blueprint("versions", __name__)
allowed(Permission.READ_ITEM)(blueprint)

#: The two ways to look at a comparison; the first one if the address names none.
VIEWS = ("inline", "side")


@blueprint.get("/recommendations/<key>/versions", endpoint="list")
def list_versions(key: str) -> ResponseReturnValue:
    """Every version that the reader may see, the newest first."""
    found = read.versions(current_actor(), key)
    return render_template(
        "workspace/versions/list.html",
        versions=found,
        credited=read.credited(current_actor(), key),
        lines=[(line, found.before(line.number)) for line in reversed(found.lines)],
    )


@blueprint.get("/recommendations/<key>/versions/<int:number>")
def show(key: str, number: int) -> ResponseReturnValue:
    """The text of one version, marked if it is not the newest."""
    found = read.versions(current_actor(), key)
    line = found.line(number)
    manifest = read.texts(current_actor(), key, (number,))[number]
    wording = manifest.wording
    return render_template(
        "workspace/versions/show.html",
        versions=found,
        line=line,
        previous=found.before(number),
        manifest=manifest,
        blocks=rendered_blocks(wording.text, labels()),
        rationale=rendered_rationale(wording.rationale),
    )


@blueprint.get("/recommendations/<key>/compare")
def compare(key: str) -> ResponseReturnValue:
    """Two versions, the older one first; by default the last two.

    `from=approved` is the version on which the reader last took a position, agreed or approved.
    """
    actor = current_actor()
    found = read.versions(actor, key)
    own = read.taken(actor, key)
    old, new = chosen(found, own, request.args.get("from", ""), request.args.get("to", ""))
    texts = read.texts(actor, key, (old, new))
    view = request.args.get("view", "")
    return render_template(
        "workspace/versions/compare.html",
        versions=found,
        old=found.line(old),
        new=found.line(new),
        own=own,
        heading=heading(found, own, old, new),
        taken_words=taken_words(own) if own else "",
        confirmed=stand_to_confirm(found, own, old, new),
        compared=compare_contents(
            texts[old].content(),
            texts[new].content(),
            part_names(actor, texts[old].content(), texts[new].content()),
        ),
        language=texts[new].authentic_language,
        view=view if view in VIEWS else VIEWS[0],
    )


def chosen(found: Versions, own: Taken | None, first: str, second: str) -> tuple[int, int]:
    """The numbers that the address means, the smaller one first; `NotFound` for one that is not visible."""
    since_own_act = own.version if own and first == "approved" else None
    old = since_own_act if since_own_act is not None else _number(found, first)
    new = _number(found, second)
    if new is None:
        new = found.newest.number
    if old is None:
        before = found.before(new)
        old = before.number if before else new
    return min(old, new), max(old, new)


def _number(found: Versions, text: str) -> int | None:
    """A visible version's number; None for anything that is no number."""
    if not (text.isascii() and text.isdecimal()):
        return None
    if len(text) > 9:
        raise NotFound()
    return found.line(int(text)).number


def heading(found: Versions, own: Taken | None, old: int, new: int) -> str:
    """What the comparison is: what changed since the reader's own act, or just two numbers."""
    if own is None or own.version != old or new != found.newest.number:
        return _("Version %(old)d and version %(new)d compared", old=old, new=new)
    return words.changed_since(own.act)


def stand_to_confirm(found: Versions, own: Taken | None, old: int, new: int) -> Stand | None:
    """The stand that the reader can state anew with one click, having read what changed since; else None.

    An objection stays open by itself, and who took no part has nothing to confirm.
    """
    if own is None or found.state is not State.PROPOSED or own.version != old:
        return None
    if not old < new == found.newest.number:
        return None
    stand = own.act if own.act in (Stand.APPROVE, Stand.NO_OBJECTION, Stand.ABSTAIN) else None
    return Stand(stand) if stand else None


def taken_words(own: Taken) -> str:
    """What stands beside the version of the reader's own act."""
    told: dict[str, str] = {
        Stand.APPROVE: _("you approved it"),
        Stand.NO_OBJECTION: _("you had no objection"),
        Stand.OBJECT: _("you objected to it"),
        Stand.ABSTAIN: _("you abstained"),
        Stand.RECUSE: _("you left the ballot"),
        Stand.WITHDRAWN: _("you took your position back"),
        Action.AGREE: _("you agreed to it for your group"),
    }
    return told[own.act]
