"""Who may see and do what: one table, a row a permission, each of small named predicates (product.md).

What the procedure gives to whom stands in `workflow.RULES` and nowhere else: the rows that are about an act
of it ask there. Whether an act is possible now is no question of permission.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from reviewflow.domain.actors import GROUP_ROLES, VOTING_ROLES, Actor, Role, standing
from reviewflow.domain.errors import NotFound, NotPermitted
from reviewflow.domain.items import Item, State
from reviewflow.domain.stand_ins import DELEGATED
from reviewflow.domain.visibility import may_see_item
from reviewflow.domain.workflow import RULES, Action


class Permission(StrEnum):
    """What somebody may be let do; every route names one, or an act of the procedure."""

    #: Published texts and what belongs to them, the door itself, the files of the pages.
    READ_PUBLIC = "read_public"
    #: What a link offers to whoever holds it: the link is the secret.
    HOLD_LINK = "hold_link"
    #: One's own account.
    KEEP_ACCOUNT = "keep_account"
    #: The pages of a task force that tell everybody in it what is open to them.
    ENTER = "enter"
    #: A new text of one's own group.
    DRAFT = "draft"
    #: Choosing texts to be agreed together.
    TIE_TEXTS = "tie_texts"
    #: The settings of the task force and its groups.
    MANAGE_SETTINGS = "manage_settings"
    #: Offering, changing and taking back a seat.
    MANAGE_PEOPLE = "manage_people"
    #: Ending a seat, and the page where that is done.
    END_SEAT = "end_seat"
    #: Making the holder of a seat the lead in one's own place.
    HAND_OVER_LEAD = "hand_over_lead"
    #: Letting another member of the group act in one's name for a time.
    LEND_VOICE = "lend_voice"
    #: A person's name, under the Chatham House Rule.
    READ_NAME = "read_name"
    #: An item, and everything told of it.
    READ_ITEM = "read_item"
    #: A thread of an item.
    READ_THREAD = "read_thread"
    #: Opening a thread, answering in it, settling it.
    COMMENT = "comment"
    #: Rejecting suggestions, and marking those to accept.
    DECIDE_SUGGESTIONS = "reject_suggestions"
    #: Taking a suggestion back.
    WITHDRAW_SUGGESTION = "withdraw_suggestion"
    #: Writing down what became of a public text.
    RECORD_FOLLOW_UP = "record_follow_up"
    #: An act of the procedure.
    ACT = "act"


class Scope(StrEnum):
    """What a permission is about, and so where it can be asked."""

    #: Nothing that is anybody's.
    EVERYBODY = "everybody"
    #: Whoever is signed in, wherever they sit.
    ACCOUNT = "account"
    #: The task force: the door asks.
    TASK_FORCE = "task_force"
    #: A seat in it.
    SEAT = "seat"
    #: An item, or what is said of it; it answers as if it did not exist to whom it does not.
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class About:
    """What is known of that which a permission is about; a field that it does not have stays as it is.

    `group_id` is the group from which an item comes, or in which a seat is; `recused` says that the one who
    asks takes no part in the item's drafting; `internal_to` is the group within which a thread is held, None
    where it is shared; `role` is a seat's; `person_id` whose seat or suggestion it is; `action` the act.
    """

    task_force_id: int
    group_id: int | None = None
    circulated: bool = False
    state: State | None = None
    recused: bool = False
    internal_to: int | None = None
    role: Role | None = None
    person_id: int | None = None
    action: Action | None = None


def about_item(actor: Actor, item: Item, *, internal_to: int | None = None) -> About:
    """An item, or a thread of it, as `actor` asks for it."""
    return About(
        item.task_force_id,
        item.proposing_group,
        circulated=item.circulated is not None,
        state=item.state,
        recused=item.has_recused(actor),
        internal_to=internal_to,
    )


#: The seats that each role gives, changes and ends; a role that has a group does so in that group only.
MANAGES: dict[Role, frozenset[Role]] = {
    Role.LEAD: GROUP_ROLES,
    Role.COORDINATOR: frozenset({Role.COORDINATOR}),
    Role.ADMINISTRATOR: GROUP_ROLES | {Role.COORDINATOR, Role.ADMINISTRATOR},
}
#: The states in which a text can still become another one.
_BEING_WRITTEN = frozenset({State.DRAFT, State.PROPOSED, State.CHANGES_REQUESTED})

Predicate = Callable[[Actor, About], bool]


def sits_here(actor: Actor, about: About) -> bool:
    """A seat in this task force."""
    return actor.task_force_id == about.task_force_id


def sees_the_item(actor: Actor, about: About) -> bool:
    """Own group always; every other group and the coordinator from first circulation on."""
    group = about.group_id or 0
    return may_see_item(actor, about.task_force_id, group, circulated=about.circulated)


def is_circulated(actor: Actor, about: About) -> bool:
    """All groups have seen it."""
    return about.circulated


def is_being_written(actor: Actor, about: About) -> bool:
    """The text can still change."""
    return about.state in _BEING_WRITTEN


def takes_part(actor: Actor, about: About) -> bool:
    """Who recused themselves has no part in what their group says among itself."""
    return not about.recused


def is_shared(actor: Actor, about: About) -> bool:
    """A thread for all groups."""
    return about.internal_to is None


def is_among_themselves(actor: Actor, about: About) -> bool:
    """A thread within the actor's own group."""
    return about.internal_to is not None and about.internal_to == actor.group_id


