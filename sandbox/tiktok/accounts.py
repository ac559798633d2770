"""TikTok's sandbox accounts."""

from __future__ import annotations

from ..account import SandboxAccount


def account(name: str) -> SandboxAccount:
    """A creator; the refresh token says all."""
    return SandboxAccount(f"rft.sandbox-{name}")
