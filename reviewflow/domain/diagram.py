"""The picture of the procedure, drawn from the table itself so that it cannot drift."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from reviewflow.domain.items import FINISHED, State
from reviewflow.domain.workflow import RULES, Action, Rule

#: What stands beside the text, and moves it nowhere: loops at nearly every state, of which no picture is
#: the clearer.
BESIDE_THE_TEXT = frozenset({Action.TIE, Action.UNTIE, Action.ATTACH_STATEMENT, Action.WITHDRAW_STATEMENT})
#: Where an arrow comes from that makes an item.
NOTHING = "[*]"

#: The upper left corner and the width of each state's box in the drawing.
_BOXES: dict[State, tuple[int, int, int]] = {
    State.DRAFT: (60, 200, 130),
    State.PROPOSED: (290, 200, 130),
    State.AGREED: (560, 200, 130),
    State.APPROVED: (760, 200, 130),
    State.PUBLISHED: (960, 200, 130),
    State.WITHDRAWN: (290, 40, 130),
    State.DECLINED: (60, 350, 130),
    State.CHANGES_REQUESTED: (290, 350, 160),
    State.SUPERSEDED: (960, 40, 130),
    State.RETRACTED: (960, 350, 130),
}
_HEIGHT = 44
_SIZE = (1110, 440)
#: What a loop is marked with; under the drawing stands what it is for.
_MARKS = "①②③④⑤⑥⑦⑧⑨"
_LINE = 20

#: The way of each arrow, and where its words stand: x, y, and the side of them that is fixed.
_WAYS: dict[tuple[str, str], tuple[str, int, int, str]] = {
    (NOTHING, "draft"): ("M16 222H58", 36, 214, "middle"),
    ("draft", "draft"): ("M150 244C150 276 180 276 180 246", 165, 286, "middle"),
    ("draft", "proposed"): ("M190 222H288", 239, 214, "middle"),
    ("proposed", "proposed"): ("M305 200C305 166 337 166 337 198", 321, 168, "middle"),
    ("proposed", "agreed"): ("M420 222H558", 489, 214, "middle"),
    ("agreed", "approved"): ("M690 222H758", 724, 214, "middle"),
    ("approved", "approved"): ("M775 244C775 276 807 276 807 246", 791, 290, "middle"),
    ("approved", "published"): ("M890 222H958", 924, 214, "middle"),
    ("published", "published"): ("M975 244C975 276 1007 276 1007 246", 985, 290, "middle"),
    ("published", "superseded"): ("M1025 200V86", 1033, 146, "start"),
    ("published", "retracted"): ("M1025 244V348", 1033, 302, "start"),
    ("proposed", "changes_requested"): ("M345 244V348", 338, 326, "end"),
    ("changes_requested", "proposed"): ("M395 350V246", 402, 302, "start"),
    ("changes_requested", "changes_requested"): ("M350 394C350 426 384 426 384 396", 367, 436, "middle"),
    ("agreed", "changes_requested"): ("M625 244V373H452", 540, 367, "middle"),
    ("approved", "changes_requested"): ("M825 244V386H452", 725, 380, "middle"),
    ("proposed", "declined"): ("M310 244V310H150V348", 232, 304, "middle"),
    ("declined", "draft"): ("M100 350V246", 94, 302, "end"),
    ("draft", "withdrawn"): ("M150 200V72H288", 158, 140, "start"),
    ("proposed", "withdrawn"): ("M355 200V86", 349, 136, "end"),
    ("changes_requested", "withdrawn"): ("M450 362H490V124H390V86", 482, 160, "end"),
    ("agreed", "withdrawn"): ("M625 200V72H422", 618, 140, "end"),
    ("approved", "withdrawn"): ("M825 200V52H422", 818, 140, "end"),
    ("withdrawn", "draft"): ("M290 52H100V198", 94, 140, "end"),
}


def mermaid() -> str:
    """A Mermaid state diagram: one arrow a pair of states, named by its actions."""
    lines = ["stateDiagram-v2"]
    for (source, target), rules in arrows().items():
        lines.append(f"    {source} --> {target}: {', '.join(rule.action for rule in rules)}")
    lines += [f"    {state} --> [*]" for state in State if state in FINISHED and _is_terminal(state)]
    return "\n".join(lines) + "\n"


def svg(word: Callable[[str], str] = lambda code: code.replace("_", " ")) -> str:
    """The same as a drawing that takes the colour of the text around it; `word` names states and actions.

    It stands in a page or in a file of its own. Boxes and ways are laid out by hand; which arrows there
    are and what they are called comes from the table, an arrow without a way becoming a straight line. What
    leaves the state as it is stands under the drawing, with the mark of its loop.
    """
    width, height = _SIZE
    drawn = arrows()
    loops = [pair for pair in drawn if pair[0] == pair[1]]
    height += _LINE * len(loops)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" class="procedure"'
            ' role="img" aria-labelledby="procedure-title" fill="none" stroke="currentColor" font-size="13">'
        ),
        f'<title id="procedure-title">{escape(_sentence(word))}</title>',
        (
            '<defs><marker id="procedure-head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
            ' markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="currentColor" stroke="none"/>'
            "</marker></defs>"
        ),
        '<circle class="procedure-start" cx="12" cy="222" r="5" fill="currentColor"/>',
    ]
    for pair, rules in drawn.items():
        names = [word(rule.action) for rule in rules]
        if pair in loops:
            place = loops.index(pair)
            y, label = _SIZE[1] + 14 + _LINE * place, f"{_MARKS[place]} {word(pair[0])}: {', '.join(names)}"
            parts.append(f'<text x="60" y="{y}" fill="currentColor" stroke="none">{escape(label)}</text>')
            names = [_MARKS[place]]
        parts.append(_arrow(pair, rules, names))
    parts += [_box(state, word) for state in State]
    return "\n".join([*parts, "</svg>"]) + "\n"


def arrows() -> dict[tuple[str, str], list[Rule]]:
    """The table's rows by the states that they lead from and to; `NOTHING` is where creating begins."""
    found: dict[tuple[str, str], list[Rule]] = {}
    for rule in (row for row in RULES.values() if row.action not in BESIDE_THE_TEXT):
        for source in [str(s) for s in sorted(rule.source)] or [NOTHING]:
            found.setdefault((source, str(rule.to or source)), []).append(rule)
    return found


