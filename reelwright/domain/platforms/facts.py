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
class PlatformFacts:
    """One platform. `name` is what people type and what is stored; it never changes.

    `prefers` are its formats, best first: what fills most of its feed. `cost` returns what a post takes from
    which limit; its second argument is the place the adapter chose (`PostKind`). Limits that the platform itself
    reports per account replace those here.

    `sandbox_token` matches the tokens that only the sandbox makes. `ambiguous_token` matches what the sandbox makes
    when it renews one, and what may also be real, since the platforms do not document their tokens' length.

    `traded` are the flows without a refresh token: a valid token is exchanged for a longer-lived one.

    `video_codecs` are the codecs of pictures, as FFmpeg calls them, that its documents say it takes in an MP4; all take
    H.264. `video_mbps` is the most that it takes of a file on average, in Mbit/s, where it names a limit.
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
