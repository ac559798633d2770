"""What of a library is of use, by the operator's settings."""

from __future__ import annotations

from reelwright.domain.base import Model

LICENCES = "cc0,pdm,by"
"""The kinds of licence that are accepted where nothing else is set. `by-sa` is the only one that may be added."""


class Rules(Model):
    """`least_sharpness`: the fewest pixels of a work for each of the video's, along a side. `licences`: the kinds that
    are accepted. `user_agent` names the studio and whom to ask. `allow_private`: downloads from private addresses."""

    least_sharpness: float = 0.6
    licences: frozenset[str] = frozenset({"cc0", "pdm", "by"})
    user_agent: str = "Reelwright/0.4"
    allow_private: bool = False


def accepted(setting: str) -> frozenset[str]:
    """The kinds that a setting names (`cc0,pdm,by`)."""
    return frozenset(name.strip().lower() for name in setting.split(",") if name.strip())
