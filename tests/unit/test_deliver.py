"""A finished content in a folder: names people understand, a report that tells all, and nothing half."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from control.background import plain_address, without_secrets
from control.deliver import deliver
from control.report import Background, Report, Review, failure_report, report_of
from reelwright.domain.assets import AssetRef
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import ContentResult, Stage
from reelwright.domain.content.video import VARIANTS, HlsFile, HlsManifest, HlsPackage, Thumbnail
from reelwright.domain.errors import AssetCorrupt
from reelwright.domain.formats import VideoFormat
from starter.schemas import FOLDER, SCHEMAS, schema_text
from tests.workflow.fakes import MemoryMedia

NAMES = ("master.m3u8", "1080p.m3u8", "1080p-init.mp4", "1080p-0000.m4s", "manifest.mpd")


async def result_of(media: MemoryMedia) -> ContentResult:
    """Thumbnails of two formats, a streaming ladder, and a note."""
    thumbnails = [
        Thumbnail(
            format=format, file=await media.put_bytes(f"{format}{variant}".encode(), "i/j"), width=1, height=1,
            variant=variant,
        )
        for format in (VideoFormat.WIDE, VideoFormat.TALL)
        for variant in VARIANTS
    ]  # fmt: skip
    files = [HlsFile(name=name, file=await media.put_bytes(name.encode(), "v/m")) for name in NAMES]
    manifest = await media.put_bytes(HlsManifest(files=tuple(files)).model_dump_json().encode(), "application/json")
    sizes = ((1920, 1080), (854, 480))
    package = HlsPackage(
        format=VideoFormat.WIDE, manifest=manifest, master="master.m3u8", sizes=sizes, bytes=9, dash="manifest.mpd"
    )
    return ContentResult(
        content_id="c",
        workflow_id="content-c",
        status=Stage.DONE,
        thumbnails=tuple(thumbnails),
        hls=(package,),
        notes=("scene 1: the picture was turned upright",),
    )


async def test_everything_is_there_under_a_name_that_says_what_it_is(tmp_path: Path) -> None:
    media = MemoryMedia()
    result = await result_of(media)
    report = await deliver(result, media, tmp_path / "out", Background(language="de"))
    written = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert written == {
        "report.json",
        *(f"thumbnail-{slug}{which}.jpg" for slug in ("16x9", "9x16") for which in ("", "-frame", "-brand")),
        *(f"hls-16x9/{name}" for name in NAMES),
    }
    assert (tmp_path / "out/thumbnail-9x16.jpg").read_text() == "9:16text", "the one for posts has the plain name"
    told = report.model_dump(mode="json")
    assert json.loads((tmp_path / "out/report.json").read_text()) == told
    assert (told["schema_version"], told["folder"], told["language"]) == (1, str(tmp_path / "out"), "de")
    ref = result.thumbnails[1].file
    assert told["thumbnails"][1] == {
        "format": "16:9", "variant": "frame", "path": "thumbnail-16x9-frame.jpg", "width": 1, "height": 1,
        "size": ref.size, "sha256": ref.sha256,
    }  # fmt: skip
    assert told["hls"] == [
        {
            "format": "16:9", "path": "hls-16x9/master.m3u8", "sizes": ["1920x1080", "854x480"], "bytes": 9,
            "dash": "hls-16x9/manifest.mpd",
        }
    ]  # fmt: skip
    assert told["notes"] == ["scene 1: the picture was turned upright"]
    for name in ("videos", "captions", "thumbnails"):
        for item in told[name]:
            data = (tmp_path / "out" / item["path"]).read_bytes()
            assert (hashlib.sha256(data).hexdigest(), len(data)) == (item["sha256"], item["size"])


def test_a_failure_has_the_same_shape() -> None:
    failed = failure_report("c", "w", "why", background=Background(channel="news"))
    assert set(failed.model_dump()) == set(Report.model_fields)
    assert (failed.status, failed.reason, failed.channel, failed.videos) == ("failed", "why", "news", ())


def test_the_schema_is_current() -> None:
    for name, published in SCHEMAS.items():
        assert (FOLDER / name).read_text() == schema_text(published), "run `make docs`"
    schema = json.loads((FOLDER / "report.schema.json").read_text())
    assert set(schema["properties"]) == set(Report.model_fields)
    assert schema["properties"]["schema_version"]["const"] == 1


def test_who_decided_is_told_with_the_hash() -> None:
    review = Review(
        decision="approve",
        reviewer="anna",
        note="",
        artifact_sha256="a" * 64,
        decided_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    result = ContentResult(content_id="c", workflow_id="w", status=Stage.DONE)
    told = report_of(result, background=Background(reviews=(review,))).model_dump(mode="json")
    assert told["reviews"][0] == {
        "decision": "approve", "reviewer": "anna", "note": "", "artifact_sha256": "a" * 64,
        "decided_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://anna:hunter2@example.org/feed.xml?page=2", "https://example.org/feed.xml?page=2"),
        (
            "https://example.org:8443/f?api_key=hunter2&lang=de#hunter2",
            "https://example.org:8443/f?api_key=***&lang=de",
        ),
        ("https://[2001:db8::1]:80/f?X-Amz-Signature=hunter2", "https://[2001:db8::1]:80/f?X-Amz-Signature=***"),
        ("http://example.org:port/", "***"),
    ],
)
def test_addresses_in_a_report_hold_no_secret(url: str, said: str) -> None:
    assert plain_address(url) == said
    assert "hunter2" not in json.dumps(without_secrets(ContentRequest(feed=url)))


async def test_a_file_that_is_missing_leaves_nothing_behind(tmp_path: Path) -> None:
    media = MemoryMedia()
    result = await result_of(media)
    last: AssetRef = HlsManifest.model_validate_json(media.files[result.hls[0].manifest.sha256]).files[-1].file
    del media.files[last.sha256]
    with pytest.raises(AssetCorrupt):
        await deliver(result, media, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_manifest_cannot_name_a_path() -> None:
    ref = AssetRef(key="k", sha256="0" * 64, size=1, media_type="v/m")
    for name in ("../../x.m4s", "/etc/x.m3u8", "a/b.mp4", "x.sh", ""):
        with pytest.raises(ValueError, match="pattern"):
            HlsFile(name=name, file=ref)


def test_addresses_of_own_media_lose_their_secrets_too() -> None:
    signed = "https://bucket.example/a.mp4?X-Amz-Signature=abc&part=1"
    request = ContentRequest.model_validate({"video": {"9:16": signed, "1:1": "media:" + "0" * 64}, "title": "T"})
    shown = without_secrets(request)["video"]
    assert shown == {"9:16": "https://bucket.example/a.mp4?X-Amz-Signature=***&part=1", "1:1": "media:" + "0" * 64}
