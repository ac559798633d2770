"""Cursors of lists: opaque to programs, and signed, so that a forged one is refused and not searched for."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets

from pydantic import SecretStr

from reelwright.domain.errors import InvalidInput

_OWN = secrets.token_bytes(32)
"""Signs where REELWRIGHT_SECRET_KEY is not set: good in this process alone, until it ends."""
_TAG = 12
CURSOR_CHARS = 2_000


class Cursors:
    """Signs with a key derived from the first of the given keys, and opens what any of them has signed."""

    def __init__(self, keys: SecretStr) -> None:
        words = [word.encode() for word in keys.get_secret_value().replace(",", " ").split()] or [_OWN]
        self._keys = [hmac.digest(word, b"reelwright api cursor", "sha256") for word in words]

    def signed(self, name: str, place: str) -> str:
        """The cursor of a place in the list `name`."""
        return _encoded(_tag(self._keys[0], name, place) + place.encode())

    def opened(self, name: str, cursor: str | None) -> str | None:
        """The place; None for no cursor. Raises `InvalidInput` for what this list has not given out."""
        if not cursor:
            return None
        try:
            data = base64.b64decode(
                cursor[:CURSOR_CHARS] + "=" * (-len(cursor[:CURSOR_CHARS]) % 4), altchars=b"-_", validate=True
            )
            place = data[_TAG:].decode()
        except (binascii.Error, ValueError):
            data, place = b"", ""
        if not any(hmac.compare_digest(data[:_TAG], _tag(key, name, place)) for key in self._keys):
            raise InvalidInput(
                "it is no cursor of this list", field="after", remedy="give the `next` of the page before, as it is"
            )
        return place


def _tag(key: bytes, name: str, place: str) -> bytes:
    return hmac.digest(key, f"{name}\n{place}".encode(), "sha256")[:_TAG]


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
