"""Real renders: encoded, opened again and measured."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from PIL import Image

from reelwright.domain.content.video import RenderJob
from reelwright.render.process.program import measure_loudness

from .made import RATE, RENDERER, SQUARE, TALL, WIDE, Rendered, asset, ignore, make_plan, soundtrack_of


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
    frames = rendered.videos[WIDE].frames
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
    frames = grey(rendered.videos[SQUARE].path)
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
    for format in (WIDE, TALL):
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
        job = RenderJob(plan=made.plan, format=TALL, soundtrack=soundtrack_of(mixed, made.files))
        video = await RENDERER.render(job, made.files, workdir, ignore)
        digests.append((asset(mixed.path).sha256, asset(video.path).sha256))
    assert digests[0] == digests[1]


async def test_silence_is_mixed_and_left_alone(tmp_path: Path) -> None:
    made = make_plan(tmp_path, ("Nothing.",), silent=True)
    mixed = await RENDERER.mix(made.plan, made.files, tmp_path, ignore)
    assert mixed.integrated_lufs == -70.0 and mixed.true_peak_dbtp == -99.0