def votes(actor: Actor, about: About) -> bool:
    """A lead or an expert of a group."""
    return actor.role in VOTING_ROLES


def coordinates(actor: Actor, about: About) -> bool:
    """The coordinator."""
    return actor.role is Role.COORDINATOR


def administers(actor: Actor, about: About) -> bool:
    """An administrator."""
    return actor.role is Role.ADMINISTRATOR


def leads(actor: Actor, about: About) -> bool:
    """A lead."""
    return actor.role is Role.LEAD


def is_of_that_group(actor: Actor, about: About) -> bool:
    """A member of the group in question."""
    return actor.group_id is not None and actor.group_id == about.group_id


def is_on_no_side(actor: Actor, about: About) -> bool:
    """Who belongs to no group: the coordinator and administrators."""
    return actor.group_id is None


def is_their_own(actor: Actor, about: About) -> bool:
    """Their own seat, or what they themselves made."""
    return actor.person_id == about.person_id


def gives_such_seats(actor: Actor, about: About) -> bool:
    """Who gives, changes and ends seats of the role in question."""
    return about.role in MANAGES.get(actor.role, ())


def is_an_experts(actor: Actor, about: About) -> bool:
    """An expert's seat."""
    return about.role is Role.EXPERT


def has_it_by_the_rules(actor: Actor, about: About) -> bool:
    """Whom the procedure's table gives the act in question, on an item of the group in question."""
    how = standing(actor, about.task_force_id, about.group_id or 0)
    if about.action is None or (actor.stand_in and about.action not in DELEGATED):
        return False
    return (how, actor.role) in RULES[about.action].by


def role_has(action: Action) -> Predicate:
    """Whose role the procedure's table gives an act on some item of the task force."""

    def is_theirs_somewhere(actor: Actor, about: About) -> bool:
        return actor.role in {role for _, role in RULES[action].by}

    return is_theirs_somewhere


@dataclass(frozen=True, slots=True)
class Row:
    """One permission: every predicate of one of the `ways` is met. `source` says where that stands.

    `hidden_without` is what somebody lacks for whom the thing does not exist.
    """

    scope: Scope
    ways: tuple[tuple[Predicate, ...], ...]
    source: str
    hidden_without: Permission | None = None


