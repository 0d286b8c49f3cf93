"""The steps of an item: the acts that decide it, each naming the one before, and what of them is shown.

A pack of evidence must hold all of them or prove nothing: whoever left out an objection would leave a
gap. So each step carries its number and the hash of the item's step before it, whatever happened in
between that is nobody else's affair.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reviewflow.domain.actors import Role, StandIn
from reviewflow.domain.acts import CONSENTS, POSITIONS, Action
from reviewflow.domain.audit import instant_text
from reviewflow.domain.sign_offs import ASK_SIGN_OFF, WITHDRAW_SIGN_OFF
from reviewflow.domain.verification import text_mark

#: That silence was broken follows the act that broke it as an event of its own.
BREAK_SILENCE = "break_silence"
#: What becomes of an open objection when its author loses their vote in the group, or has it again.
HAND_OVER_OBJECTION, HAND_BACK_OBJECTION = "hand_over_objection", "hand_back_objection"
#: The acts that bear on whether a text is agreed, approved and published. What a group does within itself,
#: discussion, suggestions and statements decide nothing.
STEPS = frozenset(
    {
        *POSITIONS,
        *CONSENTS,
        *(Action.PROPOSE, Action.RESUBMIT, Action.AMEND, Action.RECALL, Action.REQUEST_CHANGES),
        *(Action.RAISE_CONCERN, Action.END_CONCERN, Action.TIE, Action.UNTIE, Action.AGREE),
        *(Action.REFUSE_SILENCE, Action.EXPIRE_SILENCE, Action.LAPSE_SILENCE),
        *(Action.DECLINE, Action.APPROVE, Action.RETURN),
        *(Action.SCHEDULE, Action.UNSCHEDULE, Action.PUBLISH, Action.WITHDRAW, Action.REOPEN),
        *(BREAK_SILENCE, HAND_OVER_OBJECTION, HAND_BACK_OBJECTION, ASK_SIGN_OFF, WITHDRAW_SIGN_OFF),
    }
)
#: What of an event's data is shown: marks of the procedure, none of them anybody's words. `asked` is when
#: the link was asked for by which a position was taken.
_MARKS = ("state", "round", "stand", "until", "silence", "symbol", "asked")


@dataclass(frozen=True, slots=True)
class Step:
    """Who took a step: the slug of their group (None for coordinator and clock) and their role.

    `rosters` are the voting members by the slug of their group, where the step opened ballots; `member` is
    whose position it was, where a lead recorded it, whose objection passed to another, or who got a link.
    With `stand_in`, the role is that of the principal, in whose name the step was taken.
    """

    role: Role
    group: str | None = None
    member: int | None = None
    stand_in: StandIn | None = None
    rosters: Mapping[str, frozenset[int]] = field(default_factory=dict)


def token_of(secret: str, kind: str, name: object) -> str:
    """What stands for a person, a thread or a package in the steps of one item, 16 hexadecimal digits.

    The same in all steps of that item, another one in every other item; without the item's secret (the salt
    of its first step) nobody can tell whose it is, also not by trying everybody.
    """
    return _keyed(secret, f"{kind} {name}")[:16]


def opening_of(secret: str, digest: str) -> str:
    """What has to be known to recognise a text in the steps; given away for the published text alone.

    Else the words that a bracket held before it was settled could be found by trying.
    """
    return _keyed(secret, f"text {digest}")


def _keyed(secret: str, message: str) -> str:
    return hmac.new(bytes.fromhex(secret), message.encode(), hashlib.sha256).hexdigest()


def shown_of(
    step: Step,
    *,
    number: int,
    before: str,
    secret: str,
    task_force: str,
    event: str,
    actor_id: int | None,
    at: datetime,
    version: int | None,
    digest: str | None,
    data: Mapping[str, object],
) -> dict[str, object]:
    """The public half of a step, as JSON values; `before` is empty for an item's first step.

    The seat is that of the principal where somebody stood in for them; `stand_in` says whose seat acted, and
    in which period it could.
    """
    lent = step.stand_in
    seat = lent.principal if lent else actor_id
    shown: dict[str, object] = {
        "task_force": task_force,
        "step": number,
        "before": before,
        "event": event,
        "at": instant_text(at),
        "version": version,
        "text": text_mark(opening_of(secret, digest), digest) if digest else None,
        "role": str(step.role),
        "group": step.group,
        "seat": None if seat is None else token_of(secret, "seat", seat),
        **{name: data[name] for name in _MARKS if name in data},
        **{name: token_of(secret, name, data[name]) for name in ("thread", "package") if name in data},
    }
    if step.member is not None:
        shown["member"] = token_of(secret, "seat", step.member)
    if lent:
        shown["stand_in"] = {
            "seat": token_of(secret, "seat", lent.person),
            "since": instant_text(lent.since),
            "until": instant_text(lent.until),
        }
    if step.rosters:
        shown["rosters"] = {
            group: sorted(token_of(secret, "seat", person) for person in roster)
            for group, roster in step.rosters.items()
        }
    return shown
