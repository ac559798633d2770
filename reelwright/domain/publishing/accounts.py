"""Who posts where, and with what right."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, SecretStr

from ..base import Model
from ..errors import NeedsAuthorization
from ..formats import Platform
from ..origins import Origin


class AccountInfo(Model):
    """An account on a platform, without its secrets.

    `external_id` is the platform's own name for it: the Instagram user id, the Facebook page id, LinkedIn's URN
    (`urn:li:person:...` or `urn:li:organization:...`), X's user id, Bluesky's handle; empty where the token is
    enough. `options` are the adapter's alone, and `best_time` (`18:00 Europe/Berlin`). `needs_authorization` is why a
    person must authorise it again, empty when that is not required.
    """

    platform: Platform
    name: str = "default"
    external_id: str = ""
    options: dict[str, str] = Field(default_factory=dict)
    needs_authorization: str = ""


class StoredToken(Model):
    """An account's credentials. Never part of a workflow's input or result.

    `flow` names how it is renewed: `google`, `tiktok`, `x`, `linkedin` (refresh tokens), `bluesky` (a session's refresh
    token, or `handle:app-password` before the first session), `facebook`
    (`fb_exchange_token`), `instagram` (`ig_refresh_token`), or `none`. `expires_at` is aware, None when unknown or
    never. `origin`: whether the platform or the sandbox issued it; unknown in what earlier releases stored, see
    `origins.origin_of`. `refresh_expires_at` is the end of the refresh token where the platform tells it; then a person
    must connect again. `client` names the application that it was issued to, empty the platform's usual one: only that
    application can renew it.
    """

    access_token: SecretStr = SecretStr("")
    refresh_token: SecretStr = SecretStr("")
    expires_at: datetime | None = None
    obtained_at: datetime | None = None
    flow: str = "none"
    scopes: tuple[str, ...] = ()
    origin: Origin = Origin.UNKNOWN
    refresh_expires_at: datetime | None = None
    client: str = ""


def unknown_account(platform: Platform, name: str) -> NeedsAuthorization:
    """The error for an account that is not on record; a person may still add it."""
    return NeedsAuthorization(
        f"{platform.label} has no account {name!r} here", field="account", remedy=authorize_command(platform, name)
    )


def authorize_command(platform: Platform, name: str) -> str:
    """What a person types to give an account its tokens."""
    return f"`reelwright account authorize {platform.value} --account {name}`"
