"""Who an account of a name is on the sandbox's LinkedIn. Imports no web framework: workers ask it, too."""

from __future__ import annotations

import hashlib
from typing import Any


def person(account: str) -> str:
    """The member's URN."""
    return f"urn:li:person:{hashlib.sha256(account.encode()).hexdigest()[:10]}"


def organization(account: str) -> str:
    """The URN of the page that the account administers."""
    return f"urn:li:organization:{int(hashlib.sha256(account.encode()).hexdigest()[:7], 16) + 1_000}"


def sandbox_account(name: str) -> dict[str, Any]:
    """What an account of this name is seeded with: a page when the name begins with `org` or `page`, else a member.
    Its refresh token is `sandbox-<name>`."""
    page = name.startswith(("org", "page"))
    return {"external_id": organization(name) if page else person(name), "options": {}}
