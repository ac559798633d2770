"""Who runs a command: the person of the token in REELWRIGHT_TOKEN, or else the user of this machine, who has the
studio's own settings and may do everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from control.studio import NoStudio
from reelwright.domain.people import Caller, NotSignedIn, Role
from workers.settings import Settings, secret

from .options import user_name

TOKEN = "REELWRIGHT_TOKEN"  # noqa: S105 - its name


@dataclass(frozen=True)
class Asking:
    """Somebody who asks without a studio."""

    caller: Caller


async def caller_in(pool: Any) -> Caller:
    """Who that is, by a studio's database. Raises `NotSignedIn` for a token that opens nothing there."""
    token = _token()
    if not token:
        return Caller(name=user_name(), role=Role.ADMIN)
    from pydantic import SecretStr

    from control.signing_in import caller_of_token
    from control.studio import Books

    caller = await caller_of_token(Books(pool, SecretStr("")), token)
    if caller is None:
        raise NotSignedIn(
            "it is none of this studio's, was revoked or has expired",
            field=TOKEN,
            remedy="ask an admin for a new one, or unset it",
        )
    return caller


async def caller_of(settings: Settings) -> Caller:
    """The same where no connection to the database is open: without a token none is needed. Raises `NoStudio` where
    there is a token and no database that knows it."""
    if not _token():
        return Caller(name=user_name(), role=Role.ADMIN)
    if settings.database_url is None:
        raise NoStudio(field="DATABASE_URL")
    from reelwright.storage.database import connect

    pool = await connect(secret(settings.database_url), max_size=1)
    try:
        return await caller_in(pool)
    finally:
        await pool.close()


async def here(settings: Settings) -> Asking:
    """The same, as operations take it that need no studio."""
    return Asking(await caller_of(settings))


def _token() -> str:
    from workers.settings import load_settings

    return secret(load_settings().token).strip()
