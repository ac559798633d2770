"""Real renders: pictures, voices and music made here, encoded, opened again and measured."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import imageio_ffmpeg
import numpy as np
import psutil
import pytest
from PIL import Image

import reelwright
from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import OutOfSpace, RenderFailed
from reelwright.domain.formats import STANDARD_FORMATS, VideoFormat
from reelwright.domain.ports import EncodedVideo, MixedSound
from reelwright.domain.story import Material, Music, Narration, Picture, Scene, Story, WordTiming
from reelwright.domain.style import BrandKit, RenderStyle
from reelwright.domain.video import Inspection, RenderJob, RenderPlan, Soundtrack
from reelwright.render import LocalRenderer
from reelwright.render.jobs import ChildJob
from reelwright.render.program import measure_loudness, run
from reelwright.render.trouble import writing

RATE = 48_000
# The fastest preset: these tests are about what comes out, not how small it is.
RENDERER = LocalRenderer(preset="superfast")
TEXTS = ("Did you know? An octopus has three hearts.", "Its blood is blue & cold 🐙, because of copper!")


def ignore(share: float) -> None:
    assert 0.0 <= share <= 1.0


def asset(path: Path) -> AssetRef:
    data = path.read_bytes()
    return AssetRef(key=path.name, sha256=hashlib.sha256(data).hexdigest(), size=len(data), media_type="x/y")


def write_wav(path: Path, samples: np.ndarray) -> Path:
    shaped = samples.reshape(len(samples), -1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(shaped.shape[1])
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((shaped.clip(-1, 1) * 32767).astype("<i2").tobytes())
    return path


def voice(words: tuple[WordTiming, ...], seconds: float, seed: int) -> np.ndarray:
    """A buzz per word."""
    samples = np.zeros(int(seconds * RATE))
    chance = np.random.default_rng(seed)
    for word in words:
        first, last = int(word.start * RATE), int(word.end * RATE)
        times = np.arange(last - first) / RATE
        buzz = np.sum([np.sin(2 * np.pi * 140 * k * times + k * k) / k for k in range(1, 16)], axis=0)
        samples[first:last] = 0.15 * buzz * np.sin(np.pi * np.linspace(0, 1, len(times))) ** 0.3
        samples[first:last] += chance.normal(0, 0.01, len(times))
    return samples


def picture(path: Path, seed: int, size: int = 700) -> Path:
    """Blobs of colour with fine grain."""
    chance = np.random.default_rng(seed)
    coarse = chance.uniform(40, 220, (7, 7, 3)).astype(np.float32)
    image = cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC) + chance.normal(0, 1.5, (size, size, 1))
    Image.fromarray(image.clip(0, 255).astype(np.uint8)).save(path)
    return path


@dataclass(frozen=True)
class Made:
    """A plan with its files."""

    plan: RenderPlan
    files: dict[str, Path]

    def picture_path(self, scene: int) -> Path:
        return self.files[self.plan.material.pictures[scene].image.sha256]


def make_plan(folder: Path, texts: tuple[str, ...] = TEXTS, *, pace: float = 0.13, silent: bool = False) -> Made:
    files: dict[str, Path] = {}

    def keep(path: Path) -> AssetRef:
        ref = asset(path)
        files[ref.sha256] = path
        return ref

    narrations, pictures = [], []
    for index, text in enumerate(texts):
        words = tuple(
            WordTiming(text=token, start=0.05 + position * pace, end=0.05 + (position + 0.85) * pace)
            for position, token in enumerate(text.split())
        )
        seconds = words[-1].end + 0.1
        samples = np.zeros(int(seconds * RATE)) if silent else voice(words, seconds, index)
        spoken = keep(write_wav(folder / f"voice{index}.wav", samples))
        narrations.append(Narration(scene=index, audio=spoken, duration_s=seconds, words=words, provider="t"))
        drawn = keep(picture(folder / f"picture{index}.png", index))
        pictures.append(Picture(scene=index, image=drawn, provider="t"))
    times = np.arange(2 * RATE) / RATE
    tune = np.stack([0.2 * np.sin(2 * np.pi * f * times) for f in (220.0, 330.0)], axis=1)
    music = keep(write_wav(folder / "music.wav", np.zeros_like(tune) if silent else tune))
    scenes = tuple(Scene(index=i, text=text, heading="A heading") for i, text in enumerate(texts))
    material = Material(
        story=Story(title="Three hearts & 'blue': blood %{x}", description="", scenes=scenes, writer="t"),
        narrations=tuple(narrations),
        pictures=tuple(pictures),
        music=Music(audio=music, duration_s=2.0, mood="calm", provider="t"),
    )
    plan = RenderPlan(
        content_id="t",
        material=material,
        formats=STANDARD_FORMATS,
        seed=3,
        style=RenderStyle(brand=BrandKit(watermark="Reelwright")),
    )
    return Made(plan, files)


def soundtrack_of(mixed: MixedSound, files: dict[str, Path]) -> Soundtrack:
    ref = asset(mixed.path)
    files[ref.sha256] = mixed.path
    return Soundtrack(
        audio=ref,
        duration_s=mixed.duration_s,
        integrated_lufs=mixed.integrated_lufs,
        true_peak_dbtp=mixed.true_peak_dbtp,
    )


@dataclass(frozen=True)
class Rendered:
    """Everything made of one plan."""

    made: Made
    workdir: Path
    mixed: MixedSound
    soundtrack: Soundtrack
    videos: Mapping[VideoFormat, EncodedVideo]
    inspections: Mapping[VideoFormat, Inspection]

    def job(self, format: VideoFormat) -> RenderJob:
        return RenderJob(plan=self.made.plan, format=format, soundtrack=self.soundtrack)


@pytest.fixture(scope="session")
async def rendered(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    folder = tmp_path_factory.mktemp("render")
    made = make_plan(folder)
    workdir = folder / "work: it's [odd] %d"
    workdir.mkdir()
    mixed = await RENDERER.mix(made.plan, made.files, workdir, ignore)
    soundtrack = soundtrack_of(mixed, made.files)
    two = asyncio.Semaphore(2)

    async def one(format: VideoFormat) -> tuple[EncodedVideo, Inspection]:
        async with two:
            job = RenderJob(plan=made.plan, format=format, soundtrack=soundtrack)
            video = await RENDERER.render(job, made.files, workdir, ignore)
            return video, await RENDERER.inspect(job, video.path)

    done = dict(zip(STANDARD_FORMATS, await asyncio.gather(*map(one, STANDARD_FORMATS)), strict=True))
    return Rendered(
        made,
        workdir,
        mixed,
        soundtrack,
        {format: pair[0] for format, pair in done.items()},
        {format: pair[1] for format, pair in done.items()},
    )


def grey(path: Path) -> np.ndarray:
    """All frames' luma, quarter size."""
    with av.open(str(path)) as container:
        planes = [frame.to_ndarray(format="gray")[::4, ::4] for frame in container.decode(video=0)]
    return np.stack(planes)


