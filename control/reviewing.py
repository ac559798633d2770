"""What a reviewer's decision counts for. It always carries the hash of what the person was shown: it can never count
for another text or other pictures."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Literal, TypeAlias

from reelwright.domain.errors import InvalidInput

if TYPE_CHECKING:  # a list quotes ids, and needs no status
    from reelwright.domain.content.status import ReviewWanted

    from .view import ContentView

NOTICE_OF_TEMPLATES = "Composed from templates"
Decision: TypeAlias = Literal["approve", "reject", "revise"]


def open_question(view: ContentView) -> ReviewWanted:
    """The open question, or `InvalidInput` when there is none."""
    if view.review is None:
        raise InvalidInput(
            f"{view.content_id} does not wait for a review ({view.stage})",
            field="id",
            remedy="see `reelwright review list`",
        )
    return view.review


def what_is_judged(view: ContentView, review: ReviewWanted, *, artifact: str | None, shown: str | None) -> str:
    """The hash to send: of what was named, or shown. Raises `InvalidInput` when that is not the open question, or when
    a person must review first: where moderation requires it, and where the text comes from templates."""
    look = f"`reelwright review show {quoted(view.content_id)}`"
    if artifact is not None:
        if not re.fullmatch(r"[0-9a-f]{8,64}", artifact):
            raise InvalidInput(
                f"{artifact[:70]!r} is not the beginning of a hash",
                field="artifact",
                remedy=f"give at least 8 of the digits that {look} prints",
            )
        if not review.artifact_sha256.startswith(artifact):
            raise InvalidInput(
                f"{artifact[:12]} is not what is to be judged, which is {review.artifact_sha256[:12]}",
                field="artifact",
                remedy=f"look at it with {look}",
            )
    elif shown is not None:
        if shown != review.artifact_sha256:
            raise InvalidInput(
                f"{view.content_id} has changed since you looked at it", field="artifact", remedy=f"look again: {look}"
            )
    elif review.reasons or is_from_templates(view):
        why = "; ".join(review.reasons) or "its text is composed from templates"
        raise InvalidInput(
            f"a person must look at {view.content_id} first ({why})", field="artifact", remedy=f"look at it with {look}"
        )
    return review.artifact_sha256


def is_from_templates(view: ContentView) -> bool:
    """Whether the text states nothing about its topic, because no language model wrote it."""
    return any(note.startswith(NOTICE_OF_TEMPLATES) for note in view.notes)


def quoted(id: str) -> str:
    """The id as it is typed in a shell, on one line and without control characters."""
    return shlex.quote("".join(char if char.isprintable() else " " for char in id))
