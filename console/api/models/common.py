"""What the models of several areas share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from reelwright.domain.ids import ACCOUNT

Name = Annotated[str, StringConstraints(pattern=ACCOUNT)]
"""Of an account or a channel."""
Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
Note = Annotated[str, StringConstraints(max_length=300)]
INTEGER = 2**31 - 1


class Answer(BaseModel):
    """What the API answers with. Built from control's own values by their attributes."""

    model_config = ConfigDict(frozen=True, from_attributes=True, defer_build=True)


class Body(BaseModel):
    """What the API takes: an unknown field is a typing error, and is told as one."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Listing(Answer):
    """A page of a list. `next` is given as `after` for the next page; null where there is none."""

    next: str | None = None


class Done(Answer):
    """What was done, in a few words for a log."""

    done: str