async def test_every_format_is_what_was_planned(rendered: Rendered) -> None:
    for format, video in rendered.videos.items():
        assert (video.width, video.height) == format.size
        with av.open(str(video.path)) as container:
            shown, heard = container.streams.video[0], container.streams.audio[0]
            assert (shown.codec_context.width, shown.codec_context.height) == format.size
            assert shown.frames == video.frames and shown.average_rate == 30
            assert (shown.codec_context.profile, shown.codec_context.pix_fmt) == ("High", "yuv420p")
            assert shown.codec_context.colorspace == 1 and shown.codec_context.color_range == 1
            keys = [packet.pts * packet.time_base * 30 for packet in container.demux(shown) if packet.is_keyframe]
            gaps = np.diff([*map(int, keys), video.frames])
            assert keys[0] == 0 and all(0 < gap <= 60 for gap in gaps), "a GOP of more than 2 s"
            assert (heard.codec_context.profile, heard.rate, heard.layout.name) == ("LC", RATE, "stereo")
            assert shown.start_time == 0 and heard.start_time == 0
            assert abs(float(heard.duration * heard.time_base) - video.duration_s) <= 1024 / RATE
        measured = rendered.inspections[format]
        assert measured.frames == video.frames
        assert abs(measured.integrated_lufs + 14.0) <= 0.5 and measured.true_peak_dbtp <= -1.0
        assert measured.black_s < 0.5 and measured.frozen_s == 0.0


