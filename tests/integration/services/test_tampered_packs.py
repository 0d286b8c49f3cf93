"""Every way in which a pack was tampered with has its own reason, and none ends in a traceback.

Four people tamper. A *vandal* changes bytes. A *forger* makes the index fit what they changed, but has no
key. A *stranger* signs with a key of their own. And a *house that lies* signs with the announced key a
history that breaks a rule, its hashes made to fit: what is caught then is the rule that was broken.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config import Config
from reviewflow.app import create_app
from reviewflow.domain.audit import instant_text
from reviewflow.domain.faults import SENTENCES, Fault
from reviewflow.domain.recount import STAND_INS
from reviewflow.domain.verification import MAX_PACK, main, readable, report, verify
from reviewflow.gateways import signing
from reviewflow.persistence.db import db
from tests.support.packs import FOREIGN, SECRET, SHAPES, Taken, pack_of

PUBLIC = signing.public_part(SECRET)
KEYS = [(PUBLIC, "", "")]
LONG_AGO = "2000-01-01T00:00:00.000000Z"
Tamper = Callable[[Taken], None]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> dict[str, bytes]:
    """A pack of each shape. They are only read, and both databases make the same ones (test_evidence)."""
    found = {}
    for shape in SHAPES:
        path = tmp_path_factory.mktemp("packs") / "reviewflow.db"
        path.write_bytes(sqlite_template.read_bytes())
        app = create_app(Config(database_url=f"sqlite:///{path}", secret_key="for the tests", testing=True))
        found[shape] = pack_of(app, shape)
        with app.app_context():
            db.engine.dispose()
    return found


def reason(body: bytes, folder: Path, trusted: Any = KEYS) -> str:
    """The code that a pack is refused with; empty if it verifies."""
    path = folder / "pack.zip"
    path.write_bytes(body)
    try:
        verify(str(path), trusted)
    except Fault as fault:
        return fault.code
    return ""


# A vandal: bytes are changed, and nothing is made to fit.


def _edit(name: str, old: bytes, new: bytes) -> Tamper:
    def tamper(pack: Taken) -> None:
        assert old in pack.files[name]
        pack.files[name] = pack.files[name].replace(old, new)

    return tamper


def _drop(name: str) -> Tamper:
    return lambda pack: pack.files.pop(name) and None


def _add(name: str, body: bytes = b"more") -> Tamper:
    return lambda pack: pack.files.update({name: body})


VANDALS: dict[str, tuple[str, Tamper]] = {
    "a word of the text": ("file_altered", _edit("manifest.json", b"timetable", b"timetables")),
    "a word to read": ("file_altered", _edit("texts/en.md", b"timetable", b"timetables")),
    "a step": ("file_altered", _edit("events.json", b'"stand":"approve"', b'"stand":"abstain"')),
    "the decision": ("file_altered", _edit("decision.json", b'"approvals":2', b'"approvals":3')),
    "the verifier": ("file_altered", _edit("verify.py", b"return 1", b"return 0")),
    "the index": ("file_missing", _edit("index.json", b"README.txt", b"README.tyt")),
    "the text taken out": ("file_missing", _drop("manifest.json")),
    "the steps taken out": ("file_missing", _drop("events.json")),
    "the index taken out": ("file_missing", _drop("index.json")),
    "the head taken out": ("file_missing", _drop("head.json")),
    "the signature taken out": ("bad_signature", _drop("head.sig")),
    "a file put in": ("unexpected_file", _add("extra.txt")),
    "a document put in": ("unexpected_file", _add("documents/x.pdf")),
    "the date of the head": ("bad_signature", _edit("head.json", b'"at":"2', b'"at":"1')),
    "the symbol of the head": ("bad_signature", _edit("head.json", b"REC/1/", b"REC/2/")),
    "the key of the head": ("bad_signature", lambda pack: pack.put(
        "head.json", {**pack.json("head.json"), "key": signing.public_part(FOREIGN)})),
    "the signature": ("bad_signature", lambda pack: pack.files.update({"head.sig": b"0" * 128})),
    "the signature in capitals": ("bad_signature", lambda pack: pack.files.update(
        {"head.sig": pack.files["head.sig"].upper()})),
    "half of the steps": ("file_altered", lambda pack: pack.files.update(
        {"events.json": pack.files["events.json"][:500]})),
    "an index that is no JSON": ("broken_json", lambda pack: pack.files.update({"index.json": b"{"})),
    "an index with a blank": ("broken_json", _edit("index.json", b"{", b"{ ")),
    "an index with a key twice": ("broken_json", _edit("index.json", b"{", b'{"README.txt":"",')),
    "an index that is a list": ("malformed", lambda pack: pack.put("index.json", [])),
    "a head that is a list": ("malformed", lambda pack: pack.put("head.json", [])),
    "a head nested deeply": ("broken_json", lambda pack: pack.files.update(
        {"head.json": b"[" * 100_000 + b"]" * 100_000})),
    "a head with a fraction": ("broken_json", _edit("head.json", b'"form":1', b'"form":1.0')),
    "a head with a long number": ("broken_json", _edit("head.json", b'"form":1', b'"form":1' + b"0" * 5000)),
    "a head of another form": ("unknown_form", _edit("head.json", b'"form":1', b'"form":2')),
    "a head that is no UTF-8": ("broken_json", _edit("head.json", b"uskz", b"\xff\xfe")),
    "a head with half a character": ("broken_json", _edit("head.json", b"uskz", b"\\ud800")),
}  # fmt: skip


@pytest.mark.parametrize("kind", VANDALS)
def test_vandal_is_found_out(made: dict[str, bytes], kind: str, tmp_path: Path) -> None:
    expected, tamper = VANDALS[kind]
    pack = Taken(made["plain"])
    tamper(pack)
    assert reason(pack.body(), tmp_path) == expected


@pytest.mark.parametrize("shape", SHAPES)
def test_forger_without_the_key_is_found_out(made: dict[str, bytes], shape: str, tmp_path: Path) -> None:
    """Whatever is made to fit, the head is not theirs: as it is, it is another pack's; changed, unsigned."""
    pack = Taken(made[shape])
    pack.files["README.txt"] = b"Trust me.\n"
    pack.reindex()
    assert reason(pack.body(), tmp_path) == "head_of_another_pack"
    signature = pack.files["head.sig"]
    pack.sign(SECRET)
    pack.files["head.sig"] = signature
    assert reason(pack.body(), tmp_path) == "bad_signature"


