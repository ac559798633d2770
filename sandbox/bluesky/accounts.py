"""Bluesky's accounts in the sandbox: what they are called, and what a person has for them. Needs no web framework."""

from __future__ import annotations

import base64
import hashlib
import re

from ..account import SandboxAccount


def did_of(account: str) -> str:
    """An account's lasting name."""
    digest = hashlib.sha256(f"sandbox/{account}".encode()).digest()
    return f"did:plc:{base64.b32encode(digest).decode().lower()[:24]}"


def handle_of(account: str) -> str:
    """The account's public name."""
    return f"{re.sub('[^a-z0-9]+', '-', account.lower()).strip('-') or 'a'}.sandbox.test"


def account(name: str) -> SandboxAccount:
    """A user: its DID, and what a person has of it (`handle:app-password`)."""
    return SandboxAccount(f"{handle_of(name)}:sandbox-{name}", did_of(name))
