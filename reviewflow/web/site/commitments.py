"""The commitments: what was recommended on each, what was answered, and how far it is implemented."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from reviewflow.gateways import commitments, lists
from reviewflow.gateways.commitments import FollowedText
from reviewflow.gateways.lists import SiteTaskForce, commitments_address
from reviewflow.queries.follow_up import followed_texts
from reviewflow.web.site.answers import HTML, made, reader
from reviewflow.web.site.pages import chosen_task_force, moved

CSV = "text/csv; charset=utf-8"


def register(site: Blueprint) -> None:
    """Attach the page and the table, of the first task force and of each by its name."""
    site.add_url_rule("/commitments", "commitments", page)
    site.add_url_rule("/commitments.csv", "commitments_csv", table)
    site.add_url_rule("/commitments/<task_force>", "commitments_of", page)
    site.add_url_rule("/commitments/<task_force>.csv", "commitments_csv_of", table)


def page(task_force: str = "") -> ResponseReturnValue:
    """The commitments of a task force with their texts."""

    def write(chosen: SiteTaskForce, texts: Iterable[FollowedText]) -> bytes:
        return commitments.commitments_page(chosen, texts, _address(task_force, ".csv"))

    return _answer(task_force, "", write, HTML)


def table(task_force: str = "") -> ResponseReturnValue:
    """The same for a spreadsheet."""
    return _answer(task_force, ".csv", lambda _, texts: commitments.commitments_table(texts), CSV)


def _answer(
    named: str,
    ending: str,
    write: Callable[[SiteTaskForce, Iterable[FollowedText]], bytes],
    content_type: str,
) -> ResponseReturnValue:
    if asked := request.args.get("task_force", ""):
        return moved(_address(asked, ending))
    everybody = reader().task_forces()
    chosen = chosen_task_force(everybody, lists.Filter(named))
    return made(
        _address(named, ending), everybody, lambda: write(chosen, followed_texts(chosen.id)), content_type
    )


def _address(named: str, ending: str) -> str:
    return commitments_address(named) + ending
