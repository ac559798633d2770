"""What is found on segments while they are made: it says what decoding says, it is of one file in one place, and where
it does not hold the segment is inspected again or made again."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from temporalio.testing import ActivityEnvironment

from activities.rendering.rendering import Rendering
from reelwright.domain.assets import AssetRef
from reelwright.domain.content.findings import SegmentFindings
from reelwright.domain.content.video import (
    Inspection,
    InspectJob,
    JoinJob,
    RenderedVideo,
    RenderJob,
    RenderPlan,
    Segment,
    SegmentFile,
    Soundtrack,
)
from reelwright.domain.errors import RenderFailed
from reelwright.domain.formats import VideoFormat
from reelwright.render import LocalRenderer
from reelwright.render.encode.encoders import EncodeSettings
from reelwright.render.encode.findings import FrameWatch, SegmentWatch, look_again
from reelwright.render.encode.inspection import inspect
from reelwright.render.encode.mp4 import encode_pictures, join
from reelwright.render.encode.segments import cut_format
from reelwright.render.picture.yuv import Planes
from reelwright.render.process.program import run
from reelwright.storage.media import LocalMediaStore
from tests.workflow.fakes import MemoryCatalog

from .made import SHORT_TEXTS, Made, ignore, make_plan

FORMAT = VideoFormat("320x240")
FAST = EncodeSettings(preset="superfast")


class Counting(LocalRenderer):
    """The real one; says what is made and what is decoded."""

    def __init__(self) -> None:
        super().__init__(preset="superfast")
        self.encoded: list[str] = []
        self.decoded: list[str] = []

    async def segments(self, plan, cut, files, workdir, progress):  # type: ignore[no-untyped-def]
        self.encoded += [segment.digest for segment in cut.segments]
        return await super().segments(plan, cut, files, workdir, progress)

    async def inspect_segment(self, plan, format, segment, path, progress=ignore):  # type: ignore[no-untyped-def]
        self.decoded.append(segment.digest)
        return await super().inspect_segment(plan, format, segment, path, progress)

    async def inspect(self, job, video, progress=ignore, findings=()):  # type: ignore[no-untyped-def]
        if not findings:
            self.decoded.append("whole")
        return await super().inspect(job, video, progress, findings)


@dataclass(frozen=True)
class Stored:
    """A render up to its last segment, in a folder and a catalog of its own."""

    root: Path
    records: Mapping[str, str]
    plan: RenderPlan
    stored: AssetRef
    soundtrack: Soundtrack
    segments: tuple[SegmentFile, ...]

    def rendering(self, renderer: LocalRenderer, catalog: MemoryCatalog, root: Path) -> Rendering:
        return Rendering(catalog, LocalMediaStore(root / "media"), renderer, root / "scratch")


async def finish(
    rendering: Rendering, stored: Stored, segments: Sequence[SegmentFile]
) -> tuple[RenderedVideo, Inspection]:
    """What the workflow does after the last segment."""
    join = JoinJob(
        content_id="t", plan=stored.stored, format=FORMAT, segments=tuple(segments), soundtrack=stored.soundtrack
    )
    video = await ActivityEnvironment().run(rendering.join_format, join)
    job = InspectJob(plan=stored.plan, video=video, soundtrack=stored.soundtrack, segments=tuple(segments))
    return video, await ActivityEnvironment().run(rendering.inspect_video, job)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_plan(tmp_path_factory.mktemp("findings"), SHORT_TEXTS[:3], pace=0.2)


@pytest.fixture(scope="module")
async def shared() -> AsyncIterator[Counting]:
    async with Counting() as renderer:
        yield renderer


@pytest.fixture
def renderer(shared: Counting) -> Counting:
    shared.encoded, shared.decoded = [], []
    return shared


@pytest.fixture(scope="module")
async def stored(made: Made, shared: Counting, tmp_path_factory: pytest.TempPathFactory) -> Stored:
    root, catalog = tmp_path_factory.mktemp("stored"), MemoryCatalog()
    media = LocalMediaStore(root / "media")
    types = {".png": "image/png", ".wav": "audio/wav"}
    refs = {sha: await media.put(path, types[path.suffix]) for sha, path in made.files.items()}
    text = made.plan.model_copy(update={"formats": (FORMAT,)}).model_dump(mode="json")
    plan = RenderPlan.model_validate(_with(text, refs))
    rendering = Rendering(catalog, media, shared, root / "scratch")
    run = ActivityEnvironment().run
    soundtrack = await run(rendering.mix_sound, plan)
    cut = await run(rendering.plan_render, plan)
    files = [file for task in cut.tasks for file in (await run(rendering.render_segment, task)).files]
    by_digest = {file.digest: file for file in files}
    segments = tuple(by_digest[digest] for digest in cut.orders[0].digests)
    return Stored(root, catalog.results, plan, cut.plan, soundtrack, segments)


def _with(value: Any, refs: Mapping[str, AssetRef]) -> Any:
    if isinstance(value, dict):
        known = refs.get(value.get("sha256", ""))
        return known.model_dump(mode="json") if known else {key: _with(item, refs) for key, item in value.items()}
    return [_with(item, refs) for item in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
async def whole(stored: Stored, shared: Counting) -> tuple[RenderedVideo, Inspection]:
    """The good file. Nothing of it is decoded."""
    shared.encoded, shared.decoded = [], []
    done = await finish(stored.rendering(shared, MemoryCatalog(), stored.root), stored, stored.segments)
    assert not shared.encoded and not shared.decoded
    return done


def findings_of(stored: Stored) -> list[SegmentFindings]:
    refs = [segment.findings for segment in stored.segments]
    return [SegmentFindings.model_validate_json((stored.root / "media" / ref.key).read_bytes()) for ref in refs if ref]


def job_of(stored: Stored) -> RenderJob:
    return RenderJob(plan=stored.plan, format=FORMAT, soundtrack=stored.soundtrack)


async def test_what_was_found_on_the_way_is_what_decoding_finds(
    stored: Stored, whole: tuple[RenderedVideo, Inspection], tmp_path: Path
) -> None:
    video, quick = whole
    path = stored.root / "media" / video.file.key
    decoded = await asyncio.to_thread(inspect, job_of(stored), path, tmp_path, ignore)
    assert quick.frames == decoded.frames and quick.duration_s == decoded.duration_s
    assert quick.integrated_lufs == decoded.integrated_lufs and quick.true_peak_dbtp == decoded.true_peak_dbtp
    assert quick.longest_silence_s == pytest.approx(decoded.longest_silence_s, abs=0.05)
    # The filter ends a run of black with its last frame where the file ends.
    assert quick.black_s == pytest.approx(decoded.black_s, abs=1.5 / 30) and quick.frozen_s == decoded.frozen_s
    assert len(findings_of(stored)) == 5 and all(found.outside == 0 for found in findings_of(stored))


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (("-c:v", "copy", "-af", "volume=0", "-movflags", "+faststart"), "the sound is not the one that was mixed"),
        (("-c", "copy", "-t", "1", "-movflags", "+faststart"), "frames, .* were planned"),
        (("-c", "copy"), "faststart"),
        (("-c", "copy", "-an"), "not one of each"),
        (("-c:a", "copy", "-bsf:v", "noise=amount=-1:drop=eq(n\\,20)", "-c:v", "copy"), "frames, .* were planned"),
        (None, "segment 2 is not the one that was inspected"),
    ],
)
async def test_a_file_that_is_not_what_was_inspected_is_refused(
    stored: Stored,
    whole: tuple[RenderedVideo, Inspection],
    tmp_path: Path,
    args: tuple[str, ...] | None,
    reason: str,
) -> None:
    good, bad = stored.root / "media" / whole[0].file.key, tmp_path / "bad.mp4"
    if args is None:
        data, part = good.read_bytes(), (stored.root / "media" / stored.segments[1].file.key).read_bytes()
        end = part.index(b"moov") - 4  # the last bytes of its last packet
        at = data.index(part[end - 40 : end])
        bad.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    else:
        run(["-y", "-i", str(good), *args, str(bad)], what="spoiling", workdir=tmp_path)
    with pytest.raises(RenderFailed, match=reason) as caught:
        await asyncio.to_thread(inspect, job_of(stored), bad, tmp_path, ignore, findings_of(stored))
    assert caught.value.field == f"video {FORMAT}"


async def test_a_sound_of_which_nothing_is_known_is_measured_in_the_finished_file(
    stored: Stored, whole: tuple[RenderedVideo, Inspection], tmp_path: Path
) -> None:
    """As older builds mixed it."""
    good, bad = stored.root / "media" / whole[0].file.key, tmp_path / "bad.mp4"
    job = job_of(stored).model_copy(update={"soundtrack": stored.soundtrack.model_copy(update={"found": None})})
    heard = await asyncio.to_thread(inspect, job, good, tmp_path, ignore, findings_of(stored))
    assert heard == whole[1].model_copy(update={"format": FORMAT})
    spoilt = ("-c:v", "copy", "-af", "volume=0", "-movflags", "+faststart")
    run(["-y", "-i", str(good), *spoilt, str(bad)], what="spoiling", workdir=tmp_path)
    with pytest.raises(RenderFailed, match="loudness is -70"):
        await asyncio.to_thread(inspect, job, bad, tmp_path, ignore, findings_of(stored))


class Drawn:
    """Stands for a composer: draws black, one picture all the time, or noise with captions that leave the safe area."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.noise = np.random.default_rng(1).integers(40, 200, (FORMAT.size[1] + 64, FORMAT.size[0])).astype(np.uint8)

    def draw(self, frame: int, out: Planes) -> None:
        at = 0 if self.kind == "standing" else frame % 64
        out.y[:] = 16 if self.kind == "black" else self.noise[at : at + FORMAT.size[1]]
        out.u[:] = out.v[:] = 128

    def outside(self) -> int:
        return 7 if self.kind == "caption" else 0


