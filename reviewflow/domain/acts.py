"""What somebody can ask of the procedure, what stands in the way, and what was decided, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reviewflow.domain.actors import Actor
from reviewflow.domain.ballots import ConcernEnd, Stand
from reviewflow.domain.items import Item, State
from reviewflow.domain.silence import SilenceOutcome
from reviewflow.domain.statements import Statement


class Action(StrEnum):
    """Everything that can be done to a recommendation, in the order of product.md's table."""

    CREATE = "create"
    REVISE = "revise"
    PROPOSE = "propose"
    SUGGEST = "suggest"
    AMEND = "amend"
    TAKE_POSITION = "take_position"
    RAISE_CONCERN = "raise_concern"
    END_CONCERN = "end_concern"
    RECORD_POSITION = "record_position"
    RECUSE = "recuse"
    REJOIN = "rejoin"
    RECALL = "recall"
    REQUEST_CHANGES = "request_changes"
    RESUBMIT = "resubmit"
    TIE = "tie"
    UNTIE = "untie"
    AGREE = "agree"
    PROPOSE_SILENCE = "propose_silence"
    ACCEPT_SILENCE = "accept_silence"
    REFUSE_SILENCE = "refuse_silence"
    EXTEND_SILENCE = "extend_silence"
    EXPIRE_SILENCE = "expire_silence"
    LAPSE_SILENCE = "lapse_silence"
    DECLINE = "decline"
    APPROVE = "approve"
    RETURN = "return"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    SUPERSEDE = "supersede"
    CORRECT = "correct"
    RETRACT = "retract"
    ATTACH_STATEMENT = "attach_statement"
    WITHDRAW_STATEMENT = "withdraw_statement"


#: The acts that put a position into a ballot.
POSITIONS = frozenset({Action.TAKE_POSITION, Action.RECORD_POSITION})
#: The acts by which a lead consents to an instant of expiry.
CONSENTS = frozenset({Action.PROPOSE_SILENCE, Action.ACCEPT_SILENCE, Action.EXTEND_SILENCE})


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody asks for: the action, the version it is about, and the words it needs.

    `digest` is the new text's for revise and amend, and the one that a suggestion would give;
    `only_brackets_cleaned` says whether an amended text differs from the head inside its open brackets
    only; `accepted` is how many open shared suggestions a new text settles, differing by nothing else
    where it is amended; `internal` keeps a suggestion within its group; `concern` is the author of the one
    to end, as `concern_end` says; `follower` is the text that
    supersedes or corrects;
    `in_package` says that the whole package is agreed to; `for_group` that a statement is the group's;
    `statement` is the one withdrawn. `member` is whose position a lead records, and `means` how it was
    given. `at` is the instant of the act, taken under the item's lock, and `until` the one that it sets:
    when silence expires, or when the text is published.
    """

    action: Action
    version: int | None = None
    reason: str = ""
    digest: str | None = None
    missing: tuple[str, ...] = ()
    only_brackets_cleaned: bool = False
    accepted: int = 0
    internal: bool = False
    stand: Stand | None = None
    concern: int | None = None
    concern_end: ConcernEnd | None = None
    follower: Item | None = None
    in_package: bool = False
    for_group: bool = False
    statement: Statement | None = None
    member: int | None = None
    means: str = ""
    at: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an action is not possible yet: a stable code and the plain values that a sentence needs."""

    code: str
    count: int = 0
    needed: int = 0
    people: tuple[int, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """What was decided. `round` and `state` are the item's after it; version and digest name the text.

    `suggestions` is by how many the open shared suggestions become more or fewer; `concern` is the author
    of the concern that was raised or has ended; `ends_silence` is how the open silence procedure ends.
    """

    action: Action
    actor: Actor
    before: State | None
    state: State
    round: int
    version: int
    digest: str | None
    reason: str = ""
    stand: Stand | None = None
    concern: int | None = None
    concern_end: ConcernEnd | None = None
    opens_ballots: bool = False
    circulates: bool = False
    suggestions: int = 0
    member: int | None = None
    means: str = ""
    until: datetime | None = None
    ends_silence: SilenceOutcome | None = None
