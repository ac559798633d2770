"""Accounts that exist in the sandbox: what each is called on its platform, and the token a person would have for it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from .bluesky.accounts import sandbox_account as bluesky_account
from .linkedin.accounts import sandbox_account as linkedin_account
from .meta.accounts import sandbox_account as meta_account
from .x.accounts import sandbox_account as x_account


@dataclass(frozen=True)
class SandboxAccount:
    """`token` is a refresh token, on Instagram and Facebook an access token; as good as a password only in here."""

    token: str = field(repr=False)
    external_id: str = ""
    options: dict[str, str] = field(default_factory=dict)


def sandbox_account(platform: str, name: str) -> SandboxAccount:
    """The account of this name; every name has one on every platform."""
    match platform:
        case "youtube":
            return SandboxAccount(f"1//sandbox-{name}")
        case "tiktok":
            return SandboxAccount(f"rft.sandbox-{name}")
        case "x":
            return _known(x_account(name), f"x-sandbox-{name}:{secrets.token_hex(4)}")
        case "linkedin":
            return _known(linkedin_account(name), f"sandbox-{name}")
        case "bluesky":
            known = bluesky_account(name)
            return _known(known, known["token"])
        case "instagram" | "facebook":
            known = meta_account(name, platform)
            return _known(known, known["access_token"])
    raise ValueError(f"the sandbox has no {platform!r}")


def _known(account: dict[str, Any], token: str) -> SandboxAccount:
    return SandboxAccount(token, account["external_id"], account["options"])
