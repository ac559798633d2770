"""X's sandbox accounts."""

from __future__ import annotations

import hashlib
import secrets

from ..account import SandboxAccount


def user_id(account: str) -> str:
    """The numeric id of a sandbox account, always the same."""
    return str(10**17 + int.from_bytes(hashlib.sha256(account.encode()).digest()[:7], "big") % 10**17)


def account(name: str) -> SandboxAccount:
    """A user. Each call is a new authorisation by a person."""
    return SandboxAccount(f"x-sandbox-{name}:{secrets.token_hex(4)}", user_id(name))
