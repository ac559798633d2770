"""The platforms: one row each, with all facts that need no call. docs/adding-a-platform.md lists the other parts of a
new one. Everything here is pure, since workflows import it, and loads little, since the command line completes
platforms' names."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from . import bluesky, facebook, instagram, linkedin, tiktok, x, youtube
from .facts import PlatformFacts

_ALL = (youtube.FACTS, instagram.FACTS, tiktok.FACTS, facebook.FACTS, x.FACTS, linkedin.FACTS, bluesky.FACTS)


class Platform(StrEnum):
    """Where a video can be posted."""

    YOUTUBE = "youtube"
    INSTAGRAM = "instagram"
    TIKTOK = "tiktok"
    FACEBOOK = "facebook"
    X = "x"
    LINKEDIN = "linkedin"
    BLUESKY = "bluesky"

    @property
    def facts(self) -> PlatformFacts:
        """What is known of it."""
        return FACTS[self]

    @property
    def label(self) -> str:
        """The platform's name as it writes it."""
        return FACTS[self].label


FACTS: Mapping[Platform, PlatformFacts] = {Platform(facts.name): facts for facts in _ALL}