def watched(drawn: Drawn, segment: Segment, path: Path, other: Drawn | None = None) -> SegmentFindings:
    """A segment of what is drawn, and what is found on it; or of something other than what was seen."""
    watch = SegmentWatch(segment, FORMAT.size, 30, FAST)
    draw = watch.over(drawn)  # type: ignore[arg-type]
    encoded = other.draw if other else draw
    frames = range(segment.first, segment.first + segment.frames)
    encode_pictures(encoded, frames, FORMAT.size, path, FAST, ignore, segment.digest)
    if other:
        for frame in frames:
            draw(frame, Planes.empty(*FORMAT.size))
    return watch.finish(path)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("black", r"black for [\d.]+ s at once"),
        ("standing", "the picture stands still for"),
        ("caption", "a caption stands 7 pixels outside the safe area"),
        ("good", ""),
    ],
)
async def test_what_is_wrong_with_composed_frames_is_found_without_decoding(
    stored: Stored, tmp_path: Path, kind: str, reason: str
) -> None:
    cut = cut_format(stored.plan, FORMAT, FAST)
    paths = [tmp_path / f"{number}.mp4" for number, _ in enumerate(cut.segments)]
    findings = [watched(Drawn(kind), segment, path) for segment, path in zip(cut.segments, paths, strict=True)]
    sound = stored.root / "media" / stored.soundtrack.delivered.key
    video = tmp_path / "video.mp4"
    join([(path, segment.frames) for path, segment in zip(paths, cut.segments, strict=True)], sound, video)
    if not reason:
        assert inspect(job_of(stored), video, tmp_path, ignore, findings).frozen_s == 0.0
        return
    with pytest.raises(RenderFailed, match=reason):
        inspect(job_of(stored), video, tmp_path, ignore, findings)


