"""Who an account of a name is on the sandbox's Instagram and Facebook. Imports no web framework: workers ask it,
too."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any


def _digits(text: str, length: int) -> str:
    return str(int(hashlib.sha256(text.encode()).hexdigest(), 16))[:length]


def instagram_user(account: str) -> str:
    """The Instagram user id of a sandbox account."""
    return "17841" + _digits(f"instagram {account}", 12)


def page_of(account: str) -> str:
    """The page id of a sandbox account."""
    return "1000" + _digits(f"facebook {account}", 11)


def sandbox_account(name: str, platform: str) -> dict[str, Any]:
    """What an account of this name is on the sandbox's Instagram or Facebook: `external_id`, `options`, and an access
    token, which is renewed by the flow `facebook` (`fb_exchange_token`). Each call is a new authorisation by a person:
    a token that has expired is not given again."""
    external = instagram_user(name) if platform == "instagram" else page_of(name)
    return {
        "external_id": external,
        "options": {},
        "access_token": f"EAAsandbox-{name}:{secrets.token_hex(8)}",
        "flow": "facebook",
    }