def test_the_soundtrack_has_the_timelines_length_and_level(rendered: Rendered) -> None:
    frames = rendered.videos[VideoFormat.WIDE].frames
    with av.open(str(rendered.mixed.path)) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
        assert container.streams.audio[0].rate == RATE and container.streams.audio[0].layout.name == "stereo"
    assert samples == frames * 1600
    assert abs(measure_loudness(rendered.mixed.path).integrated + 14.0) <= 0.5
    assert rendered.mixed.true_peak_dbtp <= -1.0


def test_music_goes_down_under_speech_and_fades_at_the_end(rendered: Rendered) -> None:
    with av.open(str(rendered.mixed.path)) as container:
        sound = np.concatenate([frame.to_ndarray().reshape(-1, 2) for frame in container.decode(audio=0)]) / 32768

    def tone(first: float, last: float) -> float:
        """The music's left tone alone, in dB: the voice is the same left and right and cancels out."""
        part = (sound[:, 0] - sound[:, 1])[int(first * RATE) : int(last * RATE)]
        return float(10 * np.log10(np.square(part).mean() + 1e-12))

    end = len(sound) / RATE
    spoken = tone(1.0, 1.3)
    assert 6.0 <= tone(0.25, 0.33) - spoken <= 11.0
    assert tone(end - 0.03, end) < spoken - 10


def test_pictures_move_fade_and_carry_text(rendered: Rendered) -> None:
    frames = grey(rendered.videos[VideoFormat.SQUARE].path)
    changes = np.abs(np.diff(frames.astype(np.int16), axis=0)).mean(axis=(1, 2))
    assert changes.min() > 0.05, "a frame repeats the one before"
    assert frames[-1].max() <= 20 and frames[-20].max() > 200
    assert (frames.mean(axis=(1, 2)) < 24).sum() < 15, "half a second of black or more"
    caption = frames[:, 195:230, 30:240]
    assert (caption[30] > 225).sum() > 100, "no white caption letters"


async def test_captions_and_thumbnails(rendered: Rendered) -> None:
    plan, files, workdir = rendered.made.plan, rendered.made.files, rendered.workdir
    tracks = await RENDERER.captions(plan, workdir)
    assert [(track.language, track.kind) for track in tracks] == [("en", "srt"), ("en", "vtt")]
    srt, vtt = (track.path.read_text("utf-8") for track in tracks)
    assert "blue & cold 🐙," in srt.replace("\n", " ") and "&amp;" in vtt
    assert vtt.startswith("WEBVTT")
    for format in (VideoFormat.WIDE, VideoFormat.TALL):
        path = (await RENDERER.thumbnails(plan, format, files, workdir))["text"]
        assert path.stat().st_size <= 2_000_000
        with Image.open(path) as image:
            assert image.format == "JPEG" and image.size == format.size
            light = np.asarray(image.convert("L"))
        assert (light > 240).mean() > 0.01, "no title"
    left = {path.name for path in workdir.iterdir()}
    assert not [name for name in left if name.startswith(".")], "unfinished files were left"


async def test_the_same_plan_gives_the_same_bytes(tmp_path: Path) -> None:
    made = make_plan(tmp_path, ("Same again.",))
    digests = []
    for name in ("a", "b"):
        workdir = tmp_path / name
        workdir.mkdir()
        mixed = await RENDERER.mix(made.plan, made.files, workdir, ignore)
        job = RenderJob(plan=made.plan, format=VideoFormat.SQUARE, soundtrack=soundtrack_of(mixed, made.files))
        video = await RENDERER.render(job, made.files, workdir, ignore)
        digests.append((asset(mixed.path).sha256, asset(video.path).sha256))
    assert digests[0] == digests[1]


async def test_silence_is_mixed_and_left_alone(tmp_path: Path) -> None:
    made = make_plan(tmp_path, ("Nothing.",), silent=True)
    mixed = await RENDERER.mix(made.plan, made.files, tmp_path, ignore)
    assert mixed.integrated_lufs == -70.0 and mixed.true_peak_dbtp == -99.0


