"""Whose tokens are whose: the platforms' own, or the sandbox's.

A token of the sandbox is never sent to a real platform and a real one never to the sandbox. So a stored token says
where it comes from (`StoredToken.origin`). Tokens that an earlier release stored do not say it; they are told by their
shape as far as that goes, and what cannot be told is sent nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from .formats import Platform

if TYPE_CHECKING:
    from .publishing.accounts import StoredToken


class Origin(StrEnum):
    """Where a token comes from, and with it where it may be sent."""

    UNKNOWN = "unknown"
    REAL = "real"
    SANDBOX = "sandbox"


_META = r"EAAsandbox-.+"
SANDBOX_TOKENS: Mapping[Platform, re.Pattern[str]] = {
    Platform.YOUTUBE: re.compile(r"(1//|ya29\.)sandbox-.+"),
    Platform.INSTAGRAM: re.compile(_META),
    Platform.TIKTOK: re.compile(r"rft\.sandbox-.+"),
    Platform.FACEBOOK: re.compile(_META),
    Platform.X: re.compile(r"x-(sandbox|rt|at)-.+"),
    Platform.LINKEDIN: re.compile(r"(AQX-)?sandbox-.+"),
    Platform.BLUESKY: re.compile(r"(.+:|[\w-]+\.[\w-]+\.)?sandbox-[^:]+"),
}
"""The tokens that nobody but the sandbox makes."""
AMBIGUOUS: Mapping[Platform, re.Pattern[str]] = {
    Platform.INSTAGRAM: re.compile(r"(EAA|IGAA)[\w-]{64}"),
    Platform.TIKTOK: re.compile(r"(rft|act)\.[\w-]{48}"),
    Platform.FACEBOOK: re.compile(r"EAA[\w-]{64}"),
}
"""What the sandbox makes when it renews a token, and what may as well be real: the platforms do not document their
tokens' length."""


def is_sandbox_token(platform: Platform, token: str) -> bool:
    """Whether only the sandbox makes such a token."""
    return SANDBOX_TOKENS[platform].fullmatch(token) is not None


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
    pattern = AMBIGUOUS.get(platform)
    return Origin.UNKNOWN if pattern and any(pattern.fullmatch(text) for text in texts) else Origin.REAL
