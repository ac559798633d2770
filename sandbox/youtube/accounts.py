"""YouTube's sandbox accounts."""

from __future__ import annotations

from ..account import SandboxAccount


def account(name: str) -> SandboxAccount:
    """A channel; all its data is derived from its refresh token."""
    return SandboxAccount(f"1//sandbox-{name}")
