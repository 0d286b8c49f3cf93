"""Waits and events as sentences, each with its act or its item as a link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, url_for
from markupsafe import Markup, escape

from reviewflow.domain.acts import POSITIONS
from reviewflow.domain.ballots import Stand
from reviewflow.domain.follow_up import ASSESSMENT_RECORDED, RESPONSE_RECORDED
from reviewflow.domain.items import State
from reviewflow.domain.steps import HAND_BACK_OBJECTION, HAND_OVER_OBJECTION
from reviewflow.domain.waiting import COORDINATOR_PARTY, Task
from reviewflow.domain.workflow import Action
from reviewflow.queries.accounts import Group
from reviewflow.queries.editing import Editable
from reviewflow.queries.events import Happened
from reviewflow.queries.tallies import Standing
from reviewflow.queries.waiting import Held, News, Subject, Waiting
from reviewflow.web import times, words
from reviewflow.web.identity import current_place
from reviewflow.web.language import gettext as _
from reviewflow.web.language import ngettext
from reviewflow.web.workspace.naming import you_or_who_acted


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence and what stands under it: the group whose mark it bears, and a remark."""

    sentence: Markup
    group: Group | None = None
    remark: str = ""


def task_sentence(waiting: Waiting) -> Said:
    """What is wanted of the reader, with the act as the link."""
    subject = waiting.subject
    item = _name(subject)
    version, group = subject.version, _group_name(subject.group_id)
    own = _group_name(current_place().actor.group_id)
    standing = waiting.standing
    match waiting.task:
        case Task.PROPOSE:
            return _draft(waiting)
        case Task.ANSWER_CHANGES:
            return Said(
                _fill(
                    _("%(item)s came back to your group – %(act)s."),
                    item=item,
                    act=_act(
                        _("answer what was asked for, and resubmit it"), subject, "desk.recommendations.show"
                    ),
                )
            )
        case Task.SETTLE:
            return Said(
                _fill(
                    _("%(open)s in %(item)s – %(act)s."),
                    open=_open(standing, waiting.open_brackets, waiting.open_suggestions),
                    item=item,
                    act=_act(_("answer or settle it"), subject),
                )
            )
        case Task.TAKE_POSITION:
            act = _act(_("state your position on version %(version)d", version=version), subject)
            return Said(_fill(_("%(group)s proposes %(item)s – %(act)s."), group=group, item=item, act=act))
        case Task.RECONSIDER:
            return _reconsider(waiting)
        case Task.AGREE:
            act = _act(_("agree to version %(version)d", version=version), subject)
            return Said(
                _fill(
                    _("%(own)s has found its answer to %(item)s – %(act)s, or say what is missing."),
                    own=own,
                    item=item,
                    act=act,
                ),
                remark=_tallies(standing),
            )
        case Task.AGREE_TOGETHER:
            return Said(
                _fill(
                    _("%(own)s has found its answer to %(item)s, which is tied to other texts – %(act)s."),
                    own=own,
                    item=item,
                    act=_act(_("see what their package still needs"), subject),
                ),
                remark=_tallies(standing),
            )
        case Task.COMPLETE_PACKAGE:
            act = _act(_("see what it still needs of yours"), subject)
            return Said(
                _fill(_("Every other group agrees to the package of %(item)s – %(act)s."), item=item, act=act)
            )
        case Task.DECIDE:
            return Said(
                _fill(
                    _("%(own)s can’t agree to %(item)s as it stands – %(act)s."),
                    own=own,
                    item=item,
                    act=_act(_("win the group over, ask for changes, or decline"), subject),
                ),
                remark=_tallies(standing),
            )
        case Task.CONSENT | Task.SPEAK_OR_BE_SILENT:
            return _silence(waiting)
        case Task.APPROVE:
            act = _act(_("approve version %(version)d for dissemination", version=version), subject)
            return Said(
                _fill(_("Every group agrees to %(item)s – %(act)s, or return it."), item=item, act=act)
            )
        case Task.PUBLISH:
            return Said(
                _fill(
                    _("%(item)s is approved – %(act)s."),
                    item=item,
                    act=_act(_("publish version %(version)d", version=version), subject),
                )
            )


def _draft(waiting: Waiting) -> Said:
    """A draft that lacks something leads to the editor, a complete one to the button that proposes it."""
    subject = waiting.subject
    if waiting.missing:
        lacking = ", ".join(words.field_label(name).lower() for name in waiting.missing)
        act = _act(_("finish it"), subject, "desk.editing.edit")
        sentence = _fill(
            _("The draft %(item)s still lacks: %(lacking)s – %(act)s."),
            item=_name(subject),
            lacking=lacking,
            act=act,
        )
    else:
        act = _act(_("propose it to the other side"), subject)
        sentence = _fill(_("The draft %(item)s is complete – %(act)s."), item=_name(subject), act=act)
    return Said(sentence)


