"""Opens the media store that a setting names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from reelwright.domain.errors import InvalidInput

from .media import URL_FIELD, LocalMediaStore

if TYPE_CHECKING:
    from .s3 import S3MediaStore


def open_media_store(
    url: str,
    *,
    endpoint_url: str | None = None,
    region: str = "us-east-1",
    access_key: str | None = None,
    secret_key: str | None = None,
) -> LocalMediaStore | S3MediaStore:
    """The store a setting names: `s3://bucket/prefix`, `file:///folder` or a folder's path.

    Raises `InvalidInput` (field `REELWRIGHT_MEDIA_URL`) for anything else.
    """
    text = url.strip()
    try:
        parts = urlsplit(text) if "://" in text else None
    except ValueError:  # an address such as `s3://[`
        raise InvalidInput("it is no address", field=URL_FIELD, remedy="write s3://bucket/prefix or a path") from None
    if parts is None and text and "\0" not in text:
        return LocalMediaStore(Path(text))
    if parts and parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path not in ("", "/"):
        return LocalMediaStore(Path(unquote(parts.path)))
    if parts and parts.scheme == "s3":
        from .s3 import S3MediaStore  # here: loading boto3 takes longer than opening a folder

        # netloc and path as they stand: a password before the bucket would be a mistake and is refused, not kept.
        return S3MediaStore(parts.netloc, parts.path.strip("/"), endpoint_url, region, access_key, secret_key)
    kind = f"{parts.scheme}:// is not a kind of store" if parts and parts.scheme not in ("file", "s3") else "no folder"
    raise InvalidInput(
        kind if text else "it is empty", field=URL_FIELD, remedy="write s3://bucket/prefix, file:///folder or a path"
    )
