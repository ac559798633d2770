"""The media stores: a folder and a real S3 server, by the same tests."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
from pathlib import Path

import httpx
import pytest

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import AssetCorrupt, InvalidInput, OutOfSpace, ProviderUnavailable
from reelwright.domain.redaction import redact
from reelwright.storage import media
from reelwright.storage.media import LocalMediaStore
from reelwright.storage.public import PublicAddresses
from reelwright.storage.s3 import S3MediaStore
from reelwright.storage.stores import open_media_store
from tests.servers import S3, free_port

Store = LocalMediaStore | S3MediaStore


def noise(size: int, seed: int = 1) -> bytes:
    """Bytes that differ everywhere, so that a shifted or repeated block shows."""
    return hashlib.shake_256(str(seed).encode()).digest(size)


def s3_store(service: S3, prefix: str = "some/prefix", **changes: str) -> S3MediaStore:
    keys = {"access_key": service.access_key, "secret_key": service.secret_key, **changes}
    return S3MediaStore(service.bucket, prefix, service.endpoint, **keys)  # type: ignore[arg-type]


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "local":
        return LocalMediaStore(tmp_path / "store")
    return s3_store(request.getfixturevalue("s3"))


def unknown(data: bytes = b"never stored") -> AssetRef:
    sha = hashlib.sha256(data).hexdigest()
    return AssetRef(key=f"{sha[:2]}/{sha}.mp4", sha256=sha, size=len(data), media_type="video/mp4")


async def everything(store: Store, ref: AssetRef, start: int = 0, chunk: int = 1 << 20) -> list[bytes]:
    return [block async for block in store.read(ref, start=start, chunk=chunk)]


@pytest.mark.parametrize(
    "start, end",
    [(0, 1), (0, 100_000), (4_095, 4_097), (99_999, 100_000), (99_990, 200_000), (50, 50), (100_000, 100_000)],
)
async def test_a_range_comes_without_what_is_around_it(store: Store, start: int, end: int) -> None:
    data = noise(100_000)
    ref = await store.put_bytes(data, "video/mp4")
    blocks = [block async for block in store.read(ref, start=start, end=end, chunk=4_096)]
    assert b"".join(blocks) == data[start:end] and all(0 < len(block) <= 4_096 for block in blocks)


async def test_a_range_that_ends_before_it_begins_is_refused(store: Store) -> None:
    ref = await store.put_bytes(b"0123456789", "video/mp4")
    with pytest.raises(InvalidInput, match="cannot read"):
        await anext(store.read(ref, start=5, end=4))


@pytest.mark.parametrize("size", [0, 1, 1 << 20, 20_000_003])
async def test_a_file_comes_back_byte_for_byte(store: Store, tmp_path: Path, size: int) -> None:
    data = noise(size)
    source = tmp_path / "in.mp4"
    source.write_bytes(data)
    ref = await store.put(source, "video/mp4")
    sha = hashlib.sha256(data).hexdigest()
    assert ref == AssetRef(key=f"{sha[:2]}/{sha}.mp4", sha256=sha, size=size, media_type="video/mp4")
    assert await store.put(source, "video/mp4") == ref
    assert await store.put_bytes(data, "video/mp4") == ref
    assert await store.exists(ref)
    to = tmp_path / "new" / "folder" / "out.mp4"
    assert await store.fetch(ref, to) == to
    assert to.read_bytes() == data
    assert [p.name for p in to.parent.iterdir()] == ["out.mp4"]


async def test_reading_from_an_offset_in_small_pieces(store: Store) -> None:
    data = noise(300_000)
    ref = await store.put_bytes(data, "audio/wav")
    for start in (0, 1, 65_536, 299_999, 300_000, 400_000):
        blocks = await everything(store, ref, start, 65_536)
        assert b"".join(blocks) == data[start:]
        assert all(0 < len(block) <= 65_536 for block in blocks)
    with pytest.raises(InvalidInput):
        await everything(store, ref, -1)


async def test_reading_can_stop_half_way(store: Store) -> None:
    ref = await store.put_bytes(noise(3 << 20), "audio/wav")
    for _ in range(15):  # more often than S3 has connections to give
        stream = store.read(ref, chunk=4096)
        assert len(await anext(stream)) == 4096
        await stream.aclose()  # type: ignore[attr-defined]


async def test_missing_file_is_named(store: Store, tmp_path: Path) -> None:
    ref = unknown()
    assert not await store.exists(ref)
    with pytest.raises(AssetCorrupt, match=ref.key):
        await store.fetch(ref, tmp_path / "out")
    with pytest.raises(AssetCorrupt, match=ref.key):
        await everything(store, ref)
    assert not (tmp_path / "out").exists()
    with pytest.raises(AssetCorrupt, match="no file"):
        await store.put(tmp_path / "nothing.mp4", "video/mp4")


def spoil(store: Store, ref: AssetRef, data: bytes) -> None:
    if isinstance(store, LocalMediaStore):
        (store.root / ref.key).write_bytes(data)
    else:
        store._client.put_object(Bucket=store.bucket, Key=store.prefix + ref.key, Body=data)


@pytest.mark.parametrize("wrong", [b"x" * 5_000, noise(4_999), b""])
async def test_spoiled_bytes_never_arrive_and_putting_heals(store: Store, tmp_path: Path, wrong: bytes) -> None:
    data = noise(5_000, seed=len(wrong))
    ref = await store.put_bytes(data, "image/png")
    spoil(store, ref, wrong)
    with pytest.raises(AssetCorrupt, match=ref.key):
        await store.fetch(ref, tmp_path / "out")
    assert list(tmp_path.glob("out*")) == [] and list(tmp_path.glob(".part*")) == []
    await store.put_bytes(data, "image/png")
    assert (await store.fetch(ref, tmp_path / "out")).read_bytes() == data


@pytest.mark.parametrize("key", ["../../etc/passwd", "/etc/passwd", "ab/../../x", "", "ab/" + "0" * 64, "aa\0/b"])
async def test_keys_from_outside_are_no_paths(store: Store, tmp_path: Path, key: str) -> None:
    ref = unknown().model_copy(update={"key": key})
    for call in (store.fetch(ref, tmp_path / "out"), store.exists(ref), everything(store, ref)):
        with pytest.raises(AssetCorrupt, match="not a key"):
            await call


@pytest.mark.parametrize("kind", ["video/../../x", "", "mp4", "video/mp4\r\nX: y"])
async def test_media_types_from_outside_are_checked(store: Store, kind: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await store.put_bytes(b"x", kind)
    assert caught.value.field == "media_type"


async def test_twenty_puts_of_the_same_at_once(store: Store, tmp_path: Path) -> None:
    data = noise(200_000, seed=7)
    refs = await asyncio.gather(*(store.put_bytes(data, "video/mp4") for _ in range(20)))
    assert len(set(refs)) == 1
    assert (await store.fetch(refs[0], tmp_path / "out")).read_bytes() == data


async def test_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalMediaStore(tmp_path / "store")
    ref = await store.put_bytes(noise(1_000), "video/mp4")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(media.os, "fsync", full)
    with pytest.raises(OutOfSpace):
        await store.put_bytes(noise(2_000), "video/mp4")
    with pytest.raises(OutOfSpace):
        await store.fetch(ref, tmp_path / "out")
    assert list((tmp_path / "store" / ".incoming").iterdir()) == []
    assert not (tmp_path / "out").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["store"]


async def test_leftovers_of_killed_writers_are_swept(tmp_path: Path) -> None:
    await LocalMediaStore(tmp_path).put_bytes(b"x", "video/mp4")
    old, young = tmp_path / ".incoming" / "old", tmp_path / ".incoming" / "young"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))
    LocalMediaStore(tmp_path)
    assert young.exists() and not old.exists()


async def test_s3_that_is_down_or_refuses(s3: S3, tmp_path: Path) -> None:
    down = S3MediaStore("media", "", f"http://127.0.0.1:{free_port()}", "us-east-1", "someone", "hunter2secret")
    denied = s3_store(s3, secret_key="hunter2secret")
    for store in (down, denied):
        for call in (
            store.put_bytes(b"x", "video/mp4"),
            store.fetch(unknown(), tmp_path / "x"),
            store.exists(unknown()),
        ):
            with pytest.raises(ProviderUnavailable) as caught:
                await call
            assert "hunter2secret" not in str(caught.value) + repr(store)
    nowhere = S3MediaStore("no-such-bucket", "", s3.endpoint, "us-east-1", s3.access_key, s3.secret_key)
    with pytest.raises((InvalidInput, AssetCorrupt)):
        await nowhere.fetch(unknown(), tmp_path / "x")


def test_open_media_store_by_url(tmp_path: Path) -> None:
    for url in (str(tmp_path), f"file://{tmp_path}", f" {tmp_path} "):
        store = open_media_store(url)
        assert isinstance(store, LocalMediaStore) and store.root == tmp_path
    spaced = open_media_store("file:///some%20where/x")
    assert isinstance(spaced, LocalMediaStore) and spaced.root == Path("/some where/x")
    s3 = open_media_store("s3://bucket/a/b/", endpoint_url="http://127.0.0.1:1", access_key="a", secret_key="b")
    assert isinstance(s3, S3MediaStore) and (s3.bucket, s3.prefix) == ("bucket", "a/b/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "  ",
        "http://x/y",
        "s3://",
        "s3:///prefix",
        "s3://key:hunter2@bucket",
        "s3://b/../x",
        "s3://UPPER/x",
        "file://",
    ],
)
def test_bad_urls_name_the_setting(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        open_media_store(url, access_key="a", secret_key="b")
    assert caught.value.field == "REELWRIGHT_MEDIA_URL" and caught.value.remedy
    assert "hunter2" not in str(caught.value)


async def test_a_presigned_address_gives_the_bytes_to_anyone_and_another_one_does_not(
    s3: S3, http: httpx.AsyncClient
) -> None:
    store = s3_store(s3)
    ref = await store.put_bytes(b"\xff\xd8\xff a picture", "image/jpeg")
    address = await PublicAddresses(store).address(ref)
    assert (await http.get(address)).content == b"\xff\xd8\xff a picture"
    assert redact(f"fetched {address}") != f"fetched {address}", "whoever has it can read the file"
    assert (await http.get(address.replace("X-Amz-Signature=", "X-Amz-Signature=0"))).status_code == 403
