"""The facts about a platform that need no call: one `PlatformFacts` in each module of this package."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from ..picture import VideoFormat

if TYPE_CHECKING:
    from ..publishing.posting import PostDraft

Flow: TypeAlias = str
"""How a token is renewed, as `StoredToken.flow` keeps it. A platform's flows are in its `PlatformSpec.sign_ins`."""
MINUTE, DAY = 60, 86_400
"""Seconds."""
UPRIGHT = (VideoFormat.TALL, VideoFormat.SQUARE, VideoFormat.WIDE)
"""Best first, for a feed that is held upright."""
PORTRAIT = VideoFormat("1080x1350")
"""4:5, the tallest shape that every platform with picture posts shows uncut."""


class WindowKind(StrEnum):
    """`calendar`: days of a time zone, 23 to 25 hours long. `fixed`: windows of `seconds` counted from the epoch.
    `rolling`: any `seconds` long stretch of time."""

    CALENDAR = "calendar"
    FIXED = "fixed"
    ROLLING = "rolling"


@dataclass(frozen=True)
class Limit:
    """A platform's limit on what is posted: `limit` units per window. `publishing.quota.Bucket` explains the fields,
    and is what the ledger counts."""

    name: str
    window: WindowKind
    limit: int
    what: str
    scope: str = "account"
    zone: str = "UTC"
    seconds: int = DAY
    early: bool = False


@dataclass(frozen=True)
class PictureRules:
    """What a platform takes as a picture post: at most `most` pictures of these media types, in bytes and pixels;
    `ratios` are the smallest and the largest width for a height. `format` is what scenes' pictures are composed in.

    `alt_chars` is the limit of a picture's alternative text. `by_address`: the platform is given no bytes, but a public
    address from which it fetches them. `one_ratio`: it cuts all pictures to the first one's shape.
    """

    most: int
    most_bytes: int
    types: tuple[str, ...]
    alt_chars: int
    ratios: tuple[float, float] = (0.01, 100.0)
    narrowest: int = 1
    most_pixels: int = 50_000_000
    by_address: bool = False
    one_ratio: bool = False
    format: VideoFormat = PORTRAIT


@dataclass(frozen=True)
class PlatformFacts:
    """One platform. `name` is what people type and what is stored; it never changes.

    `prefers` are its formats, best first: what fills most of its feed. `cost` returns what a post takes from
    which limit; its second argument is the place the adapter chose (`PostKind`). Limits that the platform itself
    reports per account replace those here. `pictures`: what a picture post may be; None where there is none.

    `sandbox_token` matches the tokens that only the sandbox makes. `ambiguous_token` matches what the sandbox makes
    when it renews one, and what may also be real, since the platforms do not document their tokens' length.

    `traded` are the flows without a refresh token: a valid token is exchanged for a longer-lived one.

    `video_codecs` are the codecs of pictures, as FFmpeg calls them, that its documents say it takes in an MP4; all take
    H.264. `video_mbps` is the most that it takes of a file on average, in Mbit/s, where it names a limit.

    `flags_ai`, `flags_paid`: a post has a field for what is made with AI and for a paid partnership.
    """

    name: str
    label: str
    prefers: tuple[VideoFormat, ...]
    limits: tuple[Limit, ...]
    cost: Callable[[PostDraft, str], dict[str, int]]
    sandbox_token: re.Pattern[str]
    ambiguous_token: re.Pattern[str] | None = None
    traded: frozenset[Flow] = frozenset()
    video_codecs: frozenset[str] = frozenset({"h264"})
    video_mbps: float | None = None
    pictures: PictureRules | None = None
    flags_ai: bool = False
    flags_paid: bool = False
