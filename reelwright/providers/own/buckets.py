"""Fetches a file from an S3 bucket that the operator has opened for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.ports.rendering import Progress

from .fetching import AWAY
from .limits import Limits

BUCKETS_FIELD = "REELWRIGHT_OWN_MEDIA_BUCKETS"
_BLOCK = 1 << 20
_NOT_THERE = {"404", "NoSuchKey", "NotFound", "NoSuchBucket"}
_DENIED = {"403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"}


class Buckets:
    """`client` builds the S3 client of boto3; `allowed` are the buckets that requests may name, since whoever starts a
    workflow would otherwise read all that the studio's keys can."""

    def __init__(self, limits: Limits, client: Callable[[], Any], allowed: Collection[str]) -> None:
        self._limits = limits
        self._client = client
        self._allowed = frozenset(allowed)

    async def fetch(self, url: str, to: Path, *, field: str, progress: Progress) -> None:
        """Writes the object of `s3://bucket/key` to `to`. Raises `InvalidInput` naming the field, or
        `ProviderUnavailable`."""
        bucket, _, key = url.removeprefix("s3://").partition("/")
        if bucket not in self._allowed:
            raise InvalidInput(
                f"the bucket {bucket} is not open for media",
                field=field,
                remedy=f"have the operator name it in {BUCKETS_FIELD}",
            )
        try:
            async with asyncio.timeout(self._limits.fetch_s):
                await self._fetch(bucket, key, to, field, progress)
        except TimeoutError as error:
            raise ProviderUnavailable(
                f"the bucket {bucket} did not send it within {self._limits.fetch_s:g} s", field=field, remedy=AWAY
            ) from error

    async def _fetch(self, bucket: str, key: str, to: Path, field: str, progress: Progress) -> None:
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        try:
            found = await asyncio.to_thread(self._client().get_object, Bucket=bucket, Key=key)
            body, size, total = found["Body"], 0, int(found["ContentLength"])
            if total > self._limits.bytes:
                raise InvalidInput(
                    f"it has {total:,} bytes, more than {self._limits.bytes:,}",
                    field=field,
                    remedy="give a smaller file",
                )
            with to.open("wb") as file:
                # botocore checks that all of the announced length comes.
                while block := await asyncio.to_thread(body.read, _BLOCK):
                    size += len(block)
                    await asyncio.to_thread(file.write, block)
                    progress(size / max(total, 1))
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in _NOT_THERE:
                raise InvalidInput(
                    f"there is no {key[:100]} in the bucket {bucket}", field=field, remedy="check the address"
                ) from error
            if code in _DENIED:
                raise InvalidInput(
                    f"the bucket {bucket} may not be read", field=field, remedy="check the studio's S3 keys"
                ) from error
            raise ProviderUnavailable(f"the bucket {bucket} answers {code}", field=field, remedy=AWAY) from error
        except (BotoCoreError, HTTPClientError) as error:
            raise ProviderUnavailable(
                f"the bucket {bucket} cannot be reached ({type(error).__name__})", field=field, remedy=AWAY
            ) from error
