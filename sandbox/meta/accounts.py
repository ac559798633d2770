"""The accounts of the sandbox's Instagram and Facebook. Ids are derived from the account's name."""

from __future__ import annotations

import hashlib
import secrets

from ..account import SandboxAccount


def _digits(text: str, length: int) -> str:
    return str(int(hashlib.sha256(text.encode()).hexdigest(), 16))[:length]


def instagram_user(account: str) -> str:
    """The Instagram user id of a sandbox account."""
    return "17841" + _digits(f"instagram {account}", 12)


def page_of(account: str) -> str:
    """The page id of a sandbox account."""
    return "1000" + _digits(f"facebook {account}", 11)


def user_id(name: str) -> str:
    """The id of a person, for this application."""
    return "10" + _digits(f"person {name}", 14)


def business_id(name: str) -> str:
    """The id of a person's business portfolio."""
    return "20" + _digits(f"business {name}", 14)


def _token(name: str) -> str:
    """An access token, which is renewed by the flow `facebook` (`fb_exchange_token`). Each call is a new authorisation
    by a person: a token that has expired is not given again."""
    return f"EAAsandbox-{name}:{secrets.token_hex(8)}"


def instagram_account(name: str) -> SandboxAccount:
    """An Instagram account."""
    return SandboxAccount(_token(name), instagram_user(name))


def facebook_account(name: str) -> SandboxAccount:
    """A page."""
    return SandboxAccount(_token(name), page_of(name))
