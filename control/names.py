"""Names that a person types, as what they stand for."""

from __future__ import annotations

import re

from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.ids import ACCOUNT


def platform_of(name: str) -> Platform:
    """The platform of a typed name."""
    try:
        return Platform(name.strip().lower())
    except ValueError:
        choices = ", ".join(platform.value for platform in Platform)
        raise InvalidInput(
            f"unknown platform {name[:40]!r}", field="platform", remedy=f"choose from {choices}"
        ) from None


def named(platform: str | None) -> Platform | None:
    """The platform of a typed name, None for none."""
    return platform_of(platform) if platform else None


def named_channel(channel: str | None) -> str | None:
    """A channel's typed name, checked: it becomes part of a query. None for none."""
    if channel is not None and not re.fullmatch(ACCOUNT, channel):
        raise InvalidInput(
            f"{channel[:40]!r} is no channel's name", field="channel", remedy="see `reelwright channel list`"
        )
    return channel
