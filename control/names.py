"""Names that a person types, as what they stand for."""

from __future__ import annotations

from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform


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
