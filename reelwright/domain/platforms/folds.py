"""Where platforms' feeds cut a post's text, for people who judge how it will look.

UNVERIFIED: the platforms do not document this, and it depends on device, font and language. The numbers are rough
values of their apps in 2026. Nothing is cut by them when it is posted; the limits of the interfaces are the adapters'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from . import Platform


@dataclass(frozen=True)
class Fold:
    """What is seen at first: characters of the title, characters and lines of the text; None for all. `more` is what
    the platform writes at the cut."""

    title: int | None = None
    text: int | None = None
    lines: int | None = None
    more: str = "… more"


FOLDS: Mapping[Platform, Fold] = {
    Platform.YOUTUBE: Fold(title=70, text=100, lines=3, more="…more"),
    Platform.INSTAGRAM: Fold(text=125, lines=2, more="… more"),
    Platform.TIKTOK: Fold(text=90, lines=2, more="… more"),
    Platform.FACEBOOK: Fold(text=125, lines=3, more="… See more"),
    Platform.X: Fold(text=280, more="Show more"),
    Platform.LINKEDIN: Fold(text=210, lines=3, more="…see more"),
    Platform.BLUESKY: Fold(),
}


def cut_at(text: str, chars: int | None, lines: int | None) -> tuple[str, str]:
    """(what is seen at first, the rest), together the text. Between words, where there is a blank near the cut."""
    end = len(text)
    if lines is not None:
        at = -1
        for _ in range(lines):
            at = text.find("\n", at + 1)
            if at < 0:
                break
        end = at if at >= 0 else end
    if chars is not None and chars < end:
        blank = text.rfind(" ", 0, chars + 1)
        end = blank if blank > chars * 2 // 3 else chars
    return text[:end], text[end:]
