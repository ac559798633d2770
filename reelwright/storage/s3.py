"""The media store on S3 or anything that speaks it (SeaweedFS, MinIO, R2), through boto3 in threads."""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import boto3
from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import AssetCorrupt, InvalidInput, OutOfSpace, ProviderUnavailable
from reelwright.domain.redaction import know, know_address

from .media import BLOCK, URL_FIELD, checked_key, copy_checked, disk_errors, end_of_range, media_key, missing

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/(?!$))?)*")
_MISSING = {"404", "NoSuchKey", "NotFound"}
_DENIED = {"403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"}
_FULL = {"507", "InsufficientStorage", "XMinioStorageFull", "QuotaExceeded", "EntityTooLarge"}
_PART = 8 << 20


class S3MediaStore:
    """`bucket` must exist. `prefix` is a folder inside it, "" for the whole. Without keys boto3 looks for its own
    (environment, profile, instance role). Large files go in parts of 8 MiB."""

    def __init__(
        self,
        bucket: str,
        prefix: str = "",
        endpoint_url: str | None = None,
        region: str = "us-east-1",
        access_key: str | None = None,
        secret_key: str | None = None,
    ) -> None:
        if not _BUCKET.fullmatch(bucket):
            raise InvalidInput("the bucket's name is not one", field=URL_FIELD, remedy="write s3://bucket/prefix")
        if not _PREFIX.fullmatch(prefix):
            raise InvalidInput(
                "the prefix has other than letters, digits, . _ - and /", field=URL_FIELD, remedy="choose a plain one"
            )
        know(access_key, secret_key, lasting=True)
        know_address(endpoint_url or "", lasting=True)
        self.bucket = bucket
        self.prefix = f"{prefix}/" if prefix else ""
        # Path-style addressing, and checksums only where S3 requires them: S3-compatible stores require both.
        config = Config(
            s3={"addressing_style": "path"},
            signature_version="s3v4",  # it is the default but for presigned addresses
            retries={"mode": "standard", "max_attempts": 3},
            connect_timeout=5,
            read_timeout=60,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        try:
            self._client = boto3.client(
                "s3",
                endpoint_url=endpoint_url,
                region_name=region,
                aws_access_key_id=access_key,
                aws_secret_access_key=secret_key,
                config=config,
            )
        except ValueError as error:
            raise InvalidInput(
                "the S3 endpoint is not a URL", field=URL_FIELD, remedy="write http://host:port"
            ) from error
        self._transfer = TransferConfig(multipart_threshold=_PART, multipart_chunksize=_PART, max_concurrency=4)

    def _place(self, ref: AssetRef) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self.prefix + checked_key(ref)}

    async def put(self, path: Path, media_type: str) -> AssetRef:
        """Stores a file unless the same is there already."""
        return await asyncio.to_thread(self._put, path, media_type)

    def _put(self, path: Path, media_type: str) -> AssetRef:
        try:
            source = open(path, "rb")  # noqa: SIM115
        except (FileNotFoundError, IsADirectoryError) as error:
            raise AssetCorrupt(f"there is no file {path.name!r} to store", field="asset") from error
        with source:
            return self._store(source, media_type)

    async def put_bytes(self, data: bytes, media_type: str) -> AssetRef:
        """Stores bytes that are in memory anyway."""
        return await asyncio.to_thread(self._store, io.BytesIO(data), media_type)

    def _store(self, source: IO[bytes], media_type: str) -> AssetRef:
        with disk_errors():
            sha256 = hashlib.file_digest(source, "sha256").hexdigest()  # type: ignore[arg-type]
            size = source.seek(0, io.SEEK_END)
            source.seek(0)
        ref = AssetRef(key=media_key(sha256, media_type), sha256=sha256, size=size, media_type=media_type)
        with self._errors():
            if not self._has(ref):
                # The digest goes along as metadata, so that an object written by something else is not taken for ours.
                extra = {"ContentType": media_type, "Metadata": {"sha256": sha256}}
                place = self._place(ref)
                self._client.upload_fileobj(
                    _Unclosed(source), place["Bucket"], place["Key"], ExtraArgs=extra, Config=self._transfer
                )
        return ref

    def _has(self, ref: AssetRef) -> bool:
        try:
            head = self._client.head_object(**self._place(ref))
        except ClientError as error:
            if _code(error) in _MISSING:
                return False
            raise
        return bool(head["ContentLength"] == ref.size and head["Metadata"].get("sha256") == ref.sha256)

    async def fetch(self, ref: AssetRef, to: Path) -> Path:
        """Downloads to `to`, whole or not at all; `AssetCorrupt` when it is missing or not the same bytes."""
        return await asyncio.to_thread(self._fetch, ref, to)

    def _fetch(self, ref: AssetRef, to: Path) -> Path:
        with disk_errors(), self._errors(ref):
            body = self._client.get_object(**self._place(ref))["Body"]
            try:
                return copy_checked(iter(lambda: body.read(BLOCK), b""), ref, to)
            finally:
                body.close()

    async def read(
        self, ref: AssetRef, *, start: int = 0, end: int | None = None, chunk: int = BLOCK
    ) -> AsyncIterator[bytes]:
        """Streams from `start` to `end` with one ranged GET, `chunk` bytes in memory at a time."""
        last = end_of_range(ref, start, end, chunk)
        place = self._place(ref)
        if start >= last:  # S3 answers 416 to an empty range
            return
        bounded = "" if end is None else str(last - 1)
        with self._errors(ref):
            answer = await asyncio.to_thread(self._client.get_object, **place, Range=f"bytes={start}-{bounded}")
            body, at = answer["Body"], start
            try:
                while block := await asyncio.to_thread(body.read, chunk):
                    at += len(block)
                    yield block
            finally:
                body.close()
        if at < last:
            raise AssetCorrupt(f"{ref.key} ends at byte {at:,}", field="asset", remedy="make it again")

    async def presigned(self, ref: AssetRef, seconds: int) -> str:
        """An address from which anyone can fetch the file for so long; it counts as a secret."""
        with self._errors():
            address: str = await asyncio.to_thread(
                self._client.generate_presigned_url, "get_object", Params=self._place(ref), ExpiresIn=seconds
            )
        know_address(address)
        return address

    async def exists(self, ref: AssetRef) -> bool:
        """Whether the same file is there."""
        with self._errors():
            return await asyncio.to_thread(self._has, ref)

    @contextmanager
    def _errors(self, ref: AssetRef | None = None) -> Iterator[None]:
        """What boto3 raises, as typed errors; their text never holds a key or a signed URL."""
        try:
            yield
        except ClientError as error:
            raise self._typed(_code(error), ref) from error
        except S3UploadFailedError as error:
            cause = error.__context__
            raise self._typed(_code(cause) if isinstance(cause, ClientError) else "", ref) from error
        except (BotoCoreError, HTTPClientError) as error:
            raise ProviderUnavailable(
                f"the media store does not answer ({type(error).__name__})",
                field="media store",
                remedy="check that it is running and reachable",
            ) from error

    def _typed(self, code: str, ref: AssetRef | None) -> Exception:
        if ref and code in _MISSING:
            return missing(ref)
        if code in _FULL:
            return OutOfSpace("the bucket is full", field="media store", remedy="free some space and try again")
        if code == "NoSuchBucket":
            return InvalidInput(f"there is no bucket {self.bucket}", field=URL_FIELD, remedy="create it")
        if code in _DENIED:
            return ProviderUnavailable(
                "the media store refuses the credentials", field="media store", remedy="check the key and its rights"
            )
        return ProviderUnavailable(f"the media store answered {code or 'an error'}", field="media store")


class _Unclosed(io.BufferedIOBase):
    """Keeps boto3 from closing a file that is the caller's to close."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int | None = -1, /) -> bytes:
        return self._file.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
