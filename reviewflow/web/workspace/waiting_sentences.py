"""What waits, as sentences: for the reader, with the act as a link, and for the others."""

from __future__ import annotations

from typing import Any

from flask import url_for
from markupsafe import Markup

from reviewflow.domain.items import State
from reviewflow.domain.waiting import COORDINATOR_PARTY, Task
from reviewflow.queries.tallies import Standing
from reviewflow.queries.waiting import Held, Waiting
from reviewflow.web import times, words
from reviewflow.web.identity import current_place
from reviewflow.web.language import gettext as _
from reviewflow.web.language import ngettext
from reviewflow.web.workspace.sentences import (
    Said,
    act_link,
    fill,
    group_name,
    item_link,
    item_name,
)


def task_sentence(waiting: Waiting) -> Said:
    """What is wanted of the reader, with the act as the link."""
    subject = waiting.subject
    item = item_name(subject)
    version, group = subject.version, group_name(subject.group_id)
    own = group_name(current_place().actor.group_id)
    standing = waiting.standing
    match waiting.task:
        case Task.PROPOSE:
            return _draft(waiting)
        case Task.ANSWER_CHANGES:
            return Said(
                fill(
                    _("%(item)s came back to your group – %(act)s."),
                    item=item,
                    act=act_link(
                        _("answer what was asked for, and resubmit it"), subject, "desk.recommendations.show"
                    ),
                )
            )
        case Task.SETTLE:
            return Said(
                fill(
                    _("%(open)s in %(item)s – %(act)s."),
                    open=_open(standing, waiting.open_brackets, waiting.open_suggestions),
                    item=item,
                    act=act_link(_("answer or settle it"), subject),
                )
            )
        case Task.TAKE_POSITION:
            act = act_link(
                _("state a position on version %(version)d", version=version)
                if waiting.principal
                else _("state your position on version %(version)d", version=version),
                subject,
            )
            return Said(fill(_("%(group)s proposes %(item)s – %(act)s."), group=group, item=item, act=act))
        case Task.RECONSIDER:
            return _reconsider(waiting)
        case Task.AGREE:
            act = act_link(_("agree to version %(version)d", version=version), subject)
            return Said(
                fill(
                    _("%(own)s has found its answer to %(item)s – %(act)s, or say what is missing."),
                    own=own,
                    item=item,
                    act=act,
                ),
                remark=_tallies(standing),
            )
        case Task.AGREE_TOGETHER:
            return Said(
                fill(
                    _("%(own)s has found its answer to %(item)s, which is tied to other texts – %(act)s."),
                    own=own,
                    item=item,
                    act=act_link(_("see what their package still needs"), subject),
                ),
                remark=_tallies(standing),
            )
        case Task.COMPLETE_PACKAGE:
            act = act_link(_("see what it still needs of yours"), subject)
            return Said(
                fill(_("Every other group agrees to the package of %(item)s – %(act)s."), item=item, act=act)
            )
        case Task.DECIDE:
            return Said(
                fill(
                    _("%(own)s can’t agree to %(item)s as it stands – %(act)s."),
                    own=own,
                    item=item,
                    act=act_link(_("win the group over, ask for changes, or decline"), subject),
                ),
                remark=_tallies(standing),
            )
        case Task.CONSENT | Task.SPEAK_OR_BE_SILENT:
            return _silence(waiting)
        case Task.APPROVE:
            act = act_link(_("approve version %(version)d for dissemination", version=version), subject)
            return Said(
                fill(_("Every group agrees to %(item)s – %(act)s, or return it."), item=item, act=act)
            )
        case Task.PUBLISH:
            return Said(
                fill(
                    _("%(item)s is approved – %(act)s."),
                    item=item,
                    act=act_link(_("publish version %(version)d", version=version), subject),
                )
            )


