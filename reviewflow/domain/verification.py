"""Checking an evidence pack offline: is it whole, is it signed, and does it come to what it says?

`reviewflow verify PACK` runs this module, and every pack contains it as `verify.py`: the files ed25519.py,
faults.py, recount.py, replay.py and verification.py of this folder, in this order, without the lines by
which they import each other. It needs Python 3.9 or newer and nothing else, and it reads what strangers hand
out: whatever is wrong with a pack is one of the reasons in SENTENCES and never a traceback.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import unicodedata
import zipfile
import zlib
from typing import Any

from reviewflow.domain.ed25519 import is_signed
from reviewflow.domain.faults import SENTENCES, Fault
from reviewflow.domain.recount import STAND_INS, ask_ends
from reviewflow.domain.replay import RULES, Replay

Files = dict[str, bytes]
#: Announced keys: (64 hexadecimal digits, from, until).
Keys = list[tuple[str, str, str]]

#: What a signature is made of: this, then the bytes of head.json. Nothing else that we sign begins so.
PREFIX = b"reviewflow evidence 1\n"
#: What every pack holds beside its documents; index.json lists all but the first three with their digests.
SIGNED = ("head.json", "head.sig", "index.json")
PARTS = ("README.txt", "decision.json", "events.json", "manifest.json", "verify.py")
#: The largest pack, the largest file in one, all its files together (in bytes), and how many there may be.
MAX_PACK, MAX_FILE, MAX_ALL, MAX_FILES = 100_000_000, 50_000_000, 150_000_000, 64

SENTENCES.update(
    {
        "unreadable": "The file can't be read.",
        "not_a_zip": "This is not a ZIP file, or it is damaged.",
        "too_large": "The pack or something in it is larger than packs are: %s.",
        "unsafe_name": "The name of a file in the pack is not one that packs have: %s.",
        "duplicate_name": "A file is in the pack twice: %s.",
        "file_missing": "A file is missing: %s.",
        "unexpected_file": "A file is in the pack that its index does not list: %s.",
        "file_altered": "A file is not the one that the index lists: %s.",
        "broken_json": "A file is not JSON as packs write it: %s.",
        "malformed": "A file does not say what it should: %s.",
        "unknown_form": "The pack is of a form or of rules that this verifier does not know: %s.",
        "head_of_another_pack": "The signed head is that of another pack.",
        "bad_signature": "The signature of the head is not by the key that it names.",
        "wrong_key": "The pack is signed by a key that is not one of those to be trusted.",
        "key_not_in_force": "The key that signed was not in force when the pack was made.",
        "text_altered": "The texts do not have the digest that was signed.",
        "part_differs": "A part is not the text that was agreed to: %s.",
        "language_differs": "A text to read is not the one that was agreed to: %s.",
        "step_missing": "A step is missing, repeated or out of order: %s.",
        "chain_broken": "A step does not follow from the one before it: %s.",
        "head_of_another_history": "The steps do not lead to the event that was signed.",
        "other_text_published": "The text that was published is not the one in the pack.",
        "foreign_task_force": "A step is of another task force: %s.",
        "symbol_differs": "The symbol that was signed is not the one that was given on approval.",
        "decision_differs": "What the pack says was decided is not what its steps come to.",
    }
)


def verify(path: str, trusted: Keys | None = None) -> dict[str, Any]:
    """What a pack proves: its signed head, with what was decided. Raises Fault with the first thing wrong.

    `trusted` are the announced keys, each (64 hexadecimal digits, from, until), the instants as UTC text
    and possibly empty; without any, only the key in the pack is asked.
    """
    files = _files(path)
    head = _signed_head(files, trusted)
    manifest = _texts(files, head)
    steps = _steps(files, head)
    replay = Replay(manifest["proposing_group"])
    for step in steps:
        replay.take(step)
    ask_ends(steps, _parsed(files, STAND_INS) if STAND_INS in files else [])
    decision = {**replay.decision(), "digest": head["digest"]}
    if replay.text != text_mark(head["opening"], head["digest"]):
        raise Fault("other_text_published")
    if decision["symbol"] != head["symbol"]:
        raise Fault("symbol_differs")
    if _parsed(files, "decision.json") != decision:
        raise Fault("decision_differs")
    return {**head, "decision": decision, "files": sorted(files)}


def canonical(value: object) -> bytes:
    """RFC 8785 bytes of dicts, lists, strings, whole numbers, booleans and None; others are ValueError."""
    return _encoded_json(value).encode()


def text_mark(opening: str, digest: str) -> str:
    """What stands for a text in the steps."""
    return hashlib.sha256((opening + digest).encode()).hexdigest()


def readable(wording: dict[str, str]) -> str:
    """A text in one language as a pack holds it to be read: texts/LANGUAGE.md."""
    parts = (f"# {wording['title']}", wording["summary"], wording["text"], wording["rationale"])
    return "\n\n".join(part for part in parts if part) + "\n"


def _encoded_json(value: object) -> str:
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) and abs(value) < 2**53:
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(map(_encoded_json, value)) + "]"
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{_encoded_json(key)}:{_encoded_json(value[key])}" for key in keys) + "}"
    raise ValueError("no canonical form")


# The container


def _files(path: str) -> Files:
    """The files of a pack by name, each as large as a file may be, exactly those that the index lists."""
    try:
        with open(path, "rb") as opened:
            if opened.seek(0, 2) > MAX_PACK:
                raise Fault("too_large", "the pack")
            with zipfile.ZipFile(opened) as pack:
                files = _unpacked(pack)
    except OSError:
        raise Fault("unreadable") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, LookupError, MemoryError):
        # RuntimeError: encrypted, or packed in a way that Python does not know (NotImplementedError).
        raise Fault("not_a_zip") from None
    listed = _index(files)
    for name in listed:
        if name not in files:
            raise Fault("file_missing", name)
        if hashlib.sha256(files[name]).hexdigest() != listed[name]:
            raise Fault("file_altered", name)
    for name in files:
        if name not in listed and name not in SIGNED:
            raise Fault("unexpected_file", name)
    return files


def _unpacked(pack: zipfile.ZipFile) -> Files:
    members = pack.infolist()
    if len(members) > MAX_FILES:
        raise Fault("too_large", f"{len(members)} files")
    files: Files = {}
    room = MAX_ALL
    for member in members:
        name = member.filename
        if member.orig_filename != name or not re.fullmatch(r"(?:[a-z]+/)?[A-Za-z0-9][A-Za-z0-9._-]*", name):
            raise Fault("unsafe_name", repr(name)[:100])
        if name in files:
            raise Fault("duplicate_name", name)
        with pack.open(member) as packed:
            # What the directory says of a size is not believed.
            files[name] = packed.read(min(MAX_FILE, room) + 1)
        room -= len(files[name])
        if len(files[name]) > MAX_FILE or room < 0:
            raise Fault("too_large", name)
    return files


def _index(files: Files) -> dict[str, str]:
    listed = _parsed(files, "index.json")
    if not isinstance(listed, dict) or not all(_is_hex(listed[name], 64) for name in listed):
        raise Fault("malformed", "index.json")
    for name in PARTS:
        if name not in listed:
            raise Fault("file_missing", name)
    return listed


def _parsed(files: Files, name: str) -> Any:
    """The value of a JSON file in the one form that it can have, so that it can't say two things."""
    if name not in files:
        raise Fault("file_missing", name)
    try:
        value = json.loads(files[name].decode())
        if canonical(value) != files[name]:
            raise ValueError
    except (ValueError, RecursionError):
        raise Fault("broken_json", name) from None
    return value


