"""What providers can do for a content."""

from __future__ import annotations

from typing import Literal, get_args

Capability = Literal["writing", "speech", "images", "clips", "music", "moderation"]
CAPABILITIES: tuple[Capability, ...] = get_args(Capability)


def capability_of(step: str) -> Capability | None:
    """The capability that a step of a content is bought from; None for a step that is none."""
    return next((one for one in CAPABILITIES if one == step), None)
