"""The commitments: what was recommended on each, what was answered, and how far it is implemented."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from reviewflow.gateways import commitments, lists
from reviewflow.gateways.commitments import FollowedText
from reviewflow.gateways.lists import SiteTaskForce
from reviewflow.queries.follow_up import followed_texts
from reviewflow.web.site.answers import HTML, made, reader
from reviewflow.web.site.pages import chosen_task_force

CSV = "text/csv; charset=utf-8"


def register(site: Blueprint) -> None:
    """Attach the page and the table."""
    site.add_url_rule("/commitments", "commitments", page)
    site.add_url_rule("/commitments.csv", "commitments_csv", table)


def page() -> Response:
    """The commitments of a task force with their texts."""

    def write(task_force: SiteTaskForce, texts: Iterable[FollowedText]) -> bytes:
        return commitments.commitments_page(task_force, texts, _address("/commitments.csv"))

    return _answer("/commitments", write, HTML)


def table() -> Response:
    """The same for a spreadsheet."""
    return _answer("/commitments.csv", lambda _, texts: commitments.commitments_table(texts), CSV)


def _answer(
    path: str, write: Callable[[SiteTaskForce, Iterable[FollowedText]], bytes], content_type: str
) -> Response:
    everybody = reader().task_forces()
    chosen = chosen_task_force(everybody, lists.Filter(request.args.get("task_force", "")))
    return made(_address(path), everybody, lambda: write(chosen, followed_texts(chosen.id)), content_type)


def _address(path: str) -> str:
    """An address with the task force that was asked for, if one was."""
    named = request.args.get("task_force", "")
    return f"{path}?{urlencode({'task_force': named})}" if named else path
