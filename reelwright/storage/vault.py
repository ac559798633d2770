"""Encryption at rest: Fernet (AES-128-CBC with HMAC-SHA256) from the `cryptography` library, with key rotation."""

from __future__ import annotations

import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from reelwright.domain.errors import InvalidInput
from reelwright.domain.redaction import know

FIELD = "REELWRIGHT_SECRET_KEY"
MAKE_A_KEY = (
    """make one with `python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"`"""
)


class Vault:
    """Seals text under the first key and opens it with any. `keys` is the setting's value: one or more Fernet keys,
    separated by commas or blanks, the newest first.

    What is sealed is bound to its owner's name, so that a row copied over another one does not open.
    Raises `InvalidInput` naming the setting.
    """

    def __init__(self, keys: SecretStr) -> None:
        words = keys.get_secret_value().replace(",", " ").split()
        know(*words, lasting=True)
        if not words:
            raise InvalidInput(
                "it is not set, and tokens are never stored in the clear", field=FIELD, remedy=MAKE_A_KEY
            )
        try:
            self._fernet = MultiFernet([Fernet(word) for word in words])
        except ValueError:  # whose text could quote the key
            raise InvalidInput("not a list of Fernet keys", field=FIELD, remedy=MAKE_A_KEY) from None

    @staticmethod
    def new_key() -> str:
        """A fresh random key."""
        return Fernet.generate_key().decode()

    def seal(self, text: str, owner: str) -> str:
        """The text, encrypted."""
        return self._fernet.encrypt(json.dumps([owner, text]).encode()).decode()

    def open(self, sealed: str, owner: str) -> str:
        """The text again. Raises `InvalidInput` when none of the keys is the one, or it is not this owner's."""
        try:
            found, text = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken:
            raise InvalidInput(
                f"the tokens of {owner} were encrypted with another key",
                field=FIELD,
                remedy="add the old key behind the new one, separated by a comma, or authorise the account again",
            ) from None
        if found != owner:
            raise InvalidInput(
                f"the tokens of {owner} are those of another account", field="account", remedy="authorise it again"
            )
        return str(text)
