"""The table `categories.toml`: from a vendor's categories to those of policies."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import TypeAdapter

from reelwright.domain.base import UserInput
from reelwright.domain.content.policy import Category, Score
from reelwright.domain.ports.classifying import Scores

Kind = Literal["text", "picture"]


class Meaning(UserInput):
    """Our category for one of a vendor's; "" is not looked at. No score counts as more than `most`."""

    category: Category | Literal[""]
    most: Score = 1.0


_UNKNOWN = Meaning(category="other-harm")


@cache
def table() -> Mapping[str, Mapping[Kind, Mapping[str, Meaning]]]:
    """By vendor, kind of input and the vendor's category."""
    data = tomllib.loads(files(__package__).joinpath("categories.toml").read_text("utf-8"))
    return TypeAdapter(dict[str, dict[Kind, dict[str, Meaning]]]).validate_python(data)


def ours(vendor: str, kind: Kind, scores: Scores) -> dict[Category, float]:
    """The scores by our categories: of several that mean the same, the highest."""
    known = table()[vendor][kind]
    found: dict[Category, float] = {}
    for name, score in scores.items():
        meaning = known.get(name, _UNKNOWN)
        if meaning.category:
            found[meaning.category] = max(found.get(meaning.category, 0.0), min(score, meaning.most))
    return found