def test_head_of_another_publication_is_not_this_ones(made: dict[str, bytes], tmp_path: Path) -> None:
    """A signed head is replayed: whole and by the right key, but it is about something else."""
    pack, other = Taken(made["plain"]), Taken(made["amended"])
    pack.files |= {name: other.files[name] for name in ("head.json", "head.sig")}
    assert reason(pack.body(), tmp_path) == "head_of_another_pack"


@pytest.mark.parametrize("shape", SHAPES)
def test_stranger_who_signs_is_found_out(made: dict[str, bytes], shape: str, tmp_path: Path) -> None:
    pack = Taken(made[shape])
    pack.sign(FOREIGN)
    assert reason(pack.body(), tmp_path) == "wrong_key"
    path = tmp_path / "pack.zip"
    code, lines = report(str(path), None)
    assert (code, [line for line in lines if "NOT CHECKED" in line] != []) == (0, True)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("", "", ""),
        ("2000-01-01T00:00:00.000000Z", "", ""),
        ("2000-01-01T00:00:00.000000Z", "2001-01-01T00:00:00.000000Z", "key_not_in_force"),
        ("9000-01-01T00:00:00.000000Z", "", "key_not_in_force"),
    ],
)
def test_key_signs_while_it_is_in_force(
    made: dict[str, bytes], since: str, until: str, expected: str, tmp_path: Path
) -> None:
    trusted = [(signing.public_part(FOREIGN), "", ""), (PUBLIC, since, until)]
    assert reason(made["plain"], tmp_path, trusted) == expected


# A house that lies: everything fits and is signed by the announced key, but a rule was broken.


def _find(steps: list[dict[str, Any]], event: str) -> dict[str, Any]:
    return next(step for step in reversed(steps) if step["event"] == event)


def _without(event: str) -> Callable[[list[dict[str, Any]]], None]:
    def tamper(steps: list[dict[str, Any]]) -> None:
        steps.remove(_find(steps, event))

    return tamper


def _change(which: str, **changes: object) -> Callable[[list[dict[str, Any]]], None]:
    return lambda steps: _find(steps, which).update(changes)


def _swap(one: str, other: str) -> Callable[[list[dict[str, Any]]], None]:
    def tamper(steps: list[dict[str, Any]]) -> None:
        a, b = steps.index(_find(steps, one)), steps.index(_find(steps, other))
        at_a, at_b = steps[a]["at"], steps[b]["at"]
        steps[a], steps[b] = {**steps[b], "at": at_a}, {**steps[a], "at": at_b}

    return tamper


def _stand(stand: str) -> Callable[[list[dict[str, Any]]], None]:
    """The positions of everybody become this one."""

    def tamper(steps: list[dict[str, Any]]) -> None:
        for step in steps:
            if step["event"] == "take_position":
                step["stand"] = stand

    return tamper


def _drop_position(steps: list[dict[str, Any]]) -> None:
    steps.remove(_find(steps, "take_position"))


def _forged_roster(steps: list[dict[str, Any]]) -> None:
    _find(steps, "propose")["rosters"]["astana"] = ["0" * 16]


