"""What moderation says of a content."""

from __future__ import annotations

from typing import ClassVar, Literal

from ..base import Grown, Model


class ModerationFinding(Model):
    """One thing that moderation found. `place` is as in the reasons (`scene 2`, `youtube caption`), `start` and `end`
    where in that text it stands (None where that is not known), `score` from 0 to 1, and `cure` what would help."""

    place: str
    rule: str
    decision: Literal["review", "block"]
    score: float
    reason: str
    cure: str = ""
    start: int | None = None
    end: int | None = None


class ModerationVerdict(Grown, Model):
    """`allow`, `review` (a person must look, auto-approval does not count) or `block`, each with the reasons. `policy`
    is the name of the policy it was judged by."""

    added: ClassVar[frozenset[str]] = frozenset({"findings", "policy"})

    decision: Literal["allow", "review", "block"]
    reasons: tuple[str, ...] = ()
    provider: str
    input_sha256: str
    findings: tuple[ModerationFinding, ...] = ()
    policy: str = ""
