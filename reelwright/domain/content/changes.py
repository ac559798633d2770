"""What a reviewer may change by hand: the texts of single platforms' posts."""

from __future__ import annotations

from typing import Annotated

from pydantic import model_validator

from ..base import UserInput
from ..limits import Text
from ..text.incoming import clean, one_line


class TextChange(UserInput):
    """Another title or text for the posts on one platform. What is left out stays, or is composed of the rest."""

    title: Annotated[str, Text(one_line, 300)] = ""
    text: Annotated[str, Text(clean, 63_000)] = ""

    @model_validator(mode="after")
    def _something(self) -> TextChange:
        if not (self.title or self.text):
            raise ValueError("neither title nor text is given; give one of them")
        return self
