"""The front page of the desk, as sentences: waiting for you, waiting for the others, news; and help."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from reviewflow.domain import diagram
from reviewflow.domain.permissions import Permission
from reviewflow.domain.workflow import may_create
from reviewflow.queries import waiting as lists
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_place
from reviewflow.web.workspace import handbook, sentences, waiting_sentences
from reviewflow.web.workspace.paging import page_number

blueprint = Blueprint("home", __name__)
allowed(Permission.ENTER)(blueprint)


@blueprint.get("/")
def waiting() -> ResponseReturnValue:
    """What the person can move now, oldest first; further pages hold that list alone."""
    place = current_place()
    page = page_number(request.args.get("page", ""))
    front = lists.front(place.actor, tuple(place.directory.groups), page, place.principal)
    return render_template(
        "workspace/home/waiting.html",
        mine=[(w, waiting_sentences.task_sentence(w)) for w in front.mine],
        others=_by_party([(h, waiting_sentences.held_sentence(h)) for h in front.others]),
        news=[(n, sentences.news_sentence(n)) for n in front.news],
        page=page,
        pages=max(1, -(-place.waiting // lists.PAGE)),
        first=(page - 1) * lists.PAGE + 1,
        may_draft=may_create(place.actor),
    )


def _by_party(
    held: list[tuple[lists.Held, sentences.Said]],
) -> list[tuple[lists.Held, sentences.Said]]:
    """Kept together by party, the one that has been waited for longest first."""
    order: dict[tuple[int, ...], int] = {}
    for item, _ in held:
        order.setdefault(item.holders, len(order))
    return sorted(held, key=lambda pair: order[pair[0].holders])


@blueprint.get("/help")
def help() -> ResponseReturnValue:
    """How the procedure goes, for one audience: the reader's own, or the one that the address names."""
    audience = handbook.audience_for(request.args.get("for", ""), current_place().actor.role)
    draw = getattr(diagram, "svg", None)
    return render_template(
        "workspace/help/help.html",
        audience=audience,
        audiences=handbook.AUDIENCES,
        rows=handbook.rows(audience),
        picture=Markup(draw()) if draw else None,  # noqa: S704 - drawn from the table of rules alone
    )
