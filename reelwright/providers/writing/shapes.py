"""Which shape a narration gets: one narration serves all posts of a content, so the first platform that is named
decides."""

from __future__ import annotations

from typing import Literal

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.formats import Platform, VideoFormat

ShapeName = Literal["tiktok", "reels", "shorts", "video"]
"""The names of the prompts that describe them, without their version."""

_UPRIGHT: dict[Platform, ShapeName] = {
    Platform.TIKTOK: "tiktok",
    Platform.INSTAGRAM: "reels",
    Platform.FACEBOOK: "reels",
    Platform.YOUTUBE: "shorts",
}


def shape_of(request: ContentRequest) -> ShapeName:
    """TikTok, Reels or Shorts where the first platform that has such a place gets an upright video, else a video."""
    for platform in request.platforms:
        if platform in _UPRIGHT and platform not in request.picture_posts and _upright(platform, request.formats):
            return _UPRIGHT[platform]
    return "video"


def _upright(platform: Platform, formats: tuple[VideoFormat, ...]) -> bool:
    """Whether the format that is posted there is higher than it is wide."""
    best = next((wanted for wanted in platform.facts.prefers if wanted in formats), formats[0])
    width, height = best.size
    return height > width