def _bigger_roster(steps: list[dict[str, Any]]) -> None:
    _find(steps, "propose")["rosters"]["astana"] += [f"{n:016x}" for n in range(3)]


def _late_objection(steps: list[dict[str, Any]]) -> None:
    agree = steps.index(_find(steps, "agree"))
    steps.insert(agree, {**_find(steps, "take_position"), "stand": "object"})


def _position_after(steps: list[dict[str, Any]]) -> None:
    """With three groups: one has agreed, and a member of it speaks again before the other does."""
    first = next(i for i, step in enumerate(steps) if step["event"] == "agree")
    spoken = next(s for s in steps if s["event"] == "take_position" and s["group"] == steps[first]["group"])
    steps.insert(first + 1, {**spoken, "at": steps[first]["at"]})


def _agree_twice(steps: list[dict[str, Any]]) -> None:
    first = next(i for i, step in enumerate(steps) if step["event"] == "agree")
    steps.insert(first + 1, dict(steps[first]))


def _after_first_agreement(**changes: object) -> Callable[[list[dict[str, Any]]], None]:
    """With three groups: a step right after the first agreement, by whom and as it was, but for `changes`."""

    def tamper(steps: list[dict[str, Any]]) -> None:
        first = next(i for i, step in enumerate(steps) if step["event"] == "agree")
        steps.insert(first + 1, {**steps[first], **changes})

    return tamper


def _untied(steps: list[dict[str, Any]]) -> None:
    agree = steps.index(_find(steps, "agree"))
    steps.insert(agree, {**_find(steps, "tie"), "event": "untie", "at": steps[agree]["at"]})


def _accepted_as_it_ends(steps: list[dict[str, Any]]) -> None:
    accept = _find(steps, "accept_silence")
    _find(steps, "propose_silence")["until"] = accept["until"] = accept["at"]


def _never_accepted(steps: list[dict[str, Any]]) -> None:
    for event in ("accept_silence", "extend_silence", "extend_silence"):
        steps.remove(_find(steps, event))


def _without_objection(steps: list[dict[str, Any]]) -> None:
    steps.remove(next(step for step in steps if step.get("stand") == "object"))


def _given_back_twice(steps: list[dict[str, Any]]) -> None:
    passed = _find(steps, "hand_over_objection")
    back = {**passed, "event": "hand_back_objection"}
    at = steps.index(passed) + 1
    steps[at:at] = [back, dict(back)]


def _lifted_by_lead(steps: list[dict[str, Any]]) -> None:
    steps.insert(
        steps.index(_find(steps, "record_position")),
        {**_find(steps, "take_position"), "seat": _find(steps, "record_position")["member"],
         "stand": "object", "role": "expert", "at": _find(steps, "record_position")["at"]},
    )  # fmt: skip


def _unanswered(steps: list[dict[str, Any]]) -> None:
    steps.remove(_find(steps, "end_concern"))


def _act_after(steps: list[dict[str, Any]]) -> None:
    steps.append({**_find(steps, "take_position"), "at": steps[-1]["at"], "state": "published"})


def _early_expiry(steps: list[dict[str, Any]]) -> None:
    expiry = _find(steps, "expire_silence")
    expiry["at"] = steps[steps.index(expiry) - 1]["at"]


def _amend_under_silence(steps: list[dict[str, Any]]) -> None:
    expiry = steps.index(_find(steps, "expire_silence"))
    amend = {**_find(steps, "propose"), "event": "amend", "version": 2, "at": steps[expiry - 1]["at"]}
    amend.pop("rosters")
    steps.insert(expiry, amend)


def _used(steps: list[dict[str, Any]]) -> dict[str, Any]:
    """The last position that was taken by a link."""
    return next(step for step in reversed(steps) if "asked" in step)


def _by_link(**changes: object) -> Callable[[list[dict[str, Any]]], None]:
    return lambda steps: _used(steps).update(changes)


def _twice_by_link(steps: list[dict[str, Any]]) -> None:
    steps.insert(steps.index(_used(steps)), dict(_used(steps)))


def _period(step: dict[str, Any], before: int, lasting: int) -> dict[str, str]:
    """A period of so many days that began so many before a step."""
    begin = datetime.fromisoformat(step["at"].replace("Z", "+00:00")) - timedelta(days=before)
    return {"since": instant_text(begin), "until": instant_text(begin + timedelta(days=lasting))}


def _link_in_anothers_name(steps: list[dict[str, Any]]) -> None:
    used = _used(steps)
    used["stand_in"] = _period(used, 1, 2) | {"seat": "5" * 16}


def _taken_back(steps: list[dict[str, Any]]) -> None:
    used = _used(steps)
    steps.insert(steps.index(used), {**_find(steps, "withdraw_sign_off"), "at": used["at"]})