def _draft(waiting: Waiting) -> Said:
    """A draft that lacks something leads to the editor, a complete one to the button that proposes it."""
    subject = waiting.subject
    if waiting.missing:
        lacking = ", ".join(words.field_label(name).lower() for name in waiting.missing)
        act = act_link(_("finish it"), subject, "desk.editing.edit")
        sentence = fill(
            _("The draft %(item)s still lacks: %(lacking)s – %(act)s."),
            item=item_name(subject),
            lacking=lacking,
            act=act,
        )
    else:
        act = act_link(_("propose it to the other side"), subject)
        sentence = fill(_("The draft %(item)s is complete – %(act)s."), item=item_name(subject), act=act)
    return Said(sentence)


def _silence(waiting: Waiting) -> Said:
    """Silence that is proposed, that runs, or that somebody wants longer, with its end in every zone."""
    subject = waiting.subject
    until = times.time_tag(waiting.until, "capitals") if waiting.until else ""
    if waiting.task is Task.SPEAK_OR_BE_SILENT:
        act = act_link(_("object or suggest other words before, if you can’t accept it"), subject)
        sentence = _("Silence on %(item)s ends %(until)s – %(act)s.")
    elif waiting.silence_runs:
        act = act_link(_("consent to it, or let it be"), subject)
        sentence = _("A later end of silence on %(item)s than %(until)s is asked for – %(act)s.")
    else:
        act = act_link(_("accept or refuse it for your group"), subject)
        sentence = _("Silence until %(until)s is proposed on %(item)s – %(act)s.")
    return Said(fill(sentence, item=item_name(subject), until=until, act=act))


def _reconsider(waiting: Waiting) -> Said:
    """A position that does not count any more: the reader's, or that of whom they stand in for."""
    subject, standing = waiting.subject, waiting.standing
    group, place = group_name(subject.group_id), current_place()
    whose, person = place.directory.name_of(waiting.principal), waiting.principal or place.actor.person_id
    if person in standing.same_text:
        act = act_link(
            _("read it and state a position anew") if whose else _("read it and state your position anew"),
            subject,
        )
        sentence = (
            _("%(group)s answered in words on %(item)s after %(whose)s took a position – %(act)s.")
            if whose
            else _("%(group)s answered in words on %(item)s after you took your position – %(act)s.")
        )
    else:
        seen = standing.seen.get(person)
        since: dict[str, Any] = {"from": seen if whose and seen else "approved"}
        changes = url_for("desk.versions.compare", key=subject.key, **since)
        read = Markup('<a class="act" href="{}">{}</a>').format(changes, _("read the change"))
        act = act_link(_("state a position anew") if whose else _("state your position anew"), subject)
        sentence = (
            _("%(group)s changed %(item)s after %(whose)s took a position – %(read)s and %(act)s.")
            if whose
            else _("%(group)s changed %(item)s after you took your position – %(read)s and %(act)s.")
        )
        filled = fill(sentence, group=group, item=item_name(subject), whose=whose, read=read, act=act)
        return Said(filled, remark=_tallies(standing))
    filled = fill(sentence, group=group, item=item_name(subject), whose=whose, act=act)
    return Said(filled, remark=_tallies(standing))


def held_sentence(held: Held) -> Said:
    """What somebody else is waited for with."""
    subject, place = held.subject, current_place()
    item = item_link(subject)
    parties = [place.directory.groups[party] for party in held.holders if party != COORDINATOR_PARTY]
    who = ", ".join(group.short_name for group in parties) or _(
        "%(name)s, coordinator", name=place.directory.coordinators()
    )
    remark = ""
    if held.silence_until:
        sentence = _("%(who)s: silence on version %(version)d of %(item)s, until %(until)s.")
        until = times.time_tag(held.silence_until, "capitals")
        filled = fill(sentence, who=who, version=subject.version, item=item, until=until)
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
    filled = fill(sentence, who=who, item=item, version=subject.version)
    return Said(filled, parties[0] if parties else None, remark)


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
        f"{group_name(group)}: {words.tally_sentence(outcome)}" for group, outcome in tallies.items()
    )