def _box(state: State, word: Callable[[str], str]) -> str:
    x, y, width = _BOXES[state]
    kind = " procedure-finished" if state in FINISHED else ""
    inner = (
        f'<rect x="{x + 3}" y="{y + 3}" width="{width - 6}" height="{_HEIGHT - 6}" rx="4" stroke-width="1"/>'
        if kind
        else ""
    )
    return (
        f'<g class="procedure-state{kind}" data-state="{state}">'
        f'<rect x="{x}" y="{y}" width="{width}" height="{_HEIGHT}" rx="6" stroke-width="1.5"/>{inner}'
        f'<text x="{x + width // 2}" y="{y + 27}" text-anchor="middle" font-size="14" font-weight="600"'
        f' fill="currentColor" stroke="none">{escape(word(state))}</text></g>'
    )


def _arrow(pair: tuple[str, str], rules: list[Rule], names: list[str]) -> str:
    way, x, y, side = _WAYS.get(pair) or _straight(pair)
    lines = _label(pair, names)
    spans = "".join(
        f'<tspan x="{x}" dy="{15 if number else 0}">{escape(line)}</tspan>'
        for number, line in enumerate(lines)
    )
    return (
        f'<g class="procedure-arrow" data-actions="{" ".join(rule.action for rule in rules)}">'
        f'<path d="{way}" marker-end="url(#procedure-head)" stroke-width="1.25"/>'
        f'<text x="{x}" y="{y}" text-anchor="{side}" fill="currentColor" stroke="none">{spans}</text></g>'
    )


def _label(pair: tuple[str, str], names: list[str]) -> list[str]:
    """The actions of an arrow: beside a vertical one a line each, elsewhere one line."""
    if pair == (State.PROPOSED, State.CHANGES_REQUESTED):
        return [*(name + "," for name in names[:-1]), names[-1]]
    return [", ".join(names)]


def _straight(pair: tuple[str, str]) -> tuple[str, int, int, str]:
    """A line from box to box, for an arrow that nobody has found a way for yet."""
    (x1, y1, w1), (x2, y2, w2) = (_BOXES[State(name)] for name in pair)
    x1, x2, middle = x1 + w1 // 2, x2 + w2 // 2, _HEIGHT // 2
    return (
        f"M{x1} {y1 + middle}L{x2} {y2 + middle}",
        (x1 + x2) // 2,
        (y1 + y2) // 2 + middle - 6,
        "middle",
    )


def _sentence(word: Callable[[str], str]) -> str:
    """The drawing for those who hear it: each arrow in words."""
    return ". ".join(
        f"{', '.join(word(rule.action) for rule in rules)}: "
        + (f"{word(source)} → {word(target)}" if source != NOTHING else word(target))
        for (source, target), rules in arrows().items()
    )


def _is_terminal(state: State) -> bool:
    return not any(state in rule.source for rule in RULES.values())
