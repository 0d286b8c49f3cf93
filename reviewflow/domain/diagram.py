"""The picture of the procedure, drawn from the table itself so that it cannot drift."""

from __future__ import annotations

from reviewflow.domain.items import FINISHED, State
from reviewflow.domain.workflow import RULES


def mermaid() -> str:
    """A Mermaid state diagram: one arrow a pair of states, named by its actions."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for rule in RULES.values():
        for source in [str(s) for s in sorted(rule.source)] or ["[*]"]:
            target = str(rule.to or source)
            arrows.setdefault((source, target), []).append(str(rule.action))
    lines = ["stateDiagram-v2"]
    lines += [f"    {source} --> {target}: {', '.join(names)}" for (source, target), names in arrows.items()]
    lines += [f"    {state} --> [*]" for state in State if state in FINISHED and _is_terminal(state)]
    return "\n".join(lines) + "\n"


def _is_terminal(state: State) -> bool:
    return not any(state in rule.source for rule in RULES.values())
