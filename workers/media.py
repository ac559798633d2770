"""The media store that the settings name, and what takes in the user's own media; shared by the pools and the command
line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .settings import Settings, secret

if TYPE_CHECKING:  # a command that fetches files loads no port
    from reelwright.domain.ports.making import MediaStore
    from reelwright.domain.ports.media import MediaIntake


def media_store(settings: Settings) -> MediaStore:
    """The folder or bucket that `REELWRIGHT_MEDIA_URL` names."""
    from reelwright.storage.stores import open_media_store

    return open_media_store(
        settings.media_location,
        endpoint_url=settings.s3_endpoint_url,
        region=settings.s3_region,
        access_key=secret(settings.s3_access_key) or None,
        secret_key=secret(settings.s3_secret_key) or None,
    )


def own_intake(settings: Settings, pool: Any, media: MediaStore) -> MediaIntake:
    """Takes the user's own media into the store and the books. `pool` is an `asyncpg.Pool`."""
    from reelwright.providers.own.buckets import Buckets
    from reelwright.providers.own.fetching import Web
    from reelwright.providers.own.intake import OwnIntake
    from reelwright.providers.own.limits import Limits
    from reelwright.storage.own_media import PostgresMediaBook

    limits = Limits(
        bytes=settings.own_media_bytes, seconds=settings.own_media_seconds, fetch_s=settings.own_media_fetch_s
    )
    allowed = [name.strip() for name in settings.own_media_buckets.split(",") if name.strip()]
    buckets = Buckets(limits, lambda: _s3_client(settings), allowed)
    web = Web(limits, allow_private=settings.own_media_allow_private)
    return OwnIntake(PostgresMediaBook(pool), media, {"https": web, "s3": buckets}, limits)


def _s3_client(settings: Settings) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint_url,
        region_name=settings.s3_region,
        aws_access_key_id=secret(settings.s3_access_key) or None,
        aws_secret_access_key=secret(settings.s3_secret_key) or None,
        config=Config(
            s3={"addressing_style": "path"},
            retries={"mode": "standard", "max_attempts": 3},
            connect_timeout=5,
            read_timeout=60,
            response_checksum_validation="when_required",
        ),
    )