def _silence(waiting: Waiting) -> Said:
    """Silence that is proposed, that runs, or that somebody wants longer, with its end in every zone."""
    subject = waiting.subject
    until = times.time_tag(waiting.until, "capitals") if waiting.until else ""
    if waiting.task is Task.SPEAK_OR_BE_SILENT:
        act = _act(_("object or suggest other words before, if you can’t accept it"), subject)
        sentence = _("Silence on %(item)s ends %(until)s – %(act)s.")
    elif waiting.silence_runs:
        act = _act(_("consent to it, or let it be"), subject)
        sentence = _("A later end of silence on %(item)s than %(until)s is asked for – %(act)s.")
    else:
        act = _act(_("accept or refuse it for your group"), subject)
        sentence = _("Silence until %(until)s is proposed on %(item)s – %(act)s.")
    return Said(_fill(sentence, item=_name(subject), until=until, act=act))


def _reconsider(waiting: Waiting) -> Said:
    subject, standing = waiting.subject, waiting.standing
    group = _group_name(subject.group_id)
    if standing.same_text:
        act = _act(_("read it and state your position anew"), subject)
        sentence = _("%(group)s answered in words on %(item)s after you took your position – %(act)s.")
    else:
        since: dict[str, Any] = {"from": "approved"}
        changes = url_for("desk.versions.compare", key=subject.key, **since)
        read = Markup('<a class="act" href="{}">{}</a>').format(changes, _("read the change"))
        act = _act(_("state your position anew"), subject)
        sentence = _("%(group)s changed %(item)s after you took your position – %(read)s and %(act)s.")
        filled = _fill(sentence, group=group, item=_name(subject), read=read, act=act)
        return Said(filled, remark=_tallies(standing))
    return Said(_fill(sentence, group=group, item=_name(subject), act=act), remark=_tallies(standing))


def held_sentence(held: Held) -> Said:
    """What somebody else is waited for with."""
    subject, place = held.subject, current_place()
    item = _link(subject)
    parties = [place.directory.groups[party] for party in held.holders if party != COORDINATOR_PARTY]
    who = ", ".join(group.short_name for group in parties) or _(
        "%(name)s, coordinator", name=place.directory.coordinators()
    )
    remark = ""
    if held.silence_until:
        sentence = _("%(who)s: silence on version %(version)d of %(item)s, until %(until)s.")
        until = times.time_tag(held.silence_until, "capitals")
        filled = _fill(sentence, who=who, version=subject.version, item=item, until=until)
        return Said(filled, parties[0] if parties else None, _tallies(held.standing))
    match held.state:
        # The group that proposes a text is waited for with it only if all others agree to its package.
        case State.PROPOSED if held.holders == (subject.group_id,):
            sentence = _("%(who)s: agree to the package of %(item)s, as the other groups do.")
        case State.PROPOSED:
            sentence = _("%(who)s: take positions on version %(version)d of %(item)s, and agree.")
            remark = _tallies(held.standing)
        case State.CHANGES_REQUESTED:
            sentence = _("%(who)s: answer what was asked for in %(item)s, and resubmit it.")
        case State.DRAFT:
            sentence = _("%(who)s: %(item)s is being written anew.")
        case State.AGREED:
            sentence = _("%(who)s: approve %(item)s for dissemination, or return it.")
        case _:
            sentence = _("%(who)s: publish %(item)s.")
    filled = _fill(sentence, who=who, item=item, version=subject.version)
    return Said(filled, parties[0] if parties else None, remark)


def news_sentence(news: News, *, linked: bool = True) -> Said:
    """What happened, and who did it; the reader's own acts begin with "You"."""
    who = you_or_who_acted(news.actor_id, news.principal)
    sentence = _taken(news) if news.name in POSITIONS else _happened(news)
    item = _link(news.subject) if linked else _name(news.subject)
    filled = _fill(sentence, who=who, item=item, version=news.version or news.subject.version)
    return Said(filled, current_place().directory.group_of(news.actor_id))


def _happened(news: News) -> str:
    """The words of an event. A version is named only where the act circulates it or is bound to it."""
    if news.internal and news.name in _internally():
        return _internally()[news.name]
    return _told().get(news.name, _("%(who)s changed %(item)s."))


