"""Who an account of a name is on the sandbox's X. Imports no web framework: workers ask it, too."""

from __future__ import annotations

import hashlib
from typing import Any


def user_id(account: str) -> str:
    """The numeric id of a sandbox account, always the same."""
    return str(10**17 + int.from_bytes(hashlib.sha256(account.encode()).digest()[:7], "big") % 10**17)


def sandbox_account(name: str) -> dict[str, Any]:
    """The `external_id` and the `options` of a sandbox account."""
    return {"external_id": user_id(name), "options": {}}