def _link_to_oneself(steps: list[dict[str, Any]]) -> None:
    asked = _find(steps, "ask_sign_off")
    asked["seat"] = asked["member"]


def _lent(event: str, **changes: object) -> Callable[[list[dict[str, Any]]], None]:
    """Change what a step says of who stood in; the seat is the proposer's where it is to be one's."""

    def tamper(steps: list[dict[str, Any]]) -> None:
        known = {"proposer": _find(steps, "propose")["seat"], "principal": _find(steps, event)["seat"]}
        told = {name: known.get(str(value), value) for name, value in changes.items()}
        _find(steps, event)["stand_in"] |= told

    return tamper


def _ninety_one_days(steps: list[dict[str, Any]]) -> None:
    """From two months before the acts to one after them."""
    for step in steps:
        if "stand_in" in step:
            step["stand_in"] |= _period(step, 60, 91)


def _another_stand_in(steps: list[dict[str, Any]]) -> None:
    """The first position is taken by a third seat, in a period that the other's begins before."""
    _find(steps, "take_position")["stand_in"]["seat"] = "5" * 16


def _two_principals(steps: list[dict[str, Any]]) -> None:
    """One seat acts for two at once: for another member first, and then for the lead."""
    position = _find(steps, "take_position")
    (other,) = {*_find(steps, "propose")["rosters"]["astana"]} - {
        position["seat"],
        position["stand_in"]["seat"],
    }
    position["seat"] = other


def _later_end(steps: list[dict[str, Any]]) -> None:
    for step in steps:
        if "stand_in" in step:
            step["stand_in"]["until"] = step["stand_in"]["until"].replace(":00:", ":01:")


def _long_link(steps: list[dict[str, Any]]) -> None:
    _find(steps, "ask_sign_off")["until"] = "2999" + LONG_AGO[4:]


def _one_group_fewer(steps: list[dict[str, Any]]) -> None:
    """Vienna never agreed, and the rest goes on as if it had."""
    steps.remove(next(s for s in steps if s["event"] == "agree" and s["group"] == "vienna"))
    _find(steps, "agree")["state"] = "proposed"