def spoil(video: Path, out: Path, *args: str) -> Path:
    run(["-y", "-i", str(video), *args, str(out)], what="spoiling", workdir=out.parent)
    return out


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (("-c:v", "copy", "-af", "volume=0", "-movflags", "+faststart"), "loudness is -70"),
        (("-c", "copy", "-t", "2", "-movflags", "+faststart"), "frames, .* were planned"),
        (("-c", "copy"), "faststart"),
        (("-c", "copy", "-an"), "not one of each"),
    ],
)
async def test_inspection_refuses_what_was_not_planned(
    rendered: Rendered, tmp_path: Path, args: tuple[str, ...], reason: str
) -> None:
    video = rendered.videos[VideoFormat.SQUARE].path
    bad = spoil(video, tmp_path / "bad.mp4", *args)
    with pytest.raises(RenderFailed, match=reason) as caught:
        await RENDERER.inspect(rendered.job(VideoFormat.SQUARE), bad)
    assert caught.value.field == "video 1:1"


@pytest.mark.parametrize(("picture_filter", "reason"), [("drawbox=t=fill:c=black", "black for"), ("loop", "still")])
async def test_inspection_refuses_black_and_standing_pictures(
    rendered: Rendered, tmp_path: Path, picture_filter: str, reason: str
) -> None:
    video = rendered.videos[VideoFormat.SQUARE]
    chain = "loop=loop=-1:size=1:start=60" if picture_filter == "loop" else picture_filter
    bt709 = "colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv"
    bad = spoil(
        video.path,
        tmp_path / "bad.mp4",
        *("-vf", chain, "-frames:v", str(video.frames), "-pix_fmt", "yuv420p", "-profile:v", "high"),
        *("-preset", "veryfast", "-x264-params", bt709, "-color_range", "tv", "-c:a", "copy"),
        *("-video_track_timescale", "15360", "-movflags", "+faststart"),
    )
    with pytest.raises(RenderFailed, match=reason):
        await RENDERER.inspect(rendered.job(VideoFormat.SQUARE), bad)


async def test_a_file_that_is_no_video(rendered: Rendered, tmp_path: Path) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"not a video")
    with pytest.raises(RenderFailed, match="cannot be opened"):
        await RENDERER.inspect(rendered.job(VideoFormat.WIDE), bad)


@pytest.mark.parametrize("kind", ["grey.png", "alpha.png", "deep.png", "turned.jpg", "cmyk.jpg", "palette.png"])
async def test_any_png_or_jpeg_can_be_a_scene(tmp_path: Path, kind: str) -> None:
    from reelwright.render.stills import open_still

    path = tmp_path / kind
    image = Image.fromarray(np.full((40, 60, 3), (200, 100, 50), np.uint8))
    if kind == "deep.png":
        Image.fromarray(np.full((40, 60), 32768, np.uint16)).save(path)
    elif kind == "turned.jpg":
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned by 90 degrees
        image.save(path, exif=exif)
    else:
        mode = {"grey.png": "L", "alpha.png": "RGBA", "cmyk.jpg": "CMYK", "palette.png": "P"}[kind]
        image = image.convert(mode)
        if mode == "RGBA":
            image.putalpha(0)
        image.save(path)
    rgb = open_still(path, scene=0)
    assert rgb.dtype == np.uint8 and rgb.shape == ((60, 40, 3) if kind == "turned.jpg" else (40, 60, 3))
    mean = rgb.reshape(-1, 3).mean(axis=0)
    if kind == "deep.png":
        assert np.allclose(mean, 128, atol=1)
    elif kind == "alpha.png":
        assert mean.max() < 40
    elif kind != "grey.png":
        assert np.allclose(mean, (200, 100, 50), atol=12)


