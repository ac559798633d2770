"""Signing on the way from the renderer to the media store."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reelwright.domain.ids import effect_key
from reelwright.domain.marking import Mark
from reelwright.domain.ports.making import Catalog
from reelwright.domain.ports.marking import Marker


async def marked(
    marker: Marker | None, path: Path, media_type: str, mark: Mark | None, original: Path | None = None
) -> Path:
    """The signed copy of a file; the file itself where there is nothing to sign."""
    if marker is None or mark is None:
        return path
    return await marker.mark(path, media_type, mark, original)


def digest_of(path: Path) -> str:
    """The sha256 of a small file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


async def key_of(
    catalog: Catalog, content_id: str, step: str, decides: Sequence[Any], marks: Sequence[Mark | None]
) -> str:
    """The key of a result that is signed with these marks. What is on record from a release that did not sign is
    found by its own key: a content that was rendered keeps its files, and with them the posts made of them."""
    unmarked = effect_key(content_id, step, *decides)
    wanted = [mark for mark in marks if mark]
    if not wanted or await catalog.find_result(unmarked) is not None:
        return unmarked
    return effect_key(content_id, step, *decides, *wanted)
