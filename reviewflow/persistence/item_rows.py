"""The one statement that reads everything of one item."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    LargeBinary,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from reviewflow.domain.items import RelationKind
from reviewflow.persistence.db import Instant
from reviewflow.persistence.models.accounts import Membership, TaskForce, WorkingGroup
from reviewflow.persistence.models.deliberation import (
    AgreementRow,
    ApprovalRow,
    BallotRow,
    BallotVoter,
    Comment,
    PositionRow,
    SuggestionRow,
    Thread,
)
from reviewflow.persistence.models.packages import PackageConsent, PackageItem, PackageRow
from reviewflow.persistence.models.publication import Publication
from reviewflow.persistence.models.recommendations import Recommendation, VersionPart, Wait
from reviewflow.persistence.models.recommendations import Version as VersionRow
from reviewflow.persistence.models.silence import SilenceConsent, SilenceRow


def _part(
    name: str,
    *numbers: ColumnElement[Any],
    texts: tuple[ColumnElement[Any], ...] = (),
    stored: ColumnElement[Any] | None = None,
    instant: ColumnElement[Any] | None = None,
) -> Select[*tuple[Any, ...]]:
    """One branch of the statement: name, five numbers, three texts, bytes, an instant; what lacks is NULL."""
    integers = [*numbers, *(cast(null(), Integer) for _ in range(5 - len(numbers)))]
    words = [*(cast(text, Text) for text in texts), *(cast(null(), Text) for _ in range(3 - len(texts)))]
    bytes_ = cast(null(), LargeBinary) if stored is None else stored
    columns = [*integers, *words, bytes_, cast(null(), Instant) if instant is None else instant]
    return select(literal_column(f"'{name}'", Text), *(c.label(None) for c in columns))


def _all_parts() -> CompoundSelect[*tuple[Any, ...]]:
    """The people of the task force and everything of one item, as one statement.

    A member's page waits for the database once for all of it, and all of it is of the same instant.
    Only the item's own row is read (and locked) before: what is joined to a row that is waited for
    would be seen as it was before the wait.
    """
    item, task_force = bindparam("item", type_=Integer), bindparam("task_force", type_=Integer)
    newest_ballots = (
        select(BallotRow.group_id, func.max(BallotRow.round).label("round"))
        .where(BallotRow.recommendation_id == item)
        .group_by(BallotRow.group_id)
        .subquery()
    )
    newest_positions = (
        select(func.max(PositionRow.id))
        .where(PositionRow.recommendation_id == item)
        .group_by(PositionRow.group_id, PositionRow.person_id)
    )
    first_comment = (
        select(func.min(Comment.id)).where(Comment.thread_id == Thread.id).correlate(Thread).scalar_subquery()
    )
    head, text, whole = aliased(VersionRow), aliased(VersionRow), aliased(Recommendation)
    tied, companion = aliased(PackageItem), aliased(Recommendation)
    is_tied = and_(PackageItem.recommendation_id == item, PackageItem.released_at.is_(None))
    is_open = and_(SilenceRow.recommendation_id == item, SilenceRow.ended_at.is_(None))
    is_head = VersionRow.number == bindparam("head", type_=Integer)
    return union_all(
        _part("task_force", texts=(TaskForce.slug.expression, TaskForce.symbol_prefix.expression)).where(
            TaskForce.id == task_force
        ),
        _part("group", WorkingGroup.id.expression, texts=(WorkingGroup.slug.expression,)).where(
            WorkingGroup.task_force_id == task_force
        ),
        _part(
            "member",
            Membership.person_id.expression,
            Membership.group_id.expression,
            texts=(Membership.role.expression,),
        ).where(Membership.task_force_id == task_force, Membership.left_at.is_(None)),
        _part(
            "version",
            VersionRow.number.expression,
            VersionRow.author_id.expression,
            VersionRow.open_brackets.expression,
            texts=(VersionRow.digest.expression, VersionRow.missing.expression),
            stored=case((is_head, VersionRow.manifest)),
        ).where(VersionRow.recommendation_id == item),
        _part(
            "voter",
            BallotRow.group_id.expression,
            BallotRow.round.expression,
            BallotVoter.person_id.expression,
        )
        .select_from(BallotRow)
        .join(
            newest_ballots,
            (newest_ballots.c.group_id == BallotRow.group_id) & (newest_ballots.c.round == BallotRow.round),
        )
        .join(BallotVoter, BallotVoter.ballot_id == BallotRow.id, isouter=True)
        .where(BallotRow.recommendation_id == item),
        _part(
            "position",
            PositionRow.id.expression,
            PositionRow.group_id.expression,
            PositionRow.person_id.expression,
            PositionRow.round.expression,
            PositionRow.version_number.expression,
            texts=(
                PositionRow.digest.expression,
                PositionRow.stand.expression,
                PositionRow.recorded_by.expression,
            ),
        ).where(PositionRow.id.in_(newest_positions)),
        _part("concern", Thread.group_id.expression, Comment.person_id.expression)
        .select_from(Thread)
        .join(Comment, Comment.id == first_comment)
        .where(Thread.recommendation_id == item, Thread.kind == "concern", Thread.resolved_at.is_(None)),
        _part(
            "agreement",
            AgreementRow.id.expression,
            AgreementRow.group_id.expression,
            AgreementRow.round.expression,
            texts=(AgreementRow.digest.expression,),
        ).where(AgreementRow.recommendation_id == item),
        _part(
            "approval",
            ApprovalRow.id.expression,
            cast(null(), Integer),
            ApprovalRow.round.expression,
            texts=(ApprovalRow.digest.expression,),
        ).where(ApprovalRow.recommendation_id == item),
        _part("suggestions", func.count(SuggestionRow.thread_id))
        .select_from(SuggestionRow)
        .join(Thread, Thread.id == SuggestionRow.thread_id)
        .where(Thread.recommendation_id == item, ~Thread.internal, SuggestionRow.state == "open"),
        _part(
            "tie",
            PackageRow.group_id.expression,
            tied.recommendation_id.expression,
            companion.round.expression,
            texts=(text.digest.expression,),
        )
        .select_from(PackageItem)
        .join(PackageRow, PackageRow.id == PackageItem.package_id)
        .join(tied, tied.package_id == PackageItem.package_id)
        .join(companion, companion.id == tied.recommendation_id)
        .join(
            text,
            (text.recommendation_id == companion.id) & (text.number == companion.circulated_number),
        )
        .where(is_tied),
        _part("package_consent", PackageConsent.group_id.expression, texts=(PackageConsent.seal.expression,))
        .select_from(PackageItem)
        .join(PackageConsent, PackageConsent.package_id == PackageItem.package_id)
        .where(is_tied),
        _part(
            "silence",
            SilenceRow.id.expression,
            case((SilenceRow.started_at.is_not(None), 1), else_=0),
            instant=SilenceRow.until.expression,
        ).where(is_open),
        _part(
            "consent",
            SilenceConsent.group_id.expression,
            SilenceConsent.person_id.expression,
            instant=SilenceConsent.until.expression,
        )
        .join(SilenceRow, SilenceRow.id == SilenceConsent.silence_id)
        .where(is_open),
        _part(
            "included",
            VersionPart.ordinal.expression,
            whole.id.expression,
            case((whole.circulated_number == text.number, 1), else_=0),
            texts=(
                VersionPart.digest.expression,
                func.coalesce(whole.final_symbol, whole.symbol),
                whole.state.expression,
            ),
        )
        .select_from(head)
        .join(VersionPart, VersionPart.version_id == head.id)
        .join(text, text.digest == VersionPart.digest, isouter=True)
        .join(
            whole,
            (whole.id == text.recommendation_id)
            & (whole.task_force_id == task_force)
            & (whole.circulated_number >= text.number),
            isouter=True,
        )
        .where(head.recommendation_id == item, head.number == bindparam("head", type_=Integer)),
        _part(
            "family",
            Publication.id.expression,
            texts=(Publication.digest.expression, whole.state.expression, VersionPart.digest.expression),
        )
        .select_from(Recommendation)
        .join(
            whole,
            or_(
                whole.id == Recommendation.original_id,
                and_(
                    whole.original_id == Recommendation.original_id,
                    whole.relation == RelationKind.CORRIGENDUM,
                ),
            ),
        )
        .join(Publication, Publication.recommendation_id == whole.id)
        .join(
            text,
            (text.recommendation_id == whole.id) & (text.number == Publication.version_number),
        )
        .join(VersionPart, VersionPart.version_id == text.id, isouter=True)
        .where(Recommendation.id == item, Recommendation.relation.is_not(None)),
        _part("wait", Wait.person_id.expression, texts=(Wait.task.expression,)).where(
            Wait.recommendation_id == item
        ),
    )


ITEM_ROWS = _all_parts()
