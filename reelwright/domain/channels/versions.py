"""Versions of a channel, as they are on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a studio where no channel was applied loads no configuration
    from .config import ChannelConfig

DEPTH = 8
"""How many channels may stand in one line of inheritance."""


@dataclass(frozen=True)
class ChannelVersion:
    """One version of a channel. `restored` is the version that a rollback has brought back."""

    name: str
    version: int
    config: ChannelConfig
    applied_by: str
    applied_at: datetime
    restored: int | None = None


@dataclass(frozen=True)
class Applied:
    """The newest version of a channel; `new` where this change has made it."""

    version: ChannelVersion
    new: bool
