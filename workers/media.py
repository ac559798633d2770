"""The media store that the settings name; shared by the pools and the command line."""

from __future__ import annotations

from reelwright.domain.ports.making import MediaStore

from .settings import Settings, secret


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