LIES: dict[str, tuple[str, str, Callable[[list[dict[str, Any]]], None]]] = {
    "nobody agreed": ("plain", "wrong_state", _without("agree")),
    "nobody approved": ("plain", "wrong_state", _without("approve")),
    "not published": ("plain", "not_published", _without("publish")),
    "never proposed": ("plain", "wrong_state", _without("propose")),
    "a position left out": ("plain", "positions_missing", _drop_position),
    "approved before it was agreed": ("plain", "wrong_state", _swap("approve", "agree")),
    "everybody abstains": ("plain", "approval_of_members_missing", _stand("abstain")),
    "everybody objects": ("plain", "objection_open", _stand("object")),
    "everybody recuses but one": ("plain", "positions_missing", _stand("recuse")),
    "an unknown stand": ("plain", "steps_malformed", _stand("maybe")),
    "a late objection": ("plain", "objection_open", _late_objection),
    "a forged roster": ("plain", "not_on_roster", _forged_roster),
    "a larger roster": ("plain", "positions_missing", _bigger_roster),
    "no roster": ("plain", "roster_missing", _change("propose", rosters={})),
    "a roster of the proposers": ("plain", "roster_missing", _change("propose", rosters={"washington": []})),
    "an expert agrees": ("plain", "wrong_actor", _change("agree", role="expert")),
    "the proposing group agrees": ("plain", "wrong_actor", _change("agree", group="washington")),
    "a foreign group agrees": ("plain", "wrong_actor", _change("agree", group="vienna")),
    "an approval by a lead": ("plain", "wrong_actor", _change("approve", role="lead", group="astana")),
    "an approval of a group": ("plain", "wrong_actor", _change("approve", group="astana")),
    "an approval of other words": ("plain", "other_text", _change("approve", text="0" * 64)),
    "an agreement to other words": ("plain", "other_text", _change("agree", text="0" * 64)),
    "an agreement to another version": ("plain", "other_text", _change("agree", version=2)),
    "a publication of other words": ("plain", "other_text", _change("publish", text="0" * 64)),
    "a publication by an observer": ("plain", "wrong_actor", _change("publish", role="observer")),
    "a proposal of the other group": ("plain", "wrong_actor", _change("propose", group="astana")),
    "an act that there is none": ("plain", "steps_malformed", _change("approve", event="wave_through")),
    "an act too early": ("plain", "time_runs_backwards", _change("approve", at=LONG_AGO)),
    "another round": ("plain", "round_differs", _change("agree", round=2)),
    "another state": ("plain", "round_differs", _change("agree", state="approved")),
    "an act after publication": ("plain", "acts_after_publication", _act_after),
    "a step of another task force": ("plain", "foreign_task_force", _change("approve", task_force="other")),
    "a step without a role": ("plain", "steps_malformed", lambda steps: steps[0].pop("role") and None),
    "a number that is a truth": ("plain", "steps_malformed", _change("agree", version=True)),
    "a member twice on the roster": ("plain", "steps_malformed",
                                     _change("propose", rosters={"astana": ["0" * 16] * 2})),
    "a position after the agreement": ("three_groups", "position_after_agreement", _position_after),
    "a group that agrees twice": ("three_groups", "already_agreed", _agree_twice),
    "texts tied after a group agreed": ("three_groups", "already_agreed",
                                        _after_first_agreement(event="tie", package="0" * 16)),
    "a concern after the agreement": ("three_groups", "position_after_agreement",
                                      _after_first_agreement(event="raise_concern", thread="0" * 12)),
    "a concern that nobody raised": ("several_rounds", "steps_malformed",
                                     _change("end_concern", thread="0" * 12)),
    "a version that goes back": ("amended", "other_text", _change("amend", version=1)),
    "a package untied before": ("in_a_package", "agreed_alone", _untied),
    "silence that is over as it begins": ("by_silence", "silence_unfounded",
                                          _change("propose_silence", until=LONG_AGO)),
    "silence accepted as it ends": ("by_silence", "silence_unfounded", _accepted_as_it_ends),
    "silence extended backwards": ("by_silence", "silence_unfounded",
                                   _change("extend_silence", until=LONG_AGO)),
    "silence that only one lead wanted": ("by_silence", "silence_unfounded", _never_accepted),
    "silence that somebody broke": ("by_silence", "round_differs",
                                    _change("expire_silence", silence="broken")),
    "a third group left out": ("three_groups", "wrong_state", _one_group_fewer),
    "an objection of who has not left": ("left", "objection_not_its_authors",
                                         _without("hand_over_objection")),
    "a vote in the name of who has left": ("left", "objection_not_its_authors",
                                           _change("record_position", stand="approve")),
    "an objection that nobody raised passes": ("left", "objection_not_there", _without_objection),
    "passed on by the coordinator": ("left", "wrong_actor",
                                     _change("hand_over_objection", role="coordinator", group=None)),
    "an objection that is given back twice": ("left", "objection_not_there", _given_back_twice),
    "an objection lifted by the lead": ("several_rounds", "objection_not_its_authors", _lifted_by_lead),
    "a concern never answered": ("several_rounds", "concern_open", _unanswered),
    "positions of the round before": ("returned", "wrong_state", _without("resubmit")),
    "positions on the words before": ("amended", "other_text", _without("amend")),
    "a return left out": ("returned", "wrong_state", _without("return")),
    "silence without a lead": ("by_silence", "silence_unfounded", _without("accept_silence")),
    "silence to another instant": ("by_silence", "silence_unfounded",
                                   _change("accept_silence", until="2011-01-01T00:00:00.000000Z")),
    "silence over too early": ("by_silence", "silence_not_over", _early_expiry),
    "words changed under silence": ("by_silence", "silence_running", _amend_under_silence),
    "an objection under silence": ("by_silence", "objection_open",
                                   lambda steps: steps.remove(_find(steps, "take_position"))),
    "silence ended by a lead": ("by_silence", "wrong_actor", _change("expire_silence", role="lead")),
    "agreed without its package": ("in_a_package", "agreed_alone",
                                   lambda steps: _find(steps, "agree").pop("package") and None),
    "agreed with another package": ("in_a_package", "agreed_alone", _change("agree", package="0" * 16)),
    "published without a set instant": ("by_the_clock", "published_too_early", _without("schedule")),
    "published before the set instant": ("by_the_clock", "published_too_early",
                                         _change("schedule", until="2011-01-01T00:00:00.000000Z")),
    "instant set by a lead": ("by_the_clock", "wrong_actor",
                              _change("schedule", role="lead", group="astana")),
    "a link that nobody asked for": ("by_link", "link_not_good", _without("ask_sign_off")),
    "a link that was taken back": ("by_link", "link_not_good", _taken_back),
    "a link used twice": ("by_link", "link_not_good", _twice_by_link),
    "a link for other words": ("by_link", "link_not_good", _by_link(asked=LONG_AGO)),
    "a link used too late": ("by_link", "link_not_good", _change("ask_sign_off", until=LONG_AGO)),
    "a link for more than two buttons": ("by_link", "link_not_good", _by_link(stand="abstain")),
    "a link used in another's name": ("by_link", "link_not_good", _link_in_anothers_name),
    "a link to who has no vote": ("by_link", "not_on_roster", _change("ask_sign_off", member="0" * 16)),
    "a link asked for by an expert": ("by_link", "wrong_actor", _change("ask_sign_off", role="expert")),
    "a link to oneself": ("by_link", "wrong_actor", _link_to_oneself),
    "agreed after the stand-in was over": ("by_stand_ins", "stand_in_over", _lent("agree", until=LONG_AGO)),
    "agreed before the stand-in began": ("by_stand_ins", "stand_in_over",
                                         _lent("agree", since="2011-01-01T00:00:00.000000Z")),
    "a stand-in of the other side": ("by_stand_ins", "two_sides", _lent("agree", seat="proposer")),
    "a stand-in of oneself": ("by_stand_ins", "wrong_actor", _lent("agree", seat="principal")),
    "a stand-in of the coordinator": (
        "by_stand_ins", "wrong_actor",
        lambda steps: _find(steps, "approve").update(stand_in=_find(steps, "agree")["stand_in"]),
    ),
    "a stand-in without a seat": ("by_stand_ins", "steps_malformed",
                                  lambda steps: _find(steps, "agree")["stand_in"].pop("seat") and None),
    "a stand-in for ninety-one days": ("by_stand_ins", "stand_in_too_long", _ninety_one_days),
    "a period that is none": ("by_stand_ins", "steps_malformed",
                              _lent("take_position", since="", until="a long time")),
    "two stand-ins at once": ("by_stand_ins", "stand_in_twice", _another_stand_in),
    "a stand-in for two": ("by_stand_ins", "stand_in_twice", _two_principals),
    "a stand-in whose period the pack does not tell": ("by_stand_ins", "stand_ins_differ", _later_end),
    "a link for longer than a week": ("by_link", "link_not_good", _long_link),
    "a recusal in another's name": ("by_stand_ins", "wrong_actor",
                                    _change("take_position", stand="recuse")),
    "somebody on two sides": ("plain", "two_sides",
                              lambda steps: _find(steps, "agree").update(seat=steps[0]["seat"])),
    "reopened by the other group": ("reopened", "wrong_actor", _change("reopen", group="astana")),
}  # fmt: skip


