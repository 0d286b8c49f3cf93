"""Events as sentences, each with its item as a link, and what all sentences are made of."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, url_for
from markupsafe import Markup, escape

from reviewflow.domain.acts import POSITIONS
from reviewflow.domain.ballots import Stand
from reviewflow.domain.follow_up import ASSESSMENT_RECORDED, RESPONSE_RECORDED
from reviewflow.domain.steps import HAND_BACK_OBJECTION, HAND_OVER_OBJECTION
from reviewflow.domain.workflow import Action
from reviewflow.queries.accounts import Group
from reviewflow.queries.editing import Editable
from reviewflow.queries.events import Happened
from reviewflow.queries.waiting import News, Subject
from reviewflow.web import words
from reviewflow.web.identity import current_place
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace.naming import you_or_who_acted


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence and what stands under it: the group whose mark it bears, and a remark."""

    sentence: Markup
    group: Group | None = None
    remark: str = ""


def news_sentence(news: News, *, linked: bool = True) -> Said:
    """What happened, and who did it; the reader's own acts begin with "You"."""
    who = you_or_who_acted(news.actor_id, news.principal)
    sentence = _taken(news) if news.name in POSITIONS else _happened(news)
    item = item_link(news.subject) if linked else item_name(news.subject)
    filled = fill(sentence, who=who, item=item, version=news.version or news.subject.version)
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


def fill(sentence: str, **values: object) -> Markup:
    """Put values into a translated sentence; whatever is not markup is escaped."""
    safe = {name: value if isinstance(value, int) else escape(value) for name, value in values.items()}
    return Markup(sentence % safe)  # noqa: S704 - the sentence is ours, its values are escaped


def item_name(subject: Subject) -> Markup:
    """An item within a sentence: its symbol, or its title in quotation marks while it has none."""
    if subject.symbol:
        return Markup('<span class="sym">%s</span>') % subject.symbol
    return escape(f"“{subject.title or _('without a title')}”")


#: Stands for the key in an address; nothing in it is escaped, and no address contains it.
_ANY_KEY = "~any-key~"


def _address(endpoint: str, key: str) -> str:
    """The address of an item's page. Flask builds each kind once a request: a list has fifty of one kind."""
    patterns: dict[str, str] = g.setdefault("item_addresses", {})
    if endpoint not in patterns:
        patterns[endpoint] = url_for(endpoint, key=_ANY_KEY)
    return patterns[endpoint].replace(_ANY_KEY, key)


def item_link(subject: Subject) -> Markup:
    address = _address("desk.recommendations.show", subject.key)
    return Markup('<a href="%s">%s</a>') % (address, item_name(subject))


def act_link(said: str, subject: Subject, endpoint: str = "desk.recommendations.show") -> Markup:
    """The act of a sentence, as a link to where it is done; the item's name tells it from others."""
    address = _address(endpoint, subject.key)
    return Markup('<a class="act" href="%s">%s</a>') % (address, said)


def group_name(group_id: int | None) -> str:
    group = current_place().directory.groups.get(group_id or 0)
    return group.short_name if group else ""
