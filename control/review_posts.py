"""Posts' texts as the platforms show them before somebody asks for more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reelwright.domain.platforms.folds import FOLDS, cut_at

from .review_show import PageText


@dataclass(frozen=True)
class SeenPost:
    """A post. `title` and `text` are what is seen at first, `title_rest` and `text_rest` what is behind `more`."""

    of: PageText
    title: str
    title_rest: str
    text: str
    text_rest: str
    more: str


def seen_posts(texts: Sequence[PageText]) -> tuple[SeenPost, ...]:
    """Each text, cut where its platform's feed cuts it."""
    return tuple(_seen(one) for one in texts)


def _seen(one: PageText) -> SeenPost:
    fold = FOLDS[one.text.platform]
    title, title_rest = cut_at(one.text.title, fold.title, None)
    text, text_rest = cut_at(one.text.text, fold.text, fold.lines)
    return SeenPost(one, title, title_rest, text, text_rest, fold.more)
