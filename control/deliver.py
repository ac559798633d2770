"""Puts a finished content into a folder, with its report."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.rendered import HlsManifest
from reelwright.domain.content.status import ContentResult
from reelwright.domain.ports.making import MediaStore

from .report import (
    REPORT,
    Background,
    Report,
    caption_name,
    hls_folder,
    report_of,
    thumbnail_name,
    video_name,
)


async def deliver(
    result: ContentResult, media: MediaStore, folder: Path, background: Background | None = None
) -> Report:
    """Fetches every file and writes `report.json`; returns the report. Either all files are there, or none of those
    that were not there before."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    try:
        for ref, name in [*files_of(result), *await _hls_files(result, media, folder)]:
            target = folder / name
            target.parent.mkdir(exist_ok=True)
            if not target.exists():
                written.append(target)
            await media.fetch(ref, target)
        report = report_of(result, folder=str(folder), background=background)
        _write(folder / REPORT, report)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        for package in result.hls:
            with suppress(OSError):  # it is not empty: files of an earlier delivery are in it
                (folder / hls_folder(package)).rmdir()
        raise
    return report


def files_of(result: ContentResult) -> list[tuple[AssetRef, str]]:
    """The videos, captions and thumbnails, with the names that they are delivered under."""
    return [
        *((video.file, video_name(video.format.slug)) for video in result.videos),
        *((track.file, caption_name(track.language, track.kind)) for track in result.captions),
        *((image.file, thumbnail_name(image)) for image in result.thumbnails),
    ]


async def _hls_files(result: ContentResult, media: MediaStore, folder: Path) -> list[tuple[AssetRef, str]]:
    """What the packages' manifests name, each package in a folder of its own."""
    files: list[tuple[AssetRef, str]] = []
    for package in result.hls:
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            manifest = await media.fetch(package.manifest, Path(scratch) / "manifest.json")
            found = HlsManifest.model_validate_json(manifest.read_bytes())
        files += [(file.file, f"{hls_folder(package)}/{file.name}") for file in found.files]
    return files


def _write(path: Path, report: Report) -> None:
    temporary = path.with_suffix(".json.part")
    try:
        temporary.write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