@pytest.mark.parametrize("kind", LIES)
def test_house_that_lies_is_told_which_rule_it_broke(
    made: dict[str, bytes], kind: str, tmp_path: Path
) -> None:
    shape, expected, tamper = LIES[kind]
    pack = Taken(made[shape])
    steps = pack.steps()
    tamper(steps)
    pack.rechain(steps)
    pack.sign()
    assert reason(pack.body(), tmp_path) == expected


def _ended(place: int, said: object) -> Tamper:
    def tamper(pack: Taken) -> None:
        told = pack.json(STAND_INS)
        told[0][place] = said
        pack.put(STAND_INS, told)

    return tamper


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (_ended(4, LONG_AGO), "stand_in_over"),
        (_ended(4, None), "malformed"),
        (_ended(0, "5" * 16), "stand_ins_differ"),
        (lambda pack: pack.put(STAND_INS, []), "stand_ins_differ"),
        (lambda pack: pack.put(STAND_INS, "none"), "malformed"),
        (lambda pack: pack.put(STAND_INS, pack.json(STAND_INS) * 2), "stand_ins_differ"),
        (lambda pack: pack.files.pop(STAND_INS), "stand_ins_differ"),
    ],
)
def test_early_end_of_a_stand_in_is_told_and_asked(
    made: dict[str, bytes], tamper: Tamper, expected: str, tmp_path: Path
) -> None:
    pack = Taken(made["by_stand_ins"])
    ((*_period, ended),) = pack.json(STAND_INS)
    last = next(step["at"] for step in reversed(pack.steps()) if "stand_in" in step)
    assert last < ended < pack.steps()[-1]["at"]
    tamper(pack)
    pack.reindex()
    pack.sign()
    assert reason(pack.body(), tmp_path) == expected
    assert STAND_INS not in Taken(made["plain"]).files


@pytest.mark.parametrize("shape", SHAPES)
def test_step_out_of_its_place_is_told(made: dict[str, bytes], shape: str, tmp_path: Path) -> None:
    """Without new hashes: dropped, repeated, reordered, replaced, or cut off at the end."""
    found = {}
    events = Taken(made[shape]).json("events.json")
    foreign = Taken(made["plain" if shape != "plain" else "amended"]).json("events.json")[-2]
    last = len(events) - 1
    reordered = [*events[:1], events[2], events[1], *events[3:]]
    hidden = [*events[:last], {**events[last], "kept": "0" * 64}]
    replaced = [*events[: last - 1], foreign | {"shown": {**foreign["shown"], "step": last}}, events[last]]
    for kind, changed in {
        "dropped": events[:1] + events[2:],
        "repeated": [*events[:2], events[1], *events[2:]],
        "reordered": reordered,
        "first": events[1:],
        "cut off": events[:-1],
        "replaced": replaced,
        "kept half": hidden,
        "none": [],
    }.items():
        pack = Taken(made[shape])
        pack.put("events.json", changed)
        pack.sign()
        found[kind] = reason(pack.body(), tmp_path)
    assert found == {
        "dropped": "step_missing",
        "repeated": "step_missing",
        "reordered": "step_missing",
        "first": "step_missing",
        "cut off": "head_of_another_history",
        "replaced": "chain_broken",
        "kept half": "head_of_another_history",
        "none": "malformed",
    }