def _is_hex(value: object, digits: int) -> bool:
    return isinstance(value, str) and len(value) == digits and not set(value) - set("0123456789abcdef")


def _is_instant(value: object) -> bool:
    form = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z"
    return isinstance(value, str) and re.fullmatch(form, value) is not None


# The signature


def _signed_head(files: Files, trusted: Keys | None) -> dict[str, Any]:
    head = _parsed(files, "head.json")
    kinds: dict[str, Any] = {
        "form": int, "rules": int, "task_force": str, "symbol": str, "digest": 64, "opening": 64,
        "event": 64, "index": 64, "at": None, "key": 64,
    }  # fmt: skip
    if not isinstance(head, dict) or set(head) != set(kinds):
        raise Fault("malformed", "head.json")
    for name, kind in kinds.items():
        value = head[name]
        if isinstance(kind, type):
            right = type(value) is kind
        else:
            right = _is_instant(value) if kind is None else _is_hex(value, kind)
        if not right:
            raise Fault("malformed", f"head.json, {name}")
    if (head["form"], head["rules"]) != (1, RULES):
        raise Fault("unknown_form", f"{head['form']}, {head['rules']}")
    signature = files.get("head.sig", b"").decode("ascii", "replace")
    if not _is_hex(signature, 128):
        raise Fault("bad_signature")
    if not is_signed(bytes.fromhex(head["key"]), PREFIX + files["head.json"], bytes.fromhex(signature)):
        raise Fault("bad_signature")
    if trusted is not None:
        validity = [(since, until) for key, since, until in trusted if key == head["key"]]
        if not validity:
            raise Fault("wrong_key")
        if not any(since <= head["at"] and (not until or head["at"] < until) for since, until in validity):
            raise Fault("key_not_in_force")
    if hashlib.sha256(files["index.json"]).hexdigest() != head["index"]:
        raise Fault("head_of_another_pack")
    return head


