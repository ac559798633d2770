"""What judging by classifiers of others needs: the classifiers, and the book of what they have said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ..content.policy import ModerationPolicy
from ..content.story import ModerationFinding

Scores = dict[str, float]
"""From 0 to 1, by the vendor's own names of categories."""


class TextClassifier(Protocol):
    """A vendor's classifier of texts. Raises `ProviderUnavailable` and `ProviderRefused`."""

    @property
    def vendor(self) -> str:
        """As the table of categories names it: `openai`."""
        ...

    @property
    def name(self) -> str:
        """With its model; answers are kept by it."""
        ...

    @property
    def text_chars(self) -> int:
        """The longest text that is sent."""
        ...

    async def score_texts(self, texts: Sequence[str]) -> list[Scores]:
        """For each text its scores."""
        ...


class PictureClassifier(TextClassifier, Protocol):
    """One that sees pictures too."""

    async def score_picture(self, jpeg: bytes) -> Scores:
        """The scores of a picture of at most 2,048 pixels a side."""
        ...


class ScoreBook(Protocol):
    """What classifiers have answered, by the sha256 of what was judged: nothing is asked twice."""

    async def known(self, classifier: str, inputs: Sequence[str]) -> Mapping[str, Scores]: ...

    async def keep(self, classifier: str, answers: Mapping[str, Scores]) -> None: ...


class PictureJudge(Protocol):
    """Judges pictures by all configured classifiers that see. `name` is empty where there is none."""

    @property
    def name(self) -> str: ...

    async def judge_picture(self, place: str, data: bytes, policy: ModerationPolicy) -> list[ModerationFinding]:
        """What is found in the bytes of one picture (JPEG, PNG, WebP)."""
        ...
