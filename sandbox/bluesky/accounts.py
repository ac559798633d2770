"""Bluesky's accounts in the sandbox: what they are called, and what a person has for them. Needs no web framework."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any


def did_of(account: str) -> str:
    """An account's lasting name."""
    digest = hashlib.sha256(f"sandbox/{account}".encode()).digest()
    return f"did:plc:{base64.b32encode(digest).decode().lower()[:24]}"


def handle_of(account: str) -> str:
    """The name that people know it by."""
    return f"{re.sub('[^a-z0-9]+', '-', account.lower()).strip('-') or 'a'}.sandbox.test"


def sandbox_account(name: str) -> dict[str, Any]:
    """The `external_id` (its DID), the `options` and what a person has (`handle:app-password`) of an account."""
    return {
        "external_id": did_of(name),
        "options": {},
        "token": f"{handle_of(name)}:sandbox-{name}",
    }
