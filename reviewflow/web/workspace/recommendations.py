"""The page of one recommendation."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from reviewflow.domain.permissions import Permission
from reviewflow.domain.standings import STEPS, step_of, worth_saying
from reviewflow.gateways.blocks import rendered_rationale
from reviewflow.queries import recommendations as items
from reviewflow.queries.recommendations import RecommendationPage
from reviewflow.queries.waiting import Subject
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_actor, current_place
from reviewflow.web.workspace.act_words import act_words
from reviewflow.web.workspace.acts import act_address
from reviewflow.web.workspace.differing import fields_that_differ
from reviewflow.web.workspace.forms.deliberation import ConcernForm, ReplyForm, ThreadForm
from reviewflow.web.workspace.margin import by_place, fold_threads, threads_summary
from reviewflow.web.workspace.naming import who_acted
from reviewflow.web.workspace.packages import holds, state_sentence
from reviewflow.web.workspace.sentences import event_sentence
from reviewflow.web.workspace.suggestions import change_of, shown_text

blueprint = Blueprint("recommendations", __name__)
allowed(Permission.READ_ITEM)(blueprint)


@blueprint.get("/recommendations/<key>")
def show(key: str) -> ResponseReturnValue:
    """The text with its threads, what the reader can do now, and how the ballot stands.

    `?comment=` is the paragraph (from 1) whose form for a comment stands open.
    """
    page = items.recommendation(current_actor(), key, current_place().principal)
    form = ThreadForm(formdata=None, data={"paragraph": request.args.get("comment")})
    return show_page(page, view=request.args.get("text", ""), thread_form=form)


def show_page(
    page: RecommendationPage,
    *,
    view: str = "",
    thread_form: ThreadForm | None = None,
    reply_form: ReplyForm | None = None,
    concern_form: ConcernForm | None = None,
    reply_to: str = "",
    failed: str = "",
) -> str:
    """The page; a form that could not be saved comes with its words and the sentence `failed`."""
    shown = shown_text(page, view)
    return render_template(
        "workspace/recommendations/show.html",
        page=page,
        item_address=url_for("desk.recommendations.show", key=page.key),
        shown=shown,
        blocks=shown.blocks,
        suggested={s.key: s for s in page.suggestions},
        change_of=change_of,
        parts=[(one, rendered_rationale(one.manifest.wording.text, apart_by=one.key)) for one in page.parts],
        corrections=fields_that_differ(page.original.content(), page.content) if page.original else (),
        threads=by_place(page.threads if shown.with_threads else ()),
        fold_threads=fold_threads,
        others=[o for o in page.options if o.action is not page.primary and worth_saying(o)],
        lent=sorted((o for o in page.lent if o.possible), key=lambda o: o.action is not page.lent_primary),
        who_acted=who_acted,
        act_words=act_words,
        act_address=act_address,
        event_sentence=event_sentence,
        subject=Subject(page.key, page.group_id, page.symbol, page.wording.title, page.version),
        threads_summary=threads_summary,
        steps=STEPS,
        step=step_of(page.state),
        thread_form=thread_form or ThreadForm(formdata=None),
        reply_form=reply_form or ReplyForm(formdata=None),
        concern_form=concern_form,
        reply_to=reply_to,
        failed=failed,
        me=current_actor().person_id,
        package_holds=holds,
        package_sentence=state_sentence,
    )