def test_black_and_still_runs_are_counted_as_the_filters_count_them() -> None:
    watch = FrameWatch((64, 64), 30)
    noise = np.random.default_rng(1).integers(40, 200, (70, 64)).astype(np.uint8)
    shown = [0, 1, 2, None, None, None, *[3] * 40, 4, *[5] * 30]
    for at in shown:
        watch.see(np.full((64, 64), 16, np.uint8) if at is None else noise[at : at + 64])
    found = watch.found("d", "0" * 64, "0" * 64)
    assert found.black == ((3, 6),)
    # Of those in the middle only what lasts longer than a second; the first and the last go on in other segments.
    assert found.still == ((0, 1), (6, 46), (47, 77))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("another picture", "not the one that was composed"),
        ("another name", "another segment's"),
        ("another size", "it is 320x240, not 320x256"),
        ("another length", "it has 30 frames, not 31"),
        ("flipped", "cannot be|decoded"),
        ("cut off", "cannot be read|frames"),
        ("no video", "cannot be read"),
    ],
)
def test_a_segment_that_is_not_the_one_wanted_is_refused(tmp_path: Path, damage: str, reason: str) -> None:
    path, segment = tmp_path / "segment.mp4", Segment(digest="ab" * 32, first=0, frames=30, name="scene 1")
    other = Drawn("black") if damage == "another picture" else None
    with pytest.raises(RenderFailed, match=reason) as caught:
        found = watched(Drawn("good"), segment, path, other)
        assert look_again(path, segment.digest, FORMAT.size, 30, 30).packets == found.packets
        data = path.read_bytes()
        at = data.index(b"mdat") + 2000
        if damage == "flipped":
            path.write_bytes(data[:at] + bytes(byte ^ 0xFF for byte in data[at : at + 400]) + data[at + 400 :])
        elif damage == "cut off":
            path.write_bytes(data[: len(data) // 2])
        elif damage == "no video":
            path.write_bytes(b"not a video")
        digest = "cd" * 32 if damage == "another name" else segment.digest
        size = (320, 256) if damage == "another size" else FORMAT.size
        look_again(path, digest, size, 30, 31 if damage == "another length" else 30)
    assert caught.value.field == "segments"


Damage = Callable[[Path, list[SegmentFile]], None]


def _flip(path: Path) -> None:
    data = path.read_bytes()
    middle = len(data) // 2
    path.write_bytes(data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :])


def _flipped(media: Path, segments: list[SegmentFile]) -> None:
    _flip(media / segments[1].file.key)


def _lost(media: Path, segments: list[SegmentFile]) -> None:
    (media / segments[1].file.key).unlink()


def _files_swapped(media: Path, segments: list[SegmentFile]) -> None:
    one, other = (media / segments[number].file.key for number in (1, 3))
    data = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(data)


def _records_swapped(media: Path, segments: list[SegmentFile]) -> None:
    """Each says it is the other: two transitions of as many frames."""
    one, other = segments[1], segments[3]
    assert one.frames == other.frames
    segments[1] = one.model_copy(update={"file": other.file, "findings": other.findings})
    segments[3] = other.model_copy(update={"file": one.file, "findings": one.findings})


def _records_swapped_without_findings(media: Path, segments: list[SegmentFile]) -> None:
    _records_swapped(media, segments)
    for number in (1, 3):
        segments[number] = segments[number].model_copy(update={"findings": None})


def _findings(media: Path, segments: list[SegmentFile]) -> Path:
    ref = segments[1].findings
    assert ref
    return media / ref.key


def _findings_lost(media: Path, segments: list[SegmentFile]) -> None:
    _findings(media, segments).unlink()


def _findings_flipped(media: Path, segments: list[SegmentFile]) -> None:
    _flip(_findings(media, segments))


def _findings_swapped(media: Path, segments: list[SegmentFile]) -> None:
    segments[1] = segments[1].model_copy(update={"findings": segments[3].findings})


def _findings_empty(media: Path, segments: list[SegmentFile]) -> None:
    _findings(media, segments).write_bytes(b"")


@pytest.mark.parametrize(
    ("damage", "made_again", "decoded"),
    [
        (_flipped, {1}, set()),
        (_lost, {1}, set()),
        (_files_swapped, {1, 3}, set()),
        (_records_swapped, {1, 3}, {1, 3}),
        (_records_swapped_without_findings, {1, 3}, {1, 3}),
        (_findings_lost, set(), {1}),
        (_findings_flipped, set(), {1}),
        (_findings_swapped, set(), {1}),
        (_findings_empty, set(), {1}),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
async def test_a_damaged_store_gives_the_same_video(
    stored: Stored,
    whole: tuple[RenderedVideo, Inspection],
    renderer: Counting,
    tmp_path: Path,
    damage: Damage,
    made_again: set[int],
    decoded: set[int],
) -> None:
    shutil.copytree(stored.root / "media", tmp_path / "media")
    digests = [segment.digest for segment in stored.segments]
    segments, catalog = list(stored.segments), MemoryCatalog()
    catalog.results = dict(stored.records)
    damage(tmp_path / "media", segments)
    video, inspection = await finish(stored.rendering(renderer, catalog, tmp_path), stored, segments)
    assert sorted(renderer.encoded) == sorted(digests[number] for number in made_again)
    # Once, when the file is joined; what comes of it is on record when it is inspected.
    assert sorted(renderer.decoded) == sorted(digests[number] for number in decoded)
    assert video.file == whole[0].file
    assert inspection.frames == whole[1].frames
    assert inspection.black_s == pytest.approx(whole[1].black_s, abs=1.5 / 30)


async def test_segments_of_an_older_build_are_inspected_in_the_finished_file(
    stored: Stored, whole: tuple[RenderedVideo, Inspection], renderer: Counting, tmp_path: Path
) -> None:
    shutil.copytree(stored.root / "media", tmp_path / "media")
    old = [SegmentFile(digest=each.digest, frames=each.frames, file=each.file) for each in stored.segments]
    assert "findings" not in old[0].model_dump_json(), "what older builds recorded keeps its JSON"
    video, inspection = await finish(stored.rendering(renderer, MemoryCatalog(), tmp_path), stored, old)
    assert not renderer.encoded and renderer.decoded == ["whole"]
    assert (video.file, inspection.frames) == (whole[0].file, whole[1].frames)
    assert "found" not in stored.soundtrack.model_copy(update={"found": None}).model_dump_json()
