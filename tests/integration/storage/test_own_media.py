"""The user's own media from outside: fetched within limits, stored, and on record in a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest

from reelwright.domain.content.taken import StoredMedia
from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.providers.own.buckets import Buckets
from reelwright.providers.own.fetching import Web
from reelwright.providers.own.intake import OwnIntake
from reelwright.providers.own.limits import Limits
from reelwright.storage.own_media import PostgresMediaBook
from reelwright.storage.s3 import S3MediaStore
from tests import own_samples as samples
from tests.servers import S3

LIMITS = Limits(bytes=100_000, fetch_s=2)


def quiet(share: float) -> None:
    """Nobody watches."""


class Host(BaseHTTPRequestHandler):
    """A web server with files of several characters."""

    def do_GET(self) -> None:
        kind = self.path.strip("/")
        if kind == "moved":
            self.send_response(302)
            self.send_header("Location", "/file")
            self.end_headers()
            return
        if kind == "circle":
            self.send_response(302)
            self.send_header("Location", "/circle")
            self.end_headers()
            return
        status = {"gone": 404, "busy": 503}.get(kind, 200)
        self.send_response(status)
        if kind in ("large", "short"):
            self.send_header("Content-Length", "200000" if kind == "large" else "50")
        if kind == "packed":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        try:
            for _ in range(40 if kind in ("endless", "slow") else 1):
                self.wfile.write(b"x" * (10_000 if kind == "endless" else 10))
                if kind == "slow":
                    self.wfile.flush()
                    self.server.closing.wait(0.3)  # type: ignore[attr-defined]
        except OSError:
            return  # it is no longer read

    def log_message(self, *_: Any) -> None:
        """Not onto the test's output."""


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    server.closing = threading.Event()  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.closing.set()  # type: ignore[attr-defined]
    server.shutdown()


@pytest.mark.parametrize("path", ["file", "moved"])
async def test_a_file_is_fetched(path: str, host: str, tmp_path: Path) -> None:
    await Web(LIMITS, allow_private=True).fetch(f"{host}/{path}", tmp_path / "f", field="media.1.file", progress=quiet)
    assert (tmp_path / "f").read_bytes() == b"x" * 10


@pytest.mark.parametrize(
    ("path", "error", "reason"),
    [
        ("gone", InvalidInput, "127.0.0.1 answers 404; check the address in a browser"),
        ("circle", InvalidInput, "redirects more than 4 times"),
        ("large", InvalidInput, "has more than 100,000 bytes"),
        ("endless", InvalidInput, "has more than 100,000 bytes"),
        ("packed", InvalidInput, "compressed"),
        ("busy", ProviderUnavailable, "127.0.0.1 answers 503"),
        ("short", ProviderUnavailable, "cannot be reached|sent 10 bytes of 50"),
        ("slow", ProviderUnavailable, "did not send it within 2 s"),
    ],
)
async def test_what_is_not_fetched(path: str, error: type[Exception], reason: str, host: str, tmp_path: Path) -> None:
    with pytest.raises(error, match=rf"^media\.1\.file: .*({reason})"):
        await Web(LIMITS, allow_private=True).fetch(
            f"{host}/{path}", tmp_path / "f", field="media.1.file", progress=quiet
        )


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://127.0.0.1/a.png", "private or local address"),
        ("https://[::1]/a.png", "private or local address"),
        ("https://169.254.169.254/latest/meta-data", "private or local address"),
        ("https://user:pass@example.org/a.png", "user name or password"),
        ("https://example.org:8443/a.png", "port 8443 is not a public web port"),
        ("http://example.org/a.png", "only https"),
    ],
)
async def test_only_public_addresses_are_read(url: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=rf"^f: .*{reason}.*; give a public https address"):
        await Web(LIMITS, allow_private=False).fetch(url, tmp_path / "f", field="f", progress=quiet)


@pytest.fixture
def intake(pool: Any, s3: S3) -> OwnIntake:
    """Stores in a real S3 server, and reads its bucket."""
    keys = {"aws_access_key_id": s3.access_key, "aws_secret_access_key": s3.secret_key}
    client = partial(boto3.client, "s3", endpoint_url=s3.endpoint, region_name="us-east-1", **keys)
    store = S3MediaStore(s3.bucket, "own", s3.endpoint, access_key=s3.access_key, secret_key=s3.secret_key)
    return OwnIntake(PostgresMediaBook(pool), store, {"s3": Buckets(LIMITS, client, [s3.bucket])}, LIMITS)


async def test_a_file_of_a_bucket_is_stored_once_and_found_by_its_address(
    intake: OwnIntake, s3: S3, tmp_path: Path, pool: Any
) -> None:
    data = samples.clip(tmp_path / "boats.mp4", sound_streams=1).read_bytes()
    client = intake.sources["s3"]._client()  # type: ignore[attr-defined]
    client.put_object(Bucket=s3.bucket, Key="given/my boats.mp4", Body=data)
    client.put_object(Bucket=s3.bucket, Key="given/large.mp4", Body=b"0" * 100_001)
    find = partial(intake.find, field="media.1.file", workdir=tmp_path, progress=quiet)
    url = f"s3://{s3.bucket}/given/my%20boats.mp4"
    with pytest.raises(InvalidInput, match=r"^media\.1\.file: there is no given/my%20boats\.mp4 in the bucket"):
        await find(url)
    client.put_object(Bucket=s3.bucket, Key="given/boats.mp4", Body=data)
    stored = await find(f"s3://{s3.bucket}/given/boats.mp4")
    again = await find(f"media:{stored.file.sha256}")
    assert stored == again and stored.name == "boats.mp4" and stored.kind == "clip" and stored.sound is not None
    assert stored.still is not None and await intake.media.exists(stored.still)
    book = PostgresMediaBook(pool)
    renamed = await intake.add(tmp_path / "boats.mp4", name="other.mp4", field="f", workdir=tmp_path, progress=quiet)
    assert renamed == stored, "equal bytes are stored once, under the name they first had"
    [row] = await book.beginning(stored.file.sha256[:12])
    assert isinstance(row.media, StoredMedia) and row.media == stored
    assert stored in [one.media for one in await book.newest(50, "clip")]
    assert stored not in [one.media for one in await book.newest(50, "sound")]
    with pytest.raises(InvalidInput, match=r"it has 100,001 bytes, more than 100,000"):
        await find(f"s3://{s3.bucket}/given/large.mp4")
    with pytest.raises(InvalidInput, match="the bucket elsewhere is not open for media; have the operator name it in"):
        await find("s3://elsewhere/a.mp4")
    client.delete_object(Bucket=s3.bucket, Key=f"own/{stored.file.key}")
    with pytest.raises(InvalidInput, match=r"no file with the sha256 .* is stored; add it"):
        await find(f"media:{stored.file.sha256}")
