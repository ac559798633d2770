"""Puts a finished content into a folder, with its report."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from reelwright.domain.assets import AssetRef
from reelwright.domain.ports import MediaStore
from reelwright.domain.status import ContentResult
from reelwright.domain.video import VARIANTS, HlsManifest, HlsPackage, Thumbnail

REPORT = "report.json"


async def deliver(result: ContentResult, media: MediaStore, folder: Path) -> dict[str, Any]:
    """Fetches every file and writes `report.json`; returns the report. Either all files are there, or none of those
    that were not there before."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    try:
        for ref, name in [*_files(result), *await _hls_files(result, media, folder)]:
            target = folder / name
            target.parent.mkdir(exist_ok=True)
            if not target.exists():
                written.append(target)
            await media.fetch(ref, target)
        report = report_of(result)
        _write_json(folder / REPORT, report)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        for package in result.hls:
            with suppress(OSError):  # it is not empty: files of an earlier delivery are in it
                (folder / _hls_folder(package)).rmdir()
        raise
    return report


def report_of(result: ContentResult, *, base: Path | None = None) -> dict[str, Any]:
    """The report. Paths are relative to the report itself, or to where `base` is."""

    def path(name: str) -> str:
        return str(base / name) if base else name

    return {
        "content_id": result.content_id,
        "workflow_id": result.workflow_id,
        "status": result.status.value,
        "title": result.title,
        "notice": result.notice,
        "reason": result.reason,
        "videos": [
            {
                "format": video.format.value,
                "path": path(f"video-{video.format.slug}.mp4"),
                "width": video.width,
                "height": video.height,
                "duration_s": video.duration_s,
                "sha256": video.file.sha256,
            }
            for video in result.videos
        ],
        "captions": [
            {"language": track.language, "kind": track.kind, "path": path(f"captions.{track.language}.{track.kind}")}
            for track in result.captions
        ],
        "thumbnails": [
            {"format": image.format.value, "variant": image.variant, "path": path(_thumbnail_name(image))}
            for image in result.thumbnails
        ],
        "hls": [
            {
                "format": package.format.value,
                "path": path(f"{_hls_folder(package)}/{package.master}"),
                "sizes": [f"{width}x{height}" for width, height in package.sizes],
                "bytes": package.bytes,
            }
            for package in result.hls
        ],
        "posts": [
            {
                "platform": post.platform.value,
                "account": post.account,
                "status": post.status,
                "post_id": post.post_id,
                "url": post.url,
                **({"error": post.error} if post.error else {}),
            }
            for post in result.posts
        ],
        "notes": list(result.notes),
        "cost": result.cost.model_dump(),
    }


def failure_report(content_id: str, workflow_id: str, status: str, reason: str) -> dict[str, Any]:
    """The same object when there is nothing but a reason."""
    return {
        "content_id": content_id,
        "workflow_id": workflow_id,
        "status": status,
        "reason": reason,
        "videos": [],
        "captions": [],
        "thumbnails": [],
        "hls": [],
        "posts": [],
        "notes": [],
        "cost": {"usd": 0.0, "by_step": {}},
    }


def _files(result: ContentResult) -> list[tuple[AssetRef, str]]:
    return [
        *((video.file, f"video-{video.format.slug}.mp4") for video in result.videos),
        *((track.file, f"captions.{track.language}.{track.kind}") for track in result.captions),
        *((image.file, _thumbnail_name(image)) for image in result.thumbnails),
    ]


async def _hls_files(result: ContentResult, media: MediaStore, folder: Path) -> list[tuple[AssetRef, str]]:
    """What the packages' manifests name, each package in a folder of its own."""
    files: list[tuple[AssetRef, str]] = []
    for package in result.hls:
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            manifest = await media.fetch(package.manifest, Path(scratch) / "manifest.json")
            found = HlsManifest.model_validate_json(manifest.read_bytes())
        files += [(file.file, f"{_hls_folder(package)}/{file.name}") for file in found.files]
    return files


def _hls_folder(package: HlsPackage) -> str:
    return f"hls-{package.format.slug}"


def _thumbnail_name(image: Thumbnail) -> str:
    """The one for posts has the plain name."""
    which = "" if image.variant == VARIANTS[0] else f"-{image.variant}"
    return f"thumbnail-{image.format.slug}{which}.jpg"


def _write_json(path: Path, value: dict[str, Any]) -> None:
    temporary = path.with_suffix(".json.part")
    try:
        temporary.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
