"""The origin of tokens: a platform, or the sandbox.

A token of the sandbox is never sent to a real platform and a real one never to the sandbox. So a stored token has its
origin (`StoredToken.origin`). Tokens stored by an earlier release have none; their origin is derived from their format
where possible, and a token of unknown origin is not sent at all.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from .platforms import Platform

if TYPE_CHECKING:
    from .publishing.accounts import StoredToken


class Origin(StrEnum):
    """Where a token comes from, and with it where it may be sent."""

    UNKNOWN = "unknown"
    REAL = "real"
    SANDBOX = "sandbox"


def is_sandbox_token(platform: Platform, token: str) -> bool:
    """Whether only the sandbox makes such a token."""
    return platform.facts.sandbox_token.fullmatch(token) is not None


def given_origin(platform: Platform, *tokens: str) -> Origin:
    """The origin of a token that a person gives: real, unless it is evidently the sandbox's."""
    return Origin.SANDBOX if any(is_sandbox_token(platform, token) for token in tokens) else Origin.REAL


def origin_of(platform: Platform, token: StoredToken) -> Origin:
    """Where a stored token comes from. `UNKNOWN` for one that an earlier release stored and whose shape is no proof."""
    if token.origin is not Origin.UNKNOWN:
        return token.origin
    texts = [text for text in (token.access_token.get_secret_value(), token.refresh_token.get_secret_value()) if text]
    if given_origin(platform, *texts) is Origin.SANDBOX:
        return Origin.SANDBOX
    pattern = platform.facts.ambiguous_token
    return Origin.UNKNOWN if pattern and any(pattern.fullmatch(text) for text in texts) else Origin.REAL
