"""Passwords: argon2id. Two at a time in this process, each in a thread and with 19 MiB: ten sign-ins at once must
not take a replica's memory. The library is loaded when a password is hashed or checked, and by nothing else."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING

from reelwright.domain.errors import InvalidInput

if TYPE_CHECKING:
    from argon2 import PasswordHasher

AT_ONCE = 2
PASSES, MEMORY_KIB, LANES = 2, 19 * 1024, 1
"""OWASP's floor for argon2id (cheat sheet "Password Storage"). A hash that was made with other figures is made anew
when its password is next given."""


async def hashed(password: str) -> str:
    """The hash to keep."""
    hasher = _hasher()
    return await asyncio.get_running_loop().run_in_executor(_threads(), hasher.hash, password)


async def fits(hash: str, password: str) -> tuple[bool, str]:
    """(whether it is the password of this hash, a newer hash to keep instead, if there should be one). Without a hash
    it takes as long as with one: who asks cannot find out which names there are."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), _fits, hash, password)


def _fits(hash: str, password: str) -> tuple[bool, str]:
    from argon2.exceptions import InvalidHashError, VerificationError

    hasher = _hasher()
    try:
        hasher.verify(hash or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False, ""
    if not hash:
        return False, ""
    return True, hasher.hash(password) if hasher.check_needs_rehash(hash) else ""


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    try:
        from argon2 import PasswordHasher
    except ImportError as error:
        raise InvalidInput(
            "passwords need argon2-cffi, which is not installed",
            field="password",
            remedy='install the extra: pip install "reelwright[console]"',
        ) from error
    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    """The hash of a password that nobody knows."""
    import secrets

    return _hasher().hash(secrets.token_urlsafe(32))


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