def _other_words(pack: Taken) -> None:
    manifest = pack.json("manifest.json")
    manifest["languages"]["en"]["text"] += " Or not."
    pack.put("manifest.json", manifest)


def _other_words_with_digest(pack: Taken) -> None:
    _other_words(pack)
    wording = pack.json("manifest.json")["languages"]["en"]
    pack.files["texts/en.md"] = readable(wording).encode()
    digest = hashlib.sha256(pack.files["manifest.json"]).hexdigest()
    pack.put("decision.json", {**pack.json("decision.json"), "digest": digest})
    pack.put("head.json", {**pack.json("head.json"), "digest": digest})


def _manifest(**changes: object) -> Tamper:
    """Another manifest, whose digest the head signs."""

    def tamper(pack: Taken) -> None:
        pack.put("manifest.json", {**pack.json("manifest.json"), **changes})
        digest = hashlib.sha256(pack.files["manifest.json"]).hexdigest()
        pack.put("head.json", {**pack.json("head.json"), "digest": digest})

    return tamper


def _another_language(pack: Taken) -> None:
    pack.files["texts/ru.md"] = pack.files.pop("texts/en.md")


#: What else a house could sign: texts, decision, symbol, none of which fits the steps.
MISFITS: dict[str, tuple[str, Tamper]] = {
    "other words": ("text_altered", _other_words),
    "other words, and their digest": ("other_text_published", _other_words_with_digest),
    "a language swapped": ("language_differs", _another_language),
    "a language put in": ("language_differs", _add("texts/kk.md")),
    "a reading that differs": ("language_differs", _edit("texts/en.md", b"timetable", b"calendar")),
    "a decision that differs": ("decision_differs", _edit(
        "decision.json", b'"approvals":2', b'"approvals":3')),
    "another symbol": ("symbol_differs", lambda pack: pack.put(
        "head.json", {**pack.json("head.json"), "symbol": "USKZ.REC/2/09"})),
    "steps that are no list": ("malformed", lambda pack: pack.put("events.json", {})),
    "a step that is a text": ("malformed", lambda pack: pack.put("events.json", ["x"])),
    "a decision that is no JSON": ("broken_json", lambda pack: pack.files.update({"decision.json": b"?"})),
    "a head with a number for a name": ("malformed", lambda pack: pack.put(
        "head.json", {**pack.json("head.json"), "symbol": 1})),
    "a text without languages": ("malformed", _manifest(languages=[])),
    "a text without a title": ("malformed", _manifest(languages={"en": {"text": ""}})),
    "letters in two pieces": ("malformed", _manifest(languages={"en": dict.fromkeys(
        ("title", "summary", "text", "rationale"), "e\u0301")})),
    "a part that is no digest": ("malformed", _manifest(includes=["no digest"])),
    "a recommendation with parts": ("malformed", _manifest(includes=["0" * 64])),
    "rules of tomorrow": ("unknown_form", lambda pack: pack.put(
        "head.json", {**pack.json("head.json"), "rules": 2})),
}  # fmt: skip


@pytest.mark.parametrize("kind", MISFITS)
def test_what_does_not_fit_the_steps_is_told(made: dict[str, bytes], kind: str, tmp_path: Path) -> None:
    expected, tamper = MISFITS[kind]
    pack = Taken(made["plain"])
    tamper(pack)
    pack.sign()
    assert reason(pack.body(), tmp_path) == expected


# Files that are no packs.


