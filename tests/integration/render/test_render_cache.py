"""The cache of files on a render machine: fewer downloads, no more room than it may take."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

import pytest

from reelwright.domain.assets import AssetRef
from reelwright.storage.cache import CachedMediaStore
from tests.workflow.fakes import MemoryMedia


class CountingMedia(MemoryMedia):
    """Counts what is downloaded."""

    fetched = 0

    async def fetch(self, ref: AssetRef, to: Path) -> Path:
        self.fetched += 1
        return await super().fetch(ref, to)


async def test_the_cache_spares_downloads_and_keeps_to_its_limit(tmp_path: Path) -> None:
    media = CountingMedia()
    folder = tmp_path / "cache"
    cached = CachedMediaStore(media, folder, 2_500)
    refs = [await media.put_bytes(bytes([number]) * 1_000, "x/y") for number in range(3)]
    for place, ref in enumerate([refs[0], refs[1], refs[0]]):
        assert (await cached.fetch(ref, tmp_path / f"out{place}")).read_bytes() == media.files[ref.sha256]
        time.sleep(0.02)  # so that their times differ
    assert media.fetched == 2
    await cached.fetch(refs[2], tmp_path / "third")
    kept = {path.name for path in folder.rglob("*") if path.is_file() and path.name != ".lock"}
    assert kept == {refs[0].sha256, refs[2].sha256}, "the one not used for the longest goes first"
    large = await media.put_bytes(b"x" * 3_000, "x/y")
    await cached.fetch(large, tmp_path / "large")
    assert large.sha256 not in {path.name for path in folder.rglob("*")}
    made_here = tmp_path / "made"
    made_here.write_bytes(b"made here" * 10)
    ref = await cached.put(made_here, "x/y")
    before = media.fetched
    assert (await cached.fetch(ref, tmp_path / "back")).read_bytes() == made_here.read_bytes()
    assert media.fetched == before


async def test_a_damaged_file_in_the_cache_is_fetched_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    media = CountingMedia()
    cached = CachedMediaStore(media, tmp_path / "cache", 10_000)
    ref = await media.put_bytes(b"good" * 100, "x/y")
    await cached.fetch(ref, tmp_path / "a")
    # The copy handed out shares no bytes that can be spoilt through it: only the cache's own file is damaged here.
    kept = tmp_path / "cache" / ref.sha256[:2] / ref.sha256
    kept.write_bytes(b"evil" * 100)
    with caplog.at_level(logging.WARNING):
        assert (await cached.fetch(ref, tmp_path / "b")).read_bytes() == b"good" * 100
    assert media.fetched == 2 and "damaged" in caplog.text
    unusable = CachedMediaStore(media, tmp_path / "a" / "no folder", 10_000)
    assert (await unusable.fetch(ref, tmp_path / "c")).read_bytes() == b"good" * 100


async def test_many_at_once_share_the_cache(tmp_path: Path) -> None:
    media = CountingMedia()
    stores = [CachedMediaStore(media, tmp_path / "cache", 5_000) for _ in range(3)]
    refs = [await media.put_bytes(bytes([number]) * 1_000, "x/y") for number in range(8)]
    got = await asyncio.gather(
        *(
            stores[turn % 3].fetch(ref, tmp_path / f"{turn}-{number}")
            for turn in range(6)
            for number, ref in enumerate(refs)
        )
    )
    assert all(path.read_bytes() == bytes([int(path.name.split("-")[1])]) * 1_000 for path in got)
    sizes = [path.stat().st_size for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert sum(sizes) <= 5_000
