"""Platforms without a token in the environment stand in the sandbox: what the pools then find in their environment."""

from __future__ import annotations

from collections.abc import Callable

from reelwright.domain.formats import Platform
from sandbox.accounts import sandbox_account
from workers.platform_settings import PlatformSettings

ACCOUNT = "default"
SECRET = "sandbox-application-secret"  # noqa: S105  # it opens the sandbox alone
"""Not a common word: whatever is a secret is struck out of all foreign text."""


def sandboxed(settings: PlatformSettings) -> list[Platform]:
    """The platforms nobody has given a token for. Meta's two share their addresses, so one real one makes both real."""
    real = set(settings.first_tokens())
    if real & {Platform.INSTAGRAM, Platform.FACEBOOK}:
        real |= {Platform.INSTAGRAM, Platform.FACEBOOK}
    return [platform for platform in Platform if platform not in real]


def sandbox_env(platforms: list[Platform], url: str) -> dict[str, str]:
    """Addresses, application credentials and first tokens of the sandbox's platforms."""
    env: dict[str, str] = {}
    for platform in platforms:
        account = sandbox_account(platform.value, ACCOUNT)
        env |= _ENV[platform](url, account.token, account.external_id)
    return env


_ENV: dict[Platform, Callable[[str, str, str], dict[str, str]]] = {
    Platform.YOUTUBE: lambda url, token, _: {
        "YOUTUBE_CLIENT_ID": "sandbox",
        "YOUTUBE_CLIENT_SECRET": SECRET,
        "YOUTUBE_REFRESH_TOKEN": token,
        "REELWRIGHT_YOUTUBE_API_URL": url,
        "REELWRIGHT_YOUTUBE_TOKEN_URL": f"{url}/token",
        "REELWRIGHT_YOUTUBE_WATCH_URL": f"{url}/watch?v={{id}}",
    },
    Platform.INSTAGRAM: lambda url, token, external: {
        "META_APP_ID": "sandbox",
        "META_APP_SECRET": SECRET,
        "INSTAGRAM_ACCESS_TOKEN": token,
        "INSTAGRAM_USER_ID": external,
        "REELWRIGHT_META_API_URL": url,
    },
    Platform.TIKTOK: lambda url, token, _: {
        "TIKTOK_CLIENT_KEY": "sandbox",
        "TIKTOK_CLIENT_SECRET": SECRET,
        "TIKTOK_REFRESH_TOKEN": token,
        "REELWRIGHT_TIKTOK_API_URL": url,
        "REELWRIGHT_TIKTOK_WATCH_URL": f"{url}/@{{user}}/video/{{id}}",
    },
    Platform.FACEBOOK: lambda url, token, external: {
        "META_APP_ID": "sandbox",
        "META_APP_SECRET": SECRET,
        "FACEBOOK_PAGE_TOKEN": token,
        "FACEBOOK_PAGE_ID": external,
        "REELWRIGHT_META_API_URL": url,
        "REELWRIGHT_META_VIDEO_URL": url,
        "REELWRIGHT_META_SITE_URL": url,
    },
    Platform.X: lambda url, token, _: {
        "X_CLIENT_ID": "sandbox",
        "X_CLIENT_SECRET": SECRET,
        "X_REFRESH_TOKEN": token,
        "REELWRIGHT_X_API_URL": url,
        "REELWRIGHT_X_POST_URL": f"{url}/i/status/{{id}}",
    },
    Platform.LINKEDIN: lambda url, token, external: {
        "LINKEDIN_CLIENT_ID": "sandbox",
        "LINKEDIN_CLIENT_SECRET": SECRET,
        "LINKEDIN_REFRESH_TOKEN": token,
        "LINKEDIN_AUTHOR": external,
        "REELWRIGHT_LINKEDIN_API_URL": url,
        "REELWRIGHT_LINKEDIN_TOKEN_URL": f"{url}/oauth/v2/accessToken",
        "REELWRIGHT_LINKEDIN_POST_URL": f"{url}/feed/update/{{id}}/",
    },
}
