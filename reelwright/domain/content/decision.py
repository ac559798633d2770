"""A reviewer's decision."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from ..base import Grown, UserInput
from ..formats import Platform
from ..limits import Text
from ..text.incoming import clean, one_line
from .changes import TextChange
from .fields import PlatformName, Script
from .media import MEDIA_SCENES, MediaAddress


class ReviewDecision(Grown, UserInput):
    """A reviewer's decision. `script`, on a revision, replaces the text; otherwise another take is made.

    With `artifact_sha256` the decision holds only for exactly what the reviewer saw; without, for the question that is
    open when it arrives. `scenes` are numbers of scenes, counted from 1: a revision makes only their pictures again.
    `pictures` are own ones for scenes by number, `texts` other texts for platforms: a revision with them changes
    nothing else, whatever the note says. `thumbnail` is the number, from 1, of one that was offered to an approval.
    """

    added: ClassVar[frozenset[str]] = frozenset({"scenes", "pictures", "texts", "thumbnail"})

    decision: Literal["approve", "reject", "revise"]
    reviewer: Annotated[str, Text(one_line, 100, least=1)]
    note: Annotated[str, Text(clean, 2_000)] = ""
    artifact_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    script: Script | None = None
    scenes: tuple[Annotated[int, Field(ge=1, le=1_000)], ...] = Field(default=(), max_length=200)
    pictures: dict[Annotated[int, Field(ge=1, le=1_000)], MediaAddress] = Field(default={}, max_length=MEDIA_SCENES)
    texts: dict[PlatformName, TextChange] = Field(default={}, max_length=len(Platform))
    thumbnail: Annotated[int, Field(ge=1, le=100)] | None = None

    @model_validator(mode="after")
    def _where_it_counts(self) -> ReviewDecision:
        if self.decision != "revise" and (self.pictures or self.texts):
            raise ValueError(f"{'pictures' if self.pictures else 'texts'}: only a revision changes them; revise")
        if self.decision != "approve" and self.thumbnail is not None:
            raise ValueError("thumbnail: it is chosen with an approval; approve")
        return self

    @property
    def by_hand(self) -> bool:
        """Whether the reviewer brings what is changed, and nothing is written or made anew."""
        return bool(self.pictures or self.texts) and not (self.script or self.scenes)