@words.once_a_language
def _internally() -> dict[str, str]:
    return {
        "thread_opened": _("%(who)s opened a discussion within the group on %(item)s."),
        "comment_added": _("%(who)s commented within the group on %(item)s."),
        "place_confirmed": _("%(who)s confirmed the words of a discussion within the group on %(item)s."),
        "place_rejected": _("%(who)s found the words of a discussion within the group on %(item)s gone."),
        "thread_resolved": _("%(who)s resolved a discussion within the group on %(item)s."),
        "thread_reopened": _("%(who)s reopened a discussion within the group on %(item)s."),
        Action.SUGGEST: _("%(who)s suggested other words within the group for %(item)s."),
        "suggestion_rejected": _("%(who)s rejected a suggestion within the group for %(item)s."),
        "suggestion_withdrawn": _("%(who)s withdrew a suggestion within the group for %(item)s."),
    }


@words.once_a_language
def _told() -> dict[str, str]:
    return {
        Action.CREATE: _("%(who)s drafted %(item)s."),
        Action.REVISE: _("%(who)s saved version %(version)d of %(item)s."),
        Action.PROPOSE: _("%(who)s proposed %(item)s."),
        Action.SUGGEST: _("%(who)s suggested other words for %(item)s."),
        Action.AMEND: _("%(who)s settled open words of %(item)s, which made version %(version)d."),
        Action.RAISE_CONCERN: _("%(who)s raised a concern about %(item)s that must be answered."),
        Action.END_CONCERN: _("%(who)s said how a concern about %(item)s ended."),
        Action.RECUSE: _("%(who)s left the drafting of %(item)s."),
        Action.REJOIN: _("%(who)s came back to the drafting of %(item)s."),
        Action.PROPOSE_SILENCE: _("%(who)s proposed a silence procedure on version %(version)d of %(item)s."),
        Action.ACCEPT_SILENCE: _("%(who)s accepted the silence procedure on %(item)s for the group."),
        Action.REFUSE_SILENCE: _("%(who)s refused the silence procedure on %(item)s."),
        Action.EXTEND_SILENCE: _("%(who)s consented to a later end of silence on %(item)s."),
        "break_silence": _("%(who)s broke silence on %(item)s."),
        HAND_OVER_OBJECTION: _("An open objection to %(item)s passed to its group’s lead."),
        HAND_BACK_OBJECTION: _("An open objection to %(item)s is its author’s again."),
        Action.EXPIRE_SILENCE: _("Silence on version %(version)d of %(item)s is over."),
        Action.LAPSE_SILENCE: _("The silence proposed on %(item)s lapsed: not every lead had accepted it."),
        Action.RECALL: _("%(who)s took %(item)s back for changes."),
        Action.REQUEST_CHANGES: _("%(who)s asked for changes in %(item)s."),
        Action.RESUBMIT: _("%(who)s resubmitted %(item)s, in version %(version)d."),
        Action.AGREE: _("%(who)s recorded the group’s agreement to version %(version)d of %(item)s."),
        Action.DECLINE: _("%(who)s declined %(item)s."),
        Action.APPROVE: _("%(who)s approved version %(version)d of %(item)s for dissemination."),
        Action.RETURN: _("%(who)s returned %(item)s for changes."),
        Action.SCHEDULE: _("%(who)s set the time at which %(item)s is published."),
        Action.UNSCHEDULE: _("%(who)s took back the time at which %(item)s was to be published."),
        Action.PUBLISH: _("%(who)s published %(item)s."),
        Action.WITHDRAW: _("%(who)s withdrew %(item)s."),
        Action.REOPEN: _("%(who)s reopened %(item)s as a draft."),
        Action.SUPERSEDE: _("%(item)s was superseded by a newer text."),
        Action.CORRECT: _("%(item)s was corrected by a corrigendum."),
        Action.RETRACT: _("%(who)s retracted %(item)s."),
        Action.TIE: _("%(who)s tied %(item)s to other texts, to be agreed together."),
        Action.UNTIE: _("%(who)s untied %(item)s from the texts of its package."),
        "ask_sign_off": _("%(who)s asked for a sign-off of %(item)s by link."),
        "withdraw_sign_off": _("%(who)s took a link for a sign-off of %(item)s back."),
        "package_consent": _("%(who)s agreed for the group to the package of %(item)s."),
        Action.ATTACH_STATEMENT: _("%(who)s attached a statement to %(item)s."),
        Action.WITHDRAW_STATEMENT: _("%(who)s withdrew a statement to %(item)s."),
        RESPONSE_RECORDED: _("%(who)s recorded a response to %(item)s."),
        ASSESSMENT_RECORDED: _("%(who)s recorded how far %(item)s is implemented."),
        "thread_opened": _("%(who)s opened a discussion on %(item)s."),
        "comment_added": _("%(who)s commented on %(item)s."),
        "place_confirmed": _("%(who)s confirmed the words of a discussion on %(item)s."),
        "place_rejected": _("%(who)s found the words of a discussion on %(item)s gone."),
        "thread_resolved": _("%(who)s resolved a discussion on %(item)s."),
        "thread_reopened": _("%(who)s reopened a discussion on %(item)s."),
        "suggestion_rejected": _("%(who)s rejected a suggestion for %(item)s."),
        "suggestion_withdrawn": _("%(who)s withdrew a suggestion for %(item)s."),
    }


