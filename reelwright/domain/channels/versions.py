"""Versions of a channel, as they are on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import InvalidInput

if TYPE_CHECKING:  # a studio where no channel was applied loads no configuration
    from .config import ChannelConfig

DEPTH = 8
"""How many channels may stand in one line of inheritance."""


class ChannelMoved(InvalidInput):
    """The newest version of a channel is another one than whoever changes it has seen. Nothing was changed. `newest` is
    0 where there is none."""

    retryable, certain = False, True
    waits_for = ""

    def __init__(self, name: str, newest: int) -> None:
        super().__init__(
            f"{name} is at version {newest}" if newest else f"{name} has no version",
            field="version",
            remedy="look at it again, and then change it",
        )
        self.newest = newest


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