_ITEM, _THREAD = Permission.READ_ITEM, Permission.READ_THREAD
_READS_THREAD: tuple[tuple[Predicate, ...], ...] = (
    (sees_the_item, is_shared),
    (sees_the_item, is_among_themselves, takes_part),
)
_MANAGES_SEAT: tuple[tuple[Predicate, ...], ...] = (
    (sits_here, gives_such_seats, is_of_that_group),
    (sits_here, gives_such_seats, is_on_no_side),
)
#: The table. Nobody but signed-in people are asked for by predicates: the first two scopes need none.
TABLE: dict[Permission, Row] = {
    Permission.READ_PUBLIC: Row(Scope.EVERYBODY, ((),), "Visibility: public"),
    Permission.HOLD_LINK: Row(Scope.EVERYBODY, ((),), "A link is a secret, kept as a hash"),
    Permission.KEEP_ACCOUNT: Row(Scope.ACCOUNT, ((),), "Everybody keeps their own account"),
    Permission.ENTER: Row(Scope.TASK_FORCE, ((sits_here,),), "Words: nothing is visible across"),
    Permission.DRAFT: Row(Scope.TASK_FORCE, ((sits_here, role_has(Action.CREATE)),), "The procedure: create"),
    Permission.TIE_TEXTS: Row(Scope.TASK_FORCE, ((sits_here, role_has(Action.TIE)),), "The procedure: tie"),
    Permission.MANAGE_SETTINGS: Row(
        Scope.TASK_FORCE, ((sits_here, administers),), "Rule 4: administrators manage settings"
    ),
    Permission.MANAGE_PEOPLE: Row(
        Scope.SEAT,
        _MANAGES_SEAT,
        "Rule 4: administrators manage people; a lead manages the group",
    ),
    Permission.END_SEAT: Row(
        Scope.SEAT,
        (*_MANAGES_SEAT, (sits_here, is_their_own)),
        "Rule 4; everybody may leave",
    ),
    Permission.HAND_OVER_LEAD: Row(
        Scope.SEAT,
        ((sits_here, leads, is_of_that_group, is_an_experts),),
        "Rule 4: a group always has a lead",
    ),
    Permission.LEND_VOICE: Row(
        Scope.TASK_FORCE, ((sits_here, votes),), "Rule 4: nobody acts for two sides; only a voice is lent"
    ),
    Permission.READ_NAME: Row(
        Scope.SEAT,
        ((sits_here, is_on_no_side), (sits_here, is_of_that_group)),
        "Visibility: the Chatham House Rule",
    ),
    Permission.READ_ITEM: Row(Scope.ITEM, ((sees_the_item,),), "Visibility", _ITEM),
    Permission.READ_THREAD: Row(
        Scope.ITEM,
        _READS_THREAD,
        "Visibility: shared and internal comments",
        _THREAD,
    ),
    Permission.COMMENT: Row(
        Scope.ITEM,
        (
            (sees_the_item, is_shared, is_circulated, votes),
            (sees_the_item, is_shared, is_circulated, coordinates),
            (sees_the_item, is_among_themselves, takes_part, votes),
        ),
        "Visibility: who discusses; an observer has no say",
        _ITEM,
    ),
    Permission.DECIDE_SUGGESTIONS: Row(
        Scope.ITEM,
        ((sees_the_item, is_of_that_group, votes, takes_part, is_being_written),),
        "Words: a suggestion is accepted or rejected by the proposing group",
        _ITEM,
    ),
    Permission.WITHDRAW_SUGGESTION: Row(
        Scope.ITEM,
        tuple((*way, is_their_own) for way in _READS_THREAD),
        "What one said is one's own to take back",
        _THREAD,
    ),
    Permission.RECORD_FOLLOW_UP: Row(
        Scope.ITEM, ((sees_the_item, coordinates),), "Follow-up is the coordinator's to record", _ITEM
    ),
    Permission.ACT: Row(Scope.ITEM, ((sees_the_item, has_it_by_the_rules),), "The procedure: by whom", _ITEM),
}


#: What is asked in another's name; everything else a stand-in does in their own.
_LENT = frozenset({Permission.READ_ITEM, Permission.ACT})


def allows(asked: Permission | Action, actor: Actor, about: About) -> bool:
    """Whether the table lets an actor; an act of the procedure is asked for by its name."""
    if isinstance(asked, Action):
        return allows(Permission.ACT, actor, replace(about, action=asked))
    if actor.stand_in and asked not in _LENT:
        return False
    return any(all(met(actor, about) for met in way) for way in TABLE[asked].ways)


def demand(asked: Permission | Action, actor: Actor, about: About) -> None:
    """Raise `NotFound` to whom the thing does not exist, and else `NotPermitted` to who is not let."""
    if allows(asked, actor, about):
        return
    hidden_without = row_of(asked).hidden_without
    if hidden_without is not None and not allows(hidden_without, actor, about):
        raise NotFound()
    raise NotPermitted(action=asked)


def row_of(asked: Permission | Action) -> Row:
    """The row that answers for a permission or an act."""
    return TABLE[Permission.ACT if isinstance(asked, Action) else asked]