def _zip(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", method) as made:
        for name, body in members:
            made.writestr(zipfile.ZipInfo(name), body, method)
    return stored.getvalue()


def _twice(body: bytes) -> bytes:
    """The same name twice: the second member is renamed in place, since zipfile warns of making it so."""
    made = _zip(("index.json", b"{}"), ("indey.json", b"[]"))
    return made.replace(b"indey.json", b"index.json")


def _lying_size(body: bytes) -> bytes:
    """A member that says of itself that it has one byte, and has many more."""
    made = bytearray(_zip(("index.json", b"x" * 100_000)))
    directory = made.rindex(b"PK\x01\x02")
    struct.pack_into("<I", made, directory + 24, 1)
    return bytes(made)


def _encrypted(body: bytes) -> bytes:
    made = bytearray(body)
    directory = made.index(b"PK\x01\x02")
    made[directory + 8] |= 1
    made[6] |= 1
    return bytes(made)


def _unknown_method(body: bytes) -> bytes:
    made = bytearray(body)
    struct.pack_into("<H", made, made.index(b"PK\x01\x02") + 10, 99)
    struct.pack_into("<H", made, 8, 99)
    return bytes(made)


NO_PACKS: dict[str, tuple[set[str], Callable[[bytes], bytes]]] = {
    "nothing": ({"not_a_zip"}, lambda body: b""),
    "words": ({"not_a_zip"}, lambda body: b"Dear reader,"),
    "half a pack": ({"not_a_zip"}, lambda body: body[: len(body) // 2]),
    "an empty ZIP": ({"file_missing"}, lambda body: _zip()),
    "a foreign ZIP": ({"file_missing"}, lambda body: _zip(("letter.txt", b"Dear reader,"))),
    "a way out": ({"unsafe_name"}, lambda body: _zip(("../index.json", b"{}"))),
    "a way to the root": ({"unsafe_name"}, lambda body: _zip(("/index.json", b"{}"))),
    "a way of Windows": ({"unsafe_name"}, lambda body: _zip(("texts\\en.md", b"{}"))),
    "a folder": ({"unsafe_name"}, lambda body: _zip(("texts/", b""))),
    "a name in Cyrillic": ({"unsafe_name"}, lambda body: _zip(("іndex.json", b"{}"))),
    "a name twice": ({"duplicate_name"}, _twice),
    "a bomb": ({"too_large"}, lambda body: _zip(("index.json", bytes(60_000_000)))),
    "bombs together": ({"too_large"},
                       lambda body: _zip(*((f"{n}.txt", bytes(49_000_000)) for n in range(4)))),
    "very many files": ({"too_large"}, lambda body: _zip(*((f"{n}.txt", b"") for n in range(100)))),
    "a size that lies": ({"not_a_zip", "broken_json", "too_large"}, _lying_size),
    "a pack with a password": ({"not_a_zip"}, _encrypted),
    "packed in an unknown way": ({"not_a_zip"}, _unknown_method),
}  # fmt: skip


@pytest.mark.parametrize("kind", NO_PACKS)
def test_what_is_no_pack_is_refused_in_words(made: dict[str, bytes], kind: str, tmp_path: Path) -> None:
    expected, make = NO_PACKS[kind]
    assert reason(make(made["plain"]), tmp_path) in expected


def test_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    assert report(str(tmp_path / "nothing.zip"), None) == (1, ["unreadable: The file can't be read."])
    assert report(str(tmp_path), None)[0] == 1
    assert report(str(tmp_path / "nothing.zip"), "no key")[0] == 1


def test_pack_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "large.zip").open("wb") as large:
        large.truncate(MAX_PACK + 1)
    assert reason((tmp_path / "large.zip").read_bytes(), tmp_path) == "too_large"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["{pack}"], 0),
        (["{pack}", "--key", PUBLIC], 0),
        (["{pack}", "--key", signing.public_part(FOREIGN)], 1),
        ([], 2),
        (["--help"], 2),
        (["{pack}", "--key"], 2),
        (["{pack}", "{pack}"], 2),
    ],
)
def test_script_ends_with_what_it_found(
    made: dict[str, bytes],
    arguments: list[str],
    expected: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pack = tmp_path / "pack.zip"
    pack.write_bytes(made["plain"])
    assert main([argument.format(pack=pack) for argument in arguments]) == expected
    told = capsys.readouterr()
    assert bool(told.out) is (expected == 0)
    assert bool(told.err) is (expected != 0)


def test_bent_packs_never_end_in_a_traceback(made: dict[str, bytes], tmp_path: Path) -> None:
    """Every tenth byte of a pack, one after the other, is another one; whatever is told, it is a reason."""
    body = made["plain"]
    for place in range(0, len(body), max(1, len(body) // 150)):
        bent = bytearray(body)
        bent[place] ^= 0x55
        assert reason(bytes(bent), tmp_path) in {*SENTENCES, ""}


def test_what_a_pack_says_steers_no_terminal(made: dict[str, bytes], tmp_path: Path) -> None:
    pack = Taken(made["plain"])
    steps = pack.steps()
    _change("approve", event="\x1b[2JПодпись")(steps)
    pack.rechain(steps)
    pack.sign()
    (tmp_path / "pack.zip").write_bytes(pack.body())
    code, (line,) = report(str(tmp_path / "pack.zip"), None)
    assert (code, line.isascii(), line.isprintable()) == (1, True, True)


def test_untouched_packs_hold(made: dict[str, bytes], tmp_path: Path) -> None:
    assert {shape: reason(body, tmp_path) for shape, body in made.items()} == dict.fromkeys(SHAPES, "")


def test_put_together_again_a_pack_is_the_same(made: dict[str, bytes]) -> None:
    """Nothing but its files is in a pack, and signing them again gives the same signature."""
    pack = Taken(made["amended"])
    pack.sign()
    assert pack.body() == made["amended"]
