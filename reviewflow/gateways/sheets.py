"""The approval sheet (лист согласования, келісу парағы): who acted on the published words, and how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reviewflow.gateways.translations import Say
from reviewflow.gateways.translations import marked as _

#: The sheet's name in the three languages of the task force, as officials of each capital know it.
NAMES = {"en": _("Approval sheet"), "ru": "Лист согласования", "kk": "Келісу парағы"}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One act. `group` is its key in the record, None for the coordinator; `at` an instant as text.

    Where persons are not named (Chatham House Rule, agreement by silence) `name` says what stands for them.
    """

    group: str | None
    name: str
    standing: str
    decision: str
    at: str
    remark: str


def approval_sheet(record: Mapping[str, Any], say: Say = str) -> tuple[SheetRow, ...]:
    """The sheet of a publication's record (services/snapshots.py), act by act in their order."""
    return tuple(_rows(record, say))


def _rows(record: Mapping[str, Any], say: Say) -> Iterator[SheetRow]:
    groups = record["groups"]
    for act in record["sheet"]:
        group = None if act["group"] is None else str(act["group"])
        yield SheetRow(
            group=group,
            name=_name(act, say),
            standing=_standing(act, groups[group]["name"] if group else "", say),
            decision=_decision(act, say),
            at=act["at"],
            remark=_remark(act, record, say),
        )


def _name(act: Mapping[str, Any], say: Say) -> str:
    """Who acted; where that was in another's name, in whose."""
    if act.get("principal"):
        names = {"name": act["name"], "principal": act["principal"]}
        return say(_("%(name)s for %(principal)s")) % names
    return act["name"] or say(_nobody(act))


def _nobody(act: Mapping[str, Any]) -> str:
    if act["group"] is None:
        return _("The set time of publication")
    return _("The group") if act.get("silence") else _("A member of the group")


def _standing(act: Mapping[str, Any], group: str, say: Say) -> str:
    if not group:
        return say(_("coordinator")) if act["name"] else ""
    return say(_("lead, %(group)s")) % {"group": group} if act["role"] == "lead" else group


def _decision(act: Mapping[str, Any], say: Say) -> str:
    match act["event"]:
        case "agree":
            return say(_("Agreed by silence") if act.get("silence") else _("Agreed"))
        case "approve":
            return say(_("Approved for dissemination"))
        case "amend":
            said = _("Settled the wording of version %(number)d")
        case "resubmit":
            said = _("Resubmitted version %(number)d")
        case _:
            said = _("Proposed version %(number)d")
    return say(said) % {"number": act["version"]}


def _remark(act: Mapping[str, Any], record: Mapping[str, Any], say: Say) -> str:
    """What goes with the decision: how the ballot stood, the group's attachments, an answer in words."""
    said = []
    if act["voters"]:
        counted = {"positions": act["positions"], "voters": act["voters"]}
        said.append(say(_("%(positions)d of %(voters)d positions, no objection")) % counted)
    if act["event"] == "agree" or act["group"] == record["proposing_group"]:
        said += [
            say(_("attachment %(number)d")) % {"number": number}
            for number, made in enumerate(record.get("statements", ()), start=1)
            if made["group"] == act["group"]
        ]
    if act["reason"]:
        said.append(act["reason"])
    remark = "; ".join(said)
    return remark[:1].upper() + remark[1:]
