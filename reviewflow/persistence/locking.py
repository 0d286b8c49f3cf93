"""The statement that locks items, each with those of which it includes a text."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, select, union_all
from sqlalchemy.orm import aliased

from reviewflow.persistence.models.recommendations import Recommendation, VersionPart
from reviewflow.persistence.models.recommendations import Version as VersionRow


def locked(*named: ColumnElement[bool]) -> Select[Recommendation]:
    """The named items and those of which they include a text, locked in the order of their ids.

    So whoever holds a brief holds its parts, and two acts never wait for each other. The item itself is
    found by the statement that locks, and read anew if it was waited for.
    """
    head, text, whole = aliased(VersionRow), aliased(VersionRow), aliased(Recommendation)
    included = (
        select(text.recommendation_id)
        .select_from(Recommendation)
        .join(
            head,
            (head.recommendation_id == Recommendation.id) & (head.number == Recommendation.head_number),
        )
        .join(VersionPart, VersionPart.version_id == head.id)
        .join(text, text.digest == VersionPart.digest)
        .join(
            whole,
            (whole.id == text.recommendation_id) & (whole.task_force_id == Recommendation.task_force_id),
        )
        .where(*named)
    )
    ids = union_all(select(Recommendation.id).where(*named), included)
    # populate_existing: what a session read before it held the lock may be old.
    return (
        select(Recommendation)
        .where(Recommendation.id.in_(ids))
        .order_by(Recommendation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
