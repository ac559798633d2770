"""What `reelwright account` does: who posts where. Tokens come from a file, standard input or a prompt, never as an
argument, since arguments can be read by everyone on the machine."""

from __future__ import annotations

import getpass
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, Field, SecretStr, field_validator

from control import accounts as control
from control.names import platform_of
from reelwright.domain.base import Model
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin, given_origin
from reelwright.domain.platforms.facts import Flow
from reelwright.domain.publishing.accounts import StoredToken
from reelwright.domain.publishing.schedule import best_instant
from reelwright.domain.text.incoming import decode
from reelwright.platforms.registry import FLOWS, SPECS
from workers.publishers import token_of
from workers.sandboxing import without_credentials
from workers.settings import load_platforms

from .books import books, wake
from .console import EXIT_FAILURE, EXIT_OK, plain, say
from .options import user_name
from .reading import read_limited
from .tables import count, local

TOKEN_BYTES = 100_000


class GivenToken(Model):
    """The JSON form of a token: an answer of the platform's token endpoint as it came, or the same written by hand.

    `expires_in` counts seconds from now; `expires_at` is an instant with its zone. `flow` selects how it is renewed
    where that is not the platform's usual way (`domain.publishing.accounts.StoredToken`)."""

    access_token: SecretStr = SecretStr("")
    refresh_token: SecretStr = SecretStr("")
    expires_in: float | None = Field(default=None, gt=0, le=10 * 366 * 86_400)
    expires_at: AwareDatetime | None = None
    flow: Flow | None = None
    scope: str = ""

    @field_validator("flow")
    @classmethod
    def _known(cls, flow: Flow | None) -> Flow | None:
        known = sorted({*FLOWS, "none"})
        if flow is not None and flow not in known:
            raise ValueError(f"is one of {', '.join(known)}")
        return flow

    def stored(self, platform: Platform, now: datetime) -> StoredToken:
        """Ready for the vault."""
        lasts = now + timedelta(seconds=self.expires_in) if self.expires_in else None
        return StoredToken(
            access_token=self.access_token,
            refresh_token=self.refresh_token,
            expires_at=self.expires_at or lasts,
            obtained_at=now,
            flow=self.flow or SPECS[platform].flow,
            scopes=tuple(self.scope.replace(",", " ").split()),
            origin=given_origin(platform, self.access_token.get_secret_value(), self.refresh_token.get_secret_value()),
        )


async def add(platform: str, account: str, external_id: str, options: list[str], token_file: str | None) -> int:
    """Stores the account with its token."""
    place = platform_of(platform)
    given = dict(_option(each) for each in options)
    async with books() as opened:
        known = await control.find(opened, place, account)
        token = read_token(place, token_file)
        await control.add(opened, place, account, token, external_id=external_id, options=given, by=user_name())
    say(f"{place.label} account {plain(account)} is {'changed' if known else 'there'}; {await wake(place, account)}")
    _note_origin(place, token)
    return EXIT_OK


async def authorize(platform: str, account: str, token_file: str | None) -> int:
    """Replaces the account's token."""
    place = platform_of(platform)
    async with books() as opened:
        await control.account_of(opened, place, account)  # before the token is requested
        token = read_token(place, token_file)
        await control.authorize(opened, place, account, token, by=user_name())
    say(f"{place.label} account {plain(account)} is authorised; {await wake(place, account)}")
    _note_origin(place, token)
    return EXIT_OK


def _note_origin(platform: Platform, token: StoredToken) -> None:
    """Warns when this studio, by the settings that are known here, will not use the token."""
    load_platforms.cache_clear()  # `books` has taken over the stack's environment
    settings = load_platforms()
    if not settings.sandbox_url:
        return
    played = platform in without_credentials(settings)
    if token.origin is Origin.REAL and played:
        say(
            f"[yellow]note[/] the sandbox plays {platform.label} here, and gets no real token: the account is used "
            f"when the workers are started with the credentials of your {platform.label} application"
        )
    if token.origin is Origin.SANDBOX and not played:
        say(f"[yellow]note[/] this is a token of the sandbox, and posts go to the real {platform.label} here")


async def remove(platform: str, account: str) -> int:
    """Deletes the account."""
    place = platform_of(platform)
    async with books() as opened:
        gone = await control.remove(opened, place, account, by=user_name())
    say(f"{place.label} account {plain(account)} {'is forgotten' if gone else 'was not there'}")
    return EXIT_OK if gone else EXIT_FAILURE


async def best_time(platform: str, account: str, at: str, zone: str) -> int:
    """Stores it as the account's option."""
    place, when = platform_of(platform), f"{at.strip()} {zone.strip()}"
    best_instant(when, datetime.now(UTC))  # a wrong time is reported before the database is opened
    async with books() as opened:
        following = await control.set_best_time(opened, place, account, when, by=user_name())
    say(f"{place.label} account {plain(account)}: {plain(when)}, next {local(following)}")
    return EXIT_OK


async def reseal() -> int:
    """Turns to the newest key."""
    async with books() as opened:
        resealed = await control.reseal(opened, by=user_name())
    say(f"the tokens of {count(resealed, 'account')} are encrypted with the first key")
    return EXIT_OK


# --- tokens ----------------------------------------------------------------------------------------------------------


def read_token(platform: Platform, file: str | None) -> StoredToken:
    """A token as plain text or as JSON (`GivenToken`), from a file, standard input (`-`), or a prompt that shows
    nothing. Raises `InvalidInput`, which never quotes what was read."""
    what = "access token" if SPECS[platform].by_access_token else "refresh token"
    if file is None:
        if not sys.stdin.isatty():
            raise InvalidInput("there is nobody to ask", field="--token-file", remedy="name a file, or - for a pipe")
        text = getpass.getpass(f"{platform.label} {what} (or the JSON of a token answer): ")
    elif file == "-":
        text = sys.stdin.read(TOKEN_BYTES + 1)
    else:
        text = _file(Path(file))
    text = text.strip()
    if not text or len(text) > TOKEN_BYTES:
        raise InvalidInput("that is no token", field="token", remedy=f"give the {what}, or a JSON object with it")
    if not text.startswith("{"):
        if len(text.split()) > 1 or not text.isprintable():
            raise InvalidInput("it holds blanks", field="token", remedy=f"give the {what} alone, or a JSON object")
        return token_of(platform, SecretStr(text))
    given = GivenToken.model_validate(_json(text))
    if not (given.access_token.get_secret_value() or given.refresh_token.get_secret_value()):
        raise InvalidInput("it has neither", field="token", remedy="give access_token, refresh_token or both")
    return given.stored(platform, datetime.now(UTC))


def _file(path: Path) -> str:
    return decode(read_limited(path, field="--token-file", limit=TOKEN_BYTES), field="--token-file", limit=TOKEN_BYTES)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # the latter for what is nested too deeply
        raise InvalidInput(
            "not valid JSON", field="token", remedy="give the token endpoint's answer as it came"
        ) from None


def _option(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise InvalidInput(f"{text[:60]!r} is no option", field="--option", remedy="write NAME=VALUE")
    return name.strip(), value