def event_sentence(event: Happened, subject: Subject) -> Said:
    """The same on the item's own page, so without a link to it."""
    said = (event.name, event.actor_id, event.at, event.version, event.stand, event.internal)
    return news_sentence(News(subject, *said, event.principal), linked=False)


def came_back_sentence(view: Editable) -> Said | None:
    """Why a text is with its group again, for its editor."""
    if view.stopped_by is None:
        return None
    subject = Subject(view.key, view.group_id, view.symbol, view.head.content.title, view.head.number)
    return event_sentence(view.stopped_by, subject)


def _taken(news: News) -> str:
    if news.name == Action.RECORD_POSITION:
        return _("%(who)s recorded a position that a member gave on version %(version)d of %(item)s.")
    if news.stand is None:
        return _("%(who)s took a position on %(item)s.")
    return _stands()[news.stand]


@words.once_a_language
def _stands() -> dict[Stand, str]:
    return {
        Stand.APPROVE: _("%(who)s approved version %(version)d of %(item)s in the ballot."),
        Stand.NO_OBJECTION: _("%(who)s had no objection to version %(version)d of %(item)s."),
        Stand.OBJECT: _("%(who)s objected to version %(version)d of %(item)s."),
        Stand.ABSTAIN: _("%(who)s abstained on version %(version)d of %(item)s."),
        Stand.RECUSE: _("%(who)s left the ballot on %(item)s."),
        Stand.WITHDRAWN: _("%(who)s took their position on %(item)s back."),
    }


def _fill(sentence: str, **values: object) -> Markup:
    """Put values into a translated sentence; whatever is not markup is escaped."""
    safe = {name: value if isinstance(value, int) else escape(value) for name, value in values.items()}
    return Markup(sentence % safe)  # noqa: S704 - the sentence is ours, its values are escaped


def _name(subject: Subject) -> Markup:
    """An item within a sentence: its symbol, or its title in quotation marks while it has none."""
    if subject.symbol:
        return Markup(f'<span class="sym">{escape(subject.symbol)}</span>')  # noqa: S704 - escaped
    return escape(f"“{subject.title or _('without a title')}”")


#: Stands for the key in an address; nothing in it is escaped, and no address contains it.
_ANY_KEY = "~any-key~"


def _address(endpoint: str, key: str) -> str:
    """The address of an item's page. Flask builds each kind once a request: a list has fifty of one kind."""
    patterns: dict[str, str] = g.setdefault("item_addresses", {})
    if endpoint not in patterns:
        patterns[endpoint] = url_for(endpoint, key=_ANY_KEY)
    return patterns[endpoint].replace(_ANY_KEY, key)


def _link(subject: Subject) -> Markup:
    address = _address("desk.recommendations.show", subject.key)
    return Markup(f'<a href="{escape(address)}">{_name(subject)}</a>')  # noqa: S704 - escaped


def _act(said: str, subject: Subject, endpoint: str = "desk.recommendations.show") -> Markup:
    """The act of a sentence, as a link to where it is done; the item's name tells it from others."""
    address = _address(endpoint, subject.key)
    return Markup(f'<a class="act" href="{escape(address)}">{escape(said)}</a>')  # noqa: S704 - escaped


def _group_name(group_id: int | None) -> str:
    group = current_place().directory.groups.get(group_id or 0)
    return group.short_name if group else ""


def _open(standing: Standing, brackets: int, suggestions: int) -> str:
    """`1 objection and 2 brackets are open`."""
    objections, concerns = standing.objections, standing.concerns
    said = []
    if suggestions:
        said.append(ngettext("%(num)d suggestion", "%(num)d suggestions", suggestions))
    if objections:
        said.append(ngettext("%(num)d objection", "%(num)d objections", objections))
    if concerns:
        said.append(ngettext("%(num)d concern", "%(num)d concerns", concerns))
    if brackets:
        said.append(ngettext("%(num)d bracket", "%(num)d brackets", brackets))
    return ngettext(
        "%(what)s is open",
        "%(what)s are open",
        objections + concerns + brackets + suggestions,
        what=_(" and ").join(said),
    )


def _tallies(standing: Standing) -> str:
    """How the ballots stand; the group is named where there is more than one."""
    tallies = standing.outcomes
    if len(tallies) == 1:
        return "".join(words.tally_sentence(outcome) for outcome in tallies.values())
    return "; ".join(
        f"{_group_name(group)}: {words.tally_sentence(outcome)}" for group, outcome in tallies.items()
    )
