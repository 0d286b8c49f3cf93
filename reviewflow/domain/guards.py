"""The guards of the table: what stands in the way of an act beyond permission and state, as reasons."""

from __future__ import annotations

from collections.abc import Callable

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.acts import Act, Reason
from reviewflow.domain.ballots import Position, Stand, handed_over, tally
from reviewflow.domain.items import Item, RelationKind, State
from reviewflow.domain.parts import INCLUDABLE, PartStanding

#: A guard beyond permission: what stands in the way, as reasons; empty when nothing does.
Guard = Callable[[Item, Actor, Act], tuple[Reason, ...]]


def reason_given(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return () if act.reason.strip() else (Reason("reason_missing"),)


def text_changed(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return () if act.digest not in (None, item.head.digest) else (Reason("text_unchanged"),)


def complete(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return (Reason("incomplete", fields=item.head.missing),) if item.head.missing else ()


def counterpart_exists(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return () if item.counterparts else (Reason("no_counterpart"),)


def differs_from_what_is_seen(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    seen = item.version_for(actor)
    return () if seen and act.digest not in (None, seen.digest) else (Reason("same_words"),)


def only_settled(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    settled = act.only_brackets_cleaned or 0 < act.accepted <= item.open_suggestions
    return () if settled and not act.missing else (Reason("more_than_settled"),)


def something_to_settle(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return () if item.head.open_brackets or item.open_suggestions else (Reason("nothing_to_settle"),)


def nobody_agreed(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    agreed = tuple(group for group in item.counterparts if item.has_agreed(group))
    return (Reason("group_has_agreed", count=len(agreed)),) if agreed else ()


def own_group_not_agreed(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return (Reason("own_group_has_agreed"),) if item.has_agreed(actor.group_id or 0) else ()


def newer_or_answered(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    reviewed = item.circulated
    if act.reason.strip() or (reviewed and item.head.digest != reviewed.digest):
        return ()
    return (Reason("neither_newer_nor_answered"),)


def on_roster(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    ballot = item.ballot_of(actor.group_id or 0)
    return () if ballot and actor.person_id in ballot.roster else (Reason("not_on_roster"),)


def stand_taken(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    if act.stand is None:
        return (Reason("stand_missing"),)
    if act.stand is Stand.OBJECT and not act.reason.strip():
        return (Reason("objection_needs_reason"),)
    if act.stand is Stand.WITHDRAWN:
        ballot = item.ballot_of(actor.group_id or 0)
        position = ballot.position_of(act.member or actor.person_id) if ballot else None
        if position is None or position.stand is Stand.WITHDRAWN:
            return (Reason("no_position"),)
    return ()


def ballot_carries(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    ballot = item.ballot_of(actor.group_id or 0)
    if ballot is None or ballot.round != item.round:
        return (Reason("no_ballot"),)
    outcome = tally(ballot, item.head.digest)
    reasons = []
    if not outcome.voters:
        reasons.append(Reason("no_voters"))
    elif outcome.positions < outcome.needed:
        reasons.append(Reason("positions_missing", count=outcome.positions, needed=outcome.needed))
    if outcome.voters and not outcome.approvals:
        reasons.append(Reason("no_approval"))
    return tuple(reasons)


def no_open_objection(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    ballot = item.ballot_of(actor.group_id or 0)
    blocking = tally(ballot, item.head.digest).objectors if ballot else ()
    return (Reason("objection_open", count=len(blocking), people=blocking),) if blocking else ()


def no_open_concern(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    ballot = item.ballot_of(actor.group_id or 0)
    waiting = ballot.concerns if ballot else ()
    people = tuple(sorted(set(waiting)))
    return (Reason("concern_open", count=len(waiting), people=people),) if waiting else ()


def has_ballot(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return () if item.ballot_of(actor.group_id or 0) else (Reason("no_ballot"),)


def ends_a_concern_of_theirs(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """Its author ends a concern, or the lead of the author's group."""
    ballot = item.ballot_of(actor.group_id or 0)
    if ballot is None or act.concern not in ballot.concerns:
        return (Reason("no_such_concern"),)
    theirs = act.concern == actor.person_id or actor.role is Role.LEAD
    return () if theirs else (Reason("concern_of_another", people=(act.concern,)),)


def concern_end_chosen(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return () if act.concern_end else (Reason("concern_end_missing"),)


def no_open_bracket(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    count = item.head.open_brackets
    return (Reason("bracket_open", count=count),) if count else ()


def not_tied(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return (Reason("tied_already"),) if item.tied_by is not None else ()


def tied_by_own_group(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """The group that tied a package is the one to untie it."""
    if item.tied_by is None:
        return (Reason("not_tied"),)
    return () if item.tied_by == actor.group_id else (Reason("tied_by_another_group"),)


def agreed_with_its_package(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """Nothing is agreed until everything is agreed: what is tied is agreed to with its package."""
    return (Reason("tied"),) if item.tied_by is not None and not act.in_package else ()


def statement_worded(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return () if act.reason.strip() else (Reason("statement_missing"),)


def speaks_for_group(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """Only its lead speaks for a group; everybody speaks for themselves."""
    return (Reason("lead_speaks_for_group"),) if act.for_group and not actor.speaks_for_group else ()


def statement_is_theirs(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """A statement is withdrawn by its author, a group's also by its lead."""
    made = act.statement
    if made and made.author == actor.person_id:
        return ()
    if made and made.for_group and made.group_id == actor.group_id and actor.speaks_for_group:
        return ()
    return (Reason("statement_of_another"),)


def every_group_agreed(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    lacking = tuple(group for group in item.counterparts if not item.has_agreed(group))
    if lacking or not item.counterparts:
        return (Reason("agreement_missing", count=len(lacking)),)
    return ()


def approved(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return () if item.is_approved() else (Reason("approval_missing"),)


def text_intact(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return () if item.head.recomputed == item.head.digest else (Reason("text_not_intact"),)


def parts_hold(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """What is not approved can't be part of what is: each part that fails is named, by how it stands."""
    standings: dict[PartStanding, tuple[str, ...]] = {}
    for part in item.parts:
        if part.standing not in INCLUDABLE:
            standings[part.standing] = (*standings.get(part.standing, ()), part.symbol)
    return tuple(
        Reason(f"part_{standing}", count=len(symbols), fields=symbols)
        for standing, symbols in standings.items()
    )


def instant_reached(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """The coordinator publishes at once, the clock at the set instant and not before."""
    reached = item.publish_at is not None and act.at is not None and act.at >= item.publish_at
    return () if reached or actor.role is not Role.CLOCK else (Reason("instant_not_reached"),)


def publication_set(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """Whether an instant of publication is set."""
    return () if item.publish_at is not None else (Reason("publication_not_set"),)


def publication_not_set(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """What is to be published at a set instant is complete: nothing is attached to it or taken from it."""
    return (Reason("publication_set"),) if item.publish_at is not None else ()


def successor_published(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    follows = _is_followed(item, act.follower, RelationKind.SUCCESSOR)
    return () if follows else (Reason("successor_not_published"),)


def corrigendum_published(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    follows = _is_followed(item, act.follower, RelationKind.CORRIGENDUM)
    return () if follows else (Reason("corrigendum_not_published"),)


def original_in_force(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """A corrigendum is to words in force, as they were last corrected; a successor asks nothing of them."""
    relation = item.relation
    if relation is None or relation.kind is not RelationKind.CORRIGENDUM:
        return ()
    if relation.state is not State.PUBLISHED:
        return (Reason(f"original_{relation.state}"),)
    return (Reason("corrected_meanwhile"),) if relation.corrected_meanwhile else ()


def _is_followed(item: Item, new: Item | None, kind: RelationKind) -> bool:
    """Whether `new` went the whole way itself, and follows this item in that way."""
    return (
        new is not None
        and new.task_force_id == item.task_force_id
        and new.relation is not None
        and (new.relation.kind, new.relation.original) == (kind, item.id)
        and _went_whole_way(new)
    )


def _went_whole_way(item: Item) -> bool:
    """Whether an item is published, agreed by every counterpart group and approved: all on its head."""
    return (
        item.state is State.PUBLISHED
        and bool(item.counterparts)
        and all(item.has_agreed(group) for group in item.counterparts)
        and item.is_approved()
    )


def takes_part(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """Who recused themselves from the drafting has no hand in it."""
    return (Reason("recused"),) if actor.person_id in item.recused else ()


def is_recused(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """Only who recused themselves can take part again."""
    return () if actor.person_id in item.recused else (Reason("not_recused"),)


def own_ballot_open(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """Whether the actor's group has a ballot in this round."""
    ballot = item.ballot_of(actor.group_id or 0)
    return () if ballot and ballot.round == item.round else (Reason("no_ballot"),)


def given_by_member(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """A lead records what another member of the roster said, and how; an objection is its author's alone.

    Only one that was recorded can be recorded anew, and the lead who did so records its withdrawal too, on
    the member's word. Of who has left, a lead can only withdraw the open objection, which has passed to them.
    """
    ballot = item.ballot_of(actor.group_id or 0)
    handed = handed_over(ballot) if ballot else frozenset()
    if act.member is None or ballot is None or act.member not in (ballot.roster - ballot.left) | handed:
        return (Reason("member_not_on_roster"),)
    if act.member == actor.person_id:
        return (Reason("own_position"),)
    found = []
    position = ballot.position_of(act.member)
    if position and position.stand is Stand.OBJECT and not _may_speak_again(position, actor, act, handed):
        found.append(Reason("objection_is_its_authors"))
    if not act.means.strip():
        found.append(Reason("means_missing"))
    return tuple(found)


def _may_speak_again(position: Position, actor: Actor, act: Act, handed: frozenset[int]) -> bool:
    """Whether a lead may record something where an objection is open."""
    if position.person_id in handed:
        return act.stand is Stand.WITHDRAWN
    recorded = position.recorded_by is not None
    withdraws = act.stand is Stand.WITHDRAWN and position.recorded_by == actor.person_id
    return withdraws or (recorded and act.stand is Stand.OBJECT)


def text_not_frozen(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """While silence runs, nothing but breaking it touches the text or its ballots' outcome."""
    return (Reason("silence_running"),) if item.silence and item.silence.running else ()


def no_silence_open(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """One silence procedure at a time."""
    return (Reason("silence_open"),) if item.silence else ()


def silence_proposed(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """Whether a silence procedure waits for the leads' consent."""
    if item.silence is None:
        return (Reason("no_silence"),)
    return (Reason("silence_running"),) if item.silence.running else ()


def silence_runs(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """Whether silence runs."""
    return () if item.silence and item.silence.running else (Reason("no_silence"),)


def own_group_asked(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """Whether the actor's group has still to consent to the proposed instant."""
    silence = item.silence
    if silence and silence.consented(actor.group_id or 0, silence.until):
        return (Reason("already_consented"),)
    return ()


def proposed_instant_ahead(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """Silence whose instant passed before all had consented can't begin."""
    silence = item.silence
    if silence and act.at is not None and silence.until <= act.at:
        return (Reason("instant_passed"),)
    return ()


def proposed_instant_passed(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """A proposal lapses at its instant, not before."""
    passed = item.silence and act.at is not None and item.silence.until <= act.at
    return () if passed else (Reason("silence_not_over"),)


def fit_for_silence(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """Whether nothing is open that silence would pass over, and each counterpart has somebody to speak."""
    ballots = [item.ballot_of(group) for group in item.counterparts]
    reasons = list(nobody_agreed(item, actor, act))
    blocking = tuple(p for b in item.ballots for p in tally(b, item.head.digest).objectors)
    if blocking:
        reasons.append(Reason("objection_open", count=len(blocking), people=blocking))
    reasons += no_open_bracket(item, actor, act)
    concerned = tuple(person for ballot in item.ballots for person in ballot.concerns)
    if concerned:
        reasons.append(Reason("concern_open", count=len(concerned), people=concerned))
    if item.tied_by is not None:
        reasons.append(Reason("tied"))
    if item.open_suggestions:
        reasons.append(Reason("suggestion_open", count=item.open_suggestions))
    if not ballots or any(b is None or b.round != item.round for b in ballots):
        reasons.append(Reason("no_ballot"))
    elif any(b is not None and not tally(b, item.head.digest).voters for b in ballots):
        reasons.append(Reason("no_voters"))
    return (*reasons, *parts_hold(item, actor, act), *original_in_force(item, actor, act))


def instant_ahead(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """An instant of expiry lies in the future."""
    if act.until is None:
        return (Reason("instant_missing"),)
    return () if act.at is not None and act.until > act.at else (Reason("instant_passed"),)


def instant_as_proposed(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """A lead consents to the instant that they read, as an act names the version that it is about."""
    return () if item.silence and act.until == item.silence.until else (Reason("another_instant"),)


def instant_later(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """Silence is only made longer, and a group consents to an instant once."""
    silence = item.silence
    if act.until is None:
        return (Reason("instant_missing"),)
    if silence and act.until <= silence.until:
        return (Reason("instant_not_later"),)
    if silence and silence.consented(actor.group_id or 0, act.until):
        return (Reason("already_consented"),)
    return ()


def expiry_reached(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """Silence is over at its instant, not before."""
    return () if item.silence and item.silence.over(act.at) else (Reason("silence_not_over"),)