# The texts


def _texts(files: Files, head: dict[str, Any]) -> dict[str, Any]:
    """The manifest, whose bytes have the signed digest, and the texts to read, each equal to its wording."""
    if hashlib.sha256(files["manifest.json"]).hexdigest() != head["digest"]:
        raise Fault("text_altered")
    manifest: Any = _parsed(files, "manifest.json")
    languages = manifest.get("languages") if isinstance(manifest, dict) else None
    if not isinstance(languages, dict) or not isinstance(manifest.get("proposing_group"), str):
        raise Fault("malformed", "manifest.json")
    for language, wording in languages.items():
        fields = ("title", "summary", "text", "rationale")
        if not isinstance(wording, dict) or not all(isinstance(wording.get(f), str) for f in fields):
            raise Fault("malformed", "manifest.json")
        if not all(unicodedata.is_normalized("NFC", wording[field]) for field in fields):
            raise Fault("malformed", "manifest.json")
        if files.get(f"texts/{language}.md") != readable(wording).encode():
            raise Fault("language_differs", language)
    for name in files:
        if name.startswith("texts/") and name[6:-3] not in languages:
            raise Fault("language_differs", name[6:-3])
    _ask_parts(files, manifest)
    return dict(manifest)


def _ask_parts(files: Files, manifest: dict[str, Any]) -> None:
    """Whether the pack holds exactly the parts, and what it corrects, each with the bytes of its digest."""
    includes = manifest.get("includes", [])
    corrected = [manifest["corrects"]] if "corrects" in manifest else []
    if not isinstance(includes, list) or not all(_is_hex(digest, 64) for digest in includes + corrected):
        raise Fault("malformed", "manifest.json")
    if bool(includes) is (manifest.get("kind") == "recommendation"):
        raise Fault("malformed", "manifest.json")
    for digest in includes + corrected:
        if hashlib.sha256(files.get(f"parts/{digest}.json", b"")).hexdigest() != digest:
            raise Fault("part_differs", digest)
    for name in files:
        if name.startswith("parts/") and name[6:-5] not in includes + corrected:
            raise Fault("part_differs", name[6:-5])


# The steps

_NEEDED = {
    "task_force": str, "step": int, "before": str, "event": str, "at": str, "version": int,
    "text": str, "role": str, "group": (str, type(None)), "seat": (str, type(None)),
}  # fmt: skip
_POSSIBLE = {
    "state": str, "round": int, "stand": str, "until": str, "silence": str, "symbol": str, "member": str,
    "asked": str, "thread": str, "package": str, "rosters": dict, "stand_in": dict,
}  # fmt: skip


