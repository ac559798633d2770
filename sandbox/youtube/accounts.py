"""YouTube's sandbox accounts."""

from __future__ import annotations

from ..account import SandboxAccount


def account(name: str) -> SandboxAccount:
    """A channel; its refresh token says all."""
    return SandboxAccount(f"1//sandbox-{name}")
