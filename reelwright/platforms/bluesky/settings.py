"""Bluesky's settings: a first account's app password, and where its services stand."""

from __future__ import annotations

from pydantic import Field, SecretStr

from ..settings import NONE, TimingSettings


class BlueskySettings(TimingSettings):
    """docs/platforms/bluesky.md describes where the credentials come from."""

    bluesky_handle: str = Field(default="", pattern=r"^[^\s@:/]*$", validation_alias="BLUESKY_HANDLE")
    bluesky_app_password: SecretStr = Field(default=NONE, validation_alias="BLUESKY_APP_PASSWORD")
    """An app password and not the account's own: https://bsky.app/settings/app-passwords."""
    bluesky_service_url: str = Field(default="https://bsky.social", validation_alias="REELWRIGHT_BLUESKY_SERVICE_URL")
    bluesky_video_url: str = Field(default="https://video.bsky.app", validation_alias="REELWRIGHT_BLUESKY_VIDEO_URL")
    bluesky_video_did: str = Field(
        default="did:web:video.bsky.app", pattern=r"^did:[a-z]+:\S+$", validation_alias="REELWRIGHT_BLUESKY_VIDEO_DID"
    )
    bluesky_post_url: str = Field(
        default="https://bsky.app/profile/{did}/post/{id}", validation_alias="REELWRIGHT_BLUESKY_POST_URL"
    )
    bluesky_video_bytes: int = Field(default=300_000_000, gt=0, validation_alias="REELWRIGHT_BLUESKY_VIDEO_BYTES")
    bluesky_video_s: float = Field(default=600.0, gt=0, validation_alias="REELWRIGHT_BLUESKY_VIDEO_S")
    """What the video service takes: the official app's own numbers; its service may change them (UNVERIFIED)."""
