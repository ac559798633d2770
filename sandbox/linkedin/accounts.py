"""LinkedIn's sandbox accounts."""

from __future__ import annotations

import hashlib

from ..account import SandboxAccount


def person(account: str) -> str:
    """The member's URN."""
    return f"urn:li:person:{hashlib.sha256(account.encode()).hexdigest()[:10]}"


def organization(account: str) -> str:
    """The URN of the page that the account administers."""
    return f"urn:li:organization:{int(hashlib.sha256(account.encode()).hexdigest()[:7], 16) + 1_000}"


def account(name: str) -> SandboxAccount:
    """A page when the name begins with `org` or `page`, else a member."""
    page = name.startswith(("org", "page"))
    return SandboxAccount(f"sandbox-{name}", organization(name) if page else person(name))