async def test_a_broken_picture_names_its_scene(tmp_path: Path, rendered: Rendered) -> None:
    made = make_plan(tmp_path)
    whole = made.picture_path(1).read_bytes()
    for broken in (whole[: len(whole) // 2], b"<svg/>", b""):
        made.picture_path(1).write_bytes(broken)
        job = RenderJob(plan=made.plan, format=VideoFormat.SQUARE, soundtrack=rendered.soundtrack)
        with pytest.raises(RenderFailed) as caught:
            await RENDERER.thumbnails(job.plan, job.format, made.files, tmp_path)
        assert "scene 1" in str(caught.value) and caught.value.field == "material.pictures[1].image"


async def test_broken_sound_is_named_and_never_fetched(tmp_path: Path) -> None:
    made = make_plan(tmp_path, ("One. Two.",))
    ref = made.plan.material.narrations[0].audio.sha256
    for content in (b"RIFF....", b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n"):
        made.files[ref].write_bytes(content)
        with pytest.raises(RenderFailed) as caught:
            await RENDERER.mix(made.plan, made.files, tmp_path, ignore)
        assert caught.value.field == "material.narrations[0]"
    assert not (tmp_path / "soundtrack.flac").exists()


async def test_errors_cross_from_the_child(tmp_path: Path, rendered: Rendered) -> None:
    without_sound = {sha: path for sha, path in rendered.made.files.items() if sha != rendered.soundtrack.audio.sha256}
    with pytest.raises(RenderFailed) as caught:
        await RENDERER.render(rendered.job(VideoFormat.WIDE), without_sound, tmp_path, ignore)
    assert caught.value.field == "soundtrack.audio" and caught.value.remedy
    assert list(tmp_path.iterdir()) == []


async def test_no_room_and_no_folder(tmp_path: Path, rendered: Rendered) -> None:
    plan, files = rendered.made.plan, rendered.made.files
    with pytest.raises(OutOfSpace) as caught:
        await RENDERER.render(rendered.job(VideoFormat.WIDE), files, tmp_path / "missing", ignore)
    assert caught.value.field == "workdir"
    with pytest.raises(OutOfSpace):
        await RENDERER.captions(plan, tmp_path / "missing")
    with pytest.raises(OutOfSpace, match="disk is full"):
        run(["-f", "lavfi", "-i", "sine=d=1", "-y", "-f", "wav", "/dev/full"], what="x", workdir=tmp_path)
    with (
        pytest.raises(OutOfSpace, match="disk is full"),
        writing(tmp_path, "x"),
        av.open("/dev/full", "w", format="wav") as container,
    ):
        stream = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1_000_000), np.int16), layout="mono")
        frame.rate = RATE
        container.mux(stream.encode(frame))


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


async def test_a_cancelled_render_ends_its_process_and_leaves_nothing(tmp_path: Path, rendered: Rendered) -> None:
    before = children()
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    job = rendered.job(VideoFormat.WIDE)
    task = asyncio.create_task(
        RENDERER.render(job, rendered.made.files, tmp_path, lambda share: loop.call_soon_threadsafe(begun.set))
    )
    await asyncio.wait_for(begun.wait(), 20)
    assert children() - before
    asked = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - asked < 2.0
    assert not children() - before
    assert list(tmp_path.iterdir()) == []


async def test_a_child_whose_parent_dies_ends_itself(tmp_path: Path, rendered: Rendered) -> None:
    scratch = tmp_path / ".scratch"
    scratch.mkdir()
    job = ChildJob(
        task="video",
        plan=rendered.made.plan,
        workdir=tmp_path,
        scratch=scratch,
        files=rendered.made.files,
        format=VideoFormat.WIDE,
        soundtrack=rendered.soundtrack,
        segments=(await RENDERER.cut(rendered.made.plan, VideoFormat.WIDE)).segments,
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "reelwright.render.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(reelwright.__file__).parents[1])},
        start_new_session=True,
    )
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(job.model_dump_json().encode() + b"\n")
    process.stdin.flush()
    assert b"progress" in process.stdout.readline()
    process.stdin.close()
    try:
        assert process.wait(timeout=2.0) == -signal.SIGKILL
    finally:
        process.kill()
        process.stdout.close()
    assert list(tmp_path.iterdir()) == []


def test_the_child_gets_no_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from reelwright.render import process

    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    environment: dict[str, Any] = process._environment(tmp_path)
    assert "sk-secret" not in environment.values() and "OPENAI_API_KEY" not in environment
    assert Path(imageio_ffmpeg.get_ffmpeg_exe()).exists()