def _steps(files: Files, head: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps, complete and in order: each says how many came before it and names the last one's hash.

    The signed head names the hash of the last, so all of them are what the task force's chain holds.
    """
    events = _parsed(files, "events.json")
    if not isinstance(events, list) or not events:
        raise Fault("malformed", "events.json")
    before = ""
    steps = []
    for number, event in enumerate(events, start=1):
        where = f"step {number}"
        if not isinstance(event, dict) or set(event) != {"kept", "shown"} or not _is_hex(event["kept"], 64):
            raise Fault("malformed", f"events.json, {where}")
        step = event["shown"]
        _ask_form(step, where)
        if step["task_force"] != head["task_force"]:
            raise Fault("foreign_task_force", where)
        if step["step"] != number:
            raise Fault("step_missing", where)
        if step["before"] != before:
            raise Fault("chain_broken", where)
        before = hashlib.sha256(canonical(event)).hexdigest()
        steps.append(step)
    if before != head["event"]:
        raise Fault("head_of_another_history")
    return steps


def _ask_form(step: object, where: str) -> None:
    kinds: dict[str, Any] = {**_NEEDED, **_POSSIBLE}
    if not isinstance(step, dict) or not set(_NEEDED) <= set(step) <= set(kinds):
        raise Fault("steps_malformed", where)
    for name, value in step.items():
        if isinstance(value, bool) or not isinstance(value, kinds[name]):
            raise Fault("steps_malformed", f"{where}, {name}")
    if not all(_is_instant(step[name]) for name in ("at", "until", "asked") if name in step):
        raise Fault("steps_malformed", where)
    for roster in step.get("rosters", {}).values():
        if not isinstance(roster, list) or not all(_is_hex(seat, 16) for seat in roster):
            raise Fault("steps_malformed", f"{where}, rosters")
        if len(set(roster)) != len(roster):
            raise Fault("steps_malformed", f"{where}, rosters")


# The command


def trusted_keys(given: str) -> Keys:
    """The keys that `--key` names: 64 hexadecimal digits, or a saved copy of reviewflow-keys.json.

    Raises Fault where it is neither.
    """
    if _is_hex(given, 64):
        return [(given, "", "")]
    try:
        with open(given, encoding="utf-8") as opened:
            announced = json.load(opened)["keys"]
        return [(key["public"], str(key["from"] or ""), str(key["until"] or "")) for key in announced]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        raise Fault("unreadable") from None


def report(path: str, key: str | None) -> tuple[int, list[str]]:
    """The exit code, and the lines to print."""
    try:
        found = verify(path, trusted_keys(key) if key else None)
    except Fault as fault:
        sentence = SENTENCES[fault.code]
        return 1, [_plain(f"{fault.code}: {sentence % fault.where if '%s' in sentence else sentence}")]
    decision = found["decision"]
    lines = [f"verified: {found['symbol']}, digest {found['digest']}"]
    for group, agreed in decision["agreements"].items():
        lines.append(
            f"agreed: {group}, {agreed['at']}, by {agreed['by']};"
            f" {agreed['positions']} of {agreed['voters']} positions, {agreed['approvals']} approvals"
        )
    lines.append(f"approved: {decision['approved_at']}; published: {decision['published_at']}")
    if key:
        lines.append(f"signed: {found['at']}, by a key that you trust, {found['key']}")
    else:
        lines.append(f"signed: {found['at']}, by the key that the pack itself names, {found['key']}.")
        lines.append("NOT CHECKED whose key that is: compare it with one of those that the site announces at")
        lines.append("/.well-known/reviewflow-keys.json, and give that with --key.")
    return 0, [_plain(line) for line in lines]


def _plain(line: str) -> str:
    """A line that steers no terminal and can be written to any: what a pack says may be anything."""
    return line.encode("ascii", "backslashreplace").decode().translate(dict.fromkeys((*range(32), 127), "?"))


def main(arguments: list[str]) -> int:
    """`verify.py PACK [--key HEX|FILE]`."""
    key = None
    if len(arguments) == 3 and arguments[1] == "--key":
        key = arguments[2]
        arguments = arguments[:1]
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.stderr.write("Usage: python verify.py PACK [--key HEX|FILE]\n")
        return 2
    code, lines = report(arguments[0], key)
    (sys.stderr if code else sys.stdout).write("\n".join(lines) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
