"""How the sandbox behaves: one frozen dataclass for YouTube and what all share, one for each other platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar


class PlatformSettings(Protocol):
    """How one platform behaves: a frozen dataclass whose fields all have defaults."""

    PLATFORM: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


SettingsT = TypeVar("SettingsT", bound=PlatformSettings)


@dataclass(frozen=True)
class Settings:
    """How YouTube behaves, and what all platforms share (clock, token life, revoked accounts); `POST
    /_control/settings` changes any of them. Each other platform has a dataclass of its own, changed by `POST
    /_control/settings/<platform>`."""

    access_token_s: float = 3599.0
    """How long an access token is valid."""
    inserts_per_day: int = 100
    units_per_day: int = 10_000
    uploads_per_channel_day: int = 0
    """Over this, `uploadLimitExceeded`; 0 is no limit."""
    session_s: float = 7 * 86_400.0
    """How long an upload session is valid (its real length is not documented)."""
    max_commit: int = 0
    """At most so many bytes of one PUT are kept, in steps of 256 KiB; 0 keeps all."""
    processing_polls: int = 1
    """So often a video still reads `uploaded` before it reads its outcome."""
    processing_s: float = 0.0
    """And at least so long after the upload."""
    outcome: str = "processed"
    """`processed`, `failed` or `rejected`, and why:"""
    outcome_reason: str = ""
    reject_duplicates: bool = False
    """Identical bytes on one channel end as `rejected`, reason `duplicate`."""
    listed_after_s: float = 0.0
    """Reads do not show a video sooner than this after its upload."""
    revoked: tuple[str, ...] = ()
    """Accounts whose refresh tokens no longer work."""
    clock_offset_s: float = 0.0
    """Added to the real time wherever the sandbox reads it."""
