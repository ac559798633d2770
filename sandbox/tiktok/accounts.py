"""TikTok's sandbox accounts."""

from __future__ import annotations

from ..account import SandboxAccount


def account(name: str) -> SandboxAccount:
    """A creator; all its data is derived from the refresh token."""
    return SandboxAccount(f"rft.sandbox-{name}")
