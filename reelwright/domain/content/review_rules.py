"""The `review` section of a policy: what is shown, who decides, and what happens while nobody does."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from ..base import UserInput
from ..limits import Text, at_most
from ..text.incoming import one_line

REVIEWERS = 50
LONGEST = timedelta(days=366)
_WAIT = re.compile(r"([1-9]\d{0,5})(m|h|d)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def _wait(value: Any) -> Any:
    if value is None:
        return None
    found = _WAIT.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"{str(value)[:40]!r} is no duration; write a number with m, h or d, as 30m, 2h or 3d")
    if int(found[1]) * _UNITS[found[2]] > LONGEST:
        raise ValueError(f"{found[0]} is longer than {LONGEST.days} days; give a shorter one")
    return found[0]


def _length(wait: str) -> timedelta:
    return int(wait[:-1]) * _UNITS[wait[-1]]


Wait = Annotated[str, BeforeValidator(_wait)]
Step = Literal["remind", "escalate", "park"]
Names = Annotated[
    tuple[Annotated[str, Text(one_line, 100, least=1)], ...], at_most(REVIEWERS, "names", "name a few people")
]


class ReviewRules(UserInput):
    """How a review goes. Times count from the question; a decision counts whenever it comes, after parking too."""

    shows: Literal["material", "preview", "final"] = Field(
        default="material",
        description="what is shown: the material, a draft of the video, or the finished files",
    )
    remind_after: Wait | None = Field(default=None, description="when the reviewers are reminded: `30m`, `2h`, `3d`")
    escalate_after: Wait | None = Field(default=None, description="from when on those of `escalate_to` may decide too")
    escalate_to: Names = Field(default=(), description="who may decide from `escalate_after` on")
    park_after: Wait | None = Field(
        default=None,
        description="when it is parked: it waits on without further notices, and is never approved by itself",
    )
    reviewers: Names = Field(default=(), description="who may decide; empty: anyone")
    second_person: bool = Field(
        default=False, description="two different reviewers must approve the same; auto-approval does not count"
    )
    rounds: Annotated[int, Field(ge=0, le=100)] | None = Field(
        default=None, description="the most revisions; after them it is approved or rejected"
    )

    @model_validator(mode="after")
    def _in_order(self) -> ReviewRules:
        given = [
            (name, _length(wait))
            for name in ("remind_after", "escalate_after", "park_after")
            if (wait := getattr(self, name))
        ]
        for (before, first), (after, second) in pairwise(given):
            if second <= first:
                raise ValueError(f"{after} is not after {before}; give it a longer time")
        if self.second_person and len({*map(_same, (*self.reviewers, *self.escalate_to))}) == 1 and self.reviewers:
            raise ValueError("second_person: only one reviewer is named; name another, or leave reviewers out")
        return self

    @property
    def steps(self) -> tuple[tuple[timedelta, Step], ...]:
        """What happens after how long without a decision, in order."""
        waits: tuple[tuple[str | None, Step], ...] = (
            (self.remind_after, "remind"),
            (self.escalate_after, "escalate"),
            (self.park_after, "park"),
        )
        return tuple((_length(wait), step) for wait, step in waits if wait)

    def may_decide(self, reviewer: str, *, escalated: bool) -> bool:
        """Whether this reviewer's decision counts."""
        allowed = (*self.reviewers, *(self.escalate_to if escalated else ()))
        return not self.reviewers or _same(reviewer) in map(_same, allowed)


def _same(name: str) -> str:
    return name.strip().casefold()


def same_person(one: str, other: str) -> bool:
    """Whether two reviewers' names are of one person."""
    return _same(one) == _same(other)
