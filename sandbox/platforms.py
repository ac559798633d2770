"""The one list of what the sandbox plays.

Accounts are pure functions of a name, so that a worker may ask for them where no server is installed. Routes and
settings are named, and loaded by the server alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from .account import SandboxAccount
from .bluesky.accounts import account as bluesky_account
from .linkedin.accounts import account as linkedin_account
from .meta.accounts import facebook_account, instagram_account
from .tiktok.accounts import account as tiktok_account
from .x.accounts import account as x_account
from .youtube.accounts import account as youtube_account

if TYPE_CHECKING:
    from .store import PlatformSettings, SandboxStore
    from .wire import Platform


@dataclass(frozen=True)
class Played:
    """A platform of the sandbox. `routes` names its class (`wire.Platform`), empty where another row's class has them;
    `settings` names what `POST /_control/settings/<name>` changes; `account` makes the account of a name, None where
    there are no accounts; `consent` is what the control interface calls its consent page, empty where it has none."""

    name: str
    routes: str
    settings: str
    account: Callable[[str], SandboxAccount] | None = None
    consent: str = ""


PLATFORMS = (
    Played("youtube", "youtube.routes:YouTube", "youtube.access:YouTubeSettings", youtube_account, "youtube"),
    Played("linkedin", "linkedin.routes:LinkedIn", "linkedin.access:LinkedInSettings", linkedin_account, "linkedin"),
    Played("x", "x.routes:X", "x.access:XSettings", x_account, "x"),
    Played("tiktok", "tiktok.routes:TikTok", "tiktok.post:TikTokSettings", tiktok_account, "tiktok"),
    Played("discord", "discord.routes:Discord", "discord.routes:DiscordSettings"),
    Played("bluesky", "bluesky.routes:Bluesky", "bluesky.access:BlueskySettings", bluesky_account),
    Played("instagram", "meta.routes:Meta", "meta.instagram:InstagramSettings", instagram_account, "meta"),
    Played("facebook", "", "meta.facebook:FacebookSettings", facebook_account, "meta"),  # one Graph API for both
)
"""In this order their routes are tried."""

CONSENTS = tuple(dict.fromkeys(played.consent for played in PLATFORMS if played.consent))
"""What the control interface calls those with consent pages."""


def platforms(store: SandboxStore) -> Iterator[Platform]:
    """What has routes, over this store."""
    return (resolve_name(f"{__package__}.{played.routes}")(store) for played in PLATFORMS if played.routes)


def settings() -> list[type[PlatformSettings]]:
    """The settings of every platform."""
    return [resolve_name(f"{__package__}.{played.settings}") for played in PLATFORMS]


def sandbox_account(platform: str, name: str) -> SandboxAccount:
    """The account of this name; every name has one on every platform. Raises `ValueError` for a platform that has
    none."""
    for played in PLATFORMS:
        if played.name == platform and played.account:
            return played.account(name)
    raise ValueError(f"the sandbox has no {platform!r}")
