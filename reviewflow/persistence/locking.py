"""The statement that locks items, each with its parts, what it follows from, and what is tied to it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, CompoundSelect, Select, select, union_all
from sqlalchemy.orm import aliased

from reviewflow.persistence.models.packages import PackageItem
from reviewflow.persistence.models.recommendations import Recommendation, VersionPart
from reviewflow.persistence.models.recommendations import Version as VersionRow


def locked(*named: ColumnElement[bool]) -> Select[Recommendation]:
    """The named items, with those of which they include a text or from which they follow, and their packages.

    They are locked in the order of their ids. So whoever holds a brief holds its parts, whoever publishes a
    corrigendum holds its original, whoever moves a text of a package can say who is waited for
    with the others, and two acts never wait for each other. The item itself is
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
    tie, companion = aliased(PackageItem), aliased(PackageItem)
    tied = (
        select(companion.recommendation_id)
        .select_from(Recommendation)
        .join(tie, (tie.recommendation_id == Recommendation.id) & tie.released_at.is_(None))
        .join(companion, companion.package_id == tie.package_id)
        .where(*named)
    )
    # A column that is NULL is no id.
    originals = select(Recommendation.original_id).where(*named)
    ids: CompoundSelect[int | None] = union_all(
        select(Recommendation.id).where(*named), included, tied, originals
    )
    # populate_existing: what a session read before it held the lock may be old.
    return (
        select(Recommendation)
        .where(Recommendation.id.in_(ids))
        .order_by(Recommendation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
