"""Short-lived signed tokens (JWT) for programs that exchange their API token for one. They are signed with EdDSA; the
keys are derived from REELWRIGHT_SECRET_KEY, so that every replica has the same, and a rotation of that one rotates
these: the first key signs, and what any of them has signed is read.

A JWT opens nothing that its API token does not: whether that is still open, and what its person may do, is asked each
time. docs/access.md."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import TOKEN_PREFIX, Caller, NotSignedIn, Role

from .access import allowed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from .studio import Books

LIFE = timedelta(minutes=15)
AUDIENCE = "reelwright-api"
_ALGORITHMS = ["EdDSA"]
_CHARS = 4_000


@allowed(Role.VIEWER)
async def exchanged(books: Books, *, issuer: str, now: datetime | None = None) -> tuple[str, datetime]:
    """(a JWT for the API token that the caller came with, when it expires). `issuer` is the console's public address.
    Raises `InvalidInput` for a caller without a token."""
    import jwt

    if books.caller.way != "token":
        raise InvalidInput(
            "only an API token is exchanged", field="Authorization", remedy=f"send Bearer {TOKEN_PREFIX}…"
        )
    now = now or datetime.now(UTC)
    expires = now + LIFE
    id, key = _keys(books)[0]
    claims = {
        **{"iss": issuer, "aud": AUDIENCE, "sub": books.caller.name, "jti": secrets.token_hex(8)},
        **{"role": books.caller.role.value, "token": books.caller.key, "iat": now, "nbf": now, "exp": expires},
    }
    return jwt.encode(claims, key, algorithm=_ALGORITHMS[0], headers={"kid": id}), expires


async def caller_of_jwt(books: Books, token: str, *, issuer: str) -> Caller | None:
    """For whom it acts; None where it was altered, has expired, was made for somebody else's address, or its API token
    opens nothing any more. Nobody is known yet when it is called."""
    import jwt

    if len(token) > _CHARS:
        return None
    try:
        id = jwt.get_unverified_header(token).get("kid")
        key = dict(_keys(books)).get(str(id))
        if key is None:
            return None
        claims: dict[str, Any] = jwt.decode(
            token,
            key.public_key(),
            algorithms=_ALGORITHMS,
            audience=AUDIENCE,
            issuer=issuer,
            options={"require": ["exp", "iat", "nbf", "iss", "aud", "sub"]},
        )
        role = Role(claims["role"])
    except (jwt.InvalidTokenError, KeyError, ValueError):
        return None
    found = await books.api_tokens.use_by_id(str(claims.get("token")))
    if found is None or found[0].person != claims["sub"]:
        return None
    return Caller(name=found[0].person, role=role.at_most(found[1]), way="token", key=found[0].id)


def _keys(books: Books) -> list[tuple[str, Ed25519PrivateKey]]:
    """(its name, the key), the one that signs first."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    words = books.secret_key.get_secret_value().replace(",", " ").split()
    if not words:
        raise NotSignedIn(
            "tokens cannot be exchanged: no key is set",
            field="REELWRIGHT_SECRET_KEY",
            remedy="set one, as the workers have it",
        )
    keys = []
    for word in words:
        seed = HKDF(hashes.SHA256(), 32, None, b"reelwright console jwt").derive(word.encode())
        key = Ed25519PrivateKey.from_private_bytes(seed)
        keys.append((hashlib.sha256(key.public_key().public_bytes_raw()).hexdigest()[:16], key))
    return keys
