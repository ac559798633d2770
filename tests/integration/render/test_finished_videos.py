"""Finished videos of many kinds, made ready for platforms by the finisher that workers use."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.finished import DeliveryRules
from reelwright.domain.content.story import Narration, Scene, Story, Translation, WordTiming
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform, VideoFormat
from reelwright.domain.ports.finishing import ReadyVideo
from reelwright.render.finished.finisher import LocalFinisher
from reelwright.render.finished.look import look
from reelwright.render.picture.decoding import ClipFrames
from reelwright.render.picture.footage import WHOLE, Footage, arrays_in
from reelwright.render.picture.yuv import Planes
from reelwright.render.plan.playing import Playing
from tests.finished_videos import AAC, H264, video
from tests.unit.test_own_media import looked_at

EVERYWHERE = DeliveryRules.of(tuple(Platform))
HDR = ("-color_trc", "smpte2084", "-color_primaries", "bt2020", "-colorspace", "bt2020nc")
AS_HDR = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc"
X264 = ("-c:v", "libx264", "-preset", "ultrafast")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p")
FRONT = ("-movflags", "+faststart")
SHORT = {"size": "160x284", "seconds": 1.0}


@pytest.fixture(scope="module")
async def finisher() -> AsyncIterator[LocalFinisher]:
    async with LocalFinisher(preset="superfast") as running:
        yield running


async def finished(finisher: LocalFinisher, source: Path, rules: DeliveryRules = EVERYWHERE) -> ReadyVideo:
    workdir = source.parent / "work"
    workdir.mkdir(exist_ok=True)
    return await finisher.finish(source, VideoFormat.TALL, rules, workdir, lambda _: None)


@pytest.mark.parametrize(
    ("name", "codecs", "options", "said"),
    [
        ("a.mp4", (*H264, *AAC), {}, ()),
        ("a.mp4", (*X264, "-pix_fmt", "yuv420p", *AAC), {}, ("another MP4", "its index was not in front")),
        ("a.mov", (*X264, "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le"), {}, ("sound", "pcm_s16le is not AAC")),
        ("a.mkv", (*X264, "-pix_fmt", "yuv420p", *AAC), {}, ("another MP4", "is not MP4")),
        ("a.mp4", (*X264, "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "6"), {}, ("sound", "6 channels")),
        ("a.mp4", (*X264, "-pix_fmt", "yuv422p10le", *HDR, *AAC, *FRONT), {"filters": AS_HDR},
         ("pictures", "not 8-bit 4:2:0", "it was HDR (PQ)")),
        ("a.mp4", (*X264, "-pix_fmt", "yuv444p", *AAC, *FRONT), {"filters": "scale=161:285"},
         ("pictures", "161x285 has an odd side")),
        ("a.mp4", (*H264, *AAC), {"rate": 120}, ("pictures", "120 frames a second, more than 60")),
        ("a.mp4", (*H264, *AAC), {"filters": "setsar=2"}, ("pictures", "pixels were not square")),
        ("a.mp4", ("-flags", "+ilme+ildct", "-x264opts", "tff=1", *H264, *AAC), {"filters": "setfield=tff"},
         ("pictures", "it was interlaced")),
        ("a.mp4", (*HEVC, *AAC), {}, ("pictures", "hevc is not H.264")),
    ],
)  # fmt: skip
@pytest.mark.sample(3)
async def test_only_what_platforms_do_not_take_is_changed(
    tmp_path: Path, finisher: LocalFinisher, name: str, codecs: tuple[str, ...], options: dict[str, object],
    said: tuple[str, ...],
) -> None:  # fmt: skip
    source = video(tmp_path / name, *codecs, **{**SHORT, **options})  # type: ignore[arg-type]
    ready = await finished(finisher, source)
    assert all(part in "; ".join(ready.notes) for part in said), ready.notes
    assert (ready.path == source) is (not said)
    before, after = look(source), look(ready.path)
    assert (after.codec, after.pix_fmt, after.sound) == ("h264", "yuv420p", "aac") and "mp4" in after.container
    assert after.index_first and after.square and not (after.hdr or after.interlaced or after.rotation)
    assert after.channels <= 2 and after.rate <= 61 and abs(after.duration_s - before.duration_s) < 0.1
    assert (ready.width, ready.height) == (after.width, after.height)
    assert (ready.width, ready.height) == (before.width // 2 * 2, before.height // 2 * 2)
    if "pictures" not in said:
        assert packets(source, "video") == packets(ready.path, "video"), "the pictures are the same bytes"
    with av.open(str(ready.path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == ready.frames
    assert ready.thumbnail.stat().st_size > 0 and ready.thumbnail_size == (before.width, before.height)


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
async def test_hdr_is_toned_as_a_clip_of_a_scene_is(tmp_path: Path, finisher: LocalFinisher, transfer: str) -> None:
    meant = f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc"
    hdr = ("-color_trc", transfer, "-color_primaries", "bt2020", "-colorspace", "bt2020nc")
    codecs = (*X264, "-qp", "4", "-pix_fmt", "yuv420p10le", *hdr, *AAC, *FRONT)
    source = video(tmp_path / "a.mp4", *codecs, size="160x284", seconds=0.4, filters=meant)
    ready = await finished(finisher, source)
    with av.open(str(ready.path)) as container:
        frame = next(container.decode(video=0))
    clip = Footage(ClipFrames(source, "the clip", "video"), Playing(0.0, 60.0), (160, 284), 25, WHOLE)
    planes = Planes.empty(160, 284)
    clip.draw(0, planes)
    clip.close()
    for posted, shown in zip(arrays_in(frame), planes, strict=True):
        assert abs(float(posted.mean()) - float(shown.mean())) < 1.0
        assert np.abs(posted.astype(int) - shown).mean() < 4.0
    # The thumbnail, and the still of a clip, are R'G'B' of the same picture.
    still = looked_at(source).still
    assert still is not None
    lights = [float(np.asarray(Image.open(path).convert("L")).mean()) for path in (ready.thumbnail, still)]
    assert all(abs(light - (float(planes.y.mean()) - 16) * 255 / 219) < 4.0 for light in lights), lights


def packets(path: Path, kind: str) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(**{kind: 0}) if packet.size]


async def test_hevc_is_kept_where_every_platform_takes_it(tmp_path: Path, finisher: LocalFinisher) -> None:
    source = video(tmp_path / "a.mp4", *HEVC, *AAC, *FRONT, **SHORT)  # type: ignore[arg-type]
    ready = await finished(finisher, source, DeliveryRules.of((Platform.TIKTOK, Platform.INSTAGRAM)))
    assert (ready.path, ready.notes) == (source, ())
    strict = DeliveryRules(codecs=("h264", "hevc"), mbps=0.05)
    assert "Mbit/s is more than" in (await finished(finisher, source, strict)).notes[0]


async def test_a_rotated_phone_video_is_posted_upright(tmp_path: Path, finisher: LocalFinisher) -> None:
    halves = "geq=lum='if(lt(X,W/2),235,16)':cb=128:cr=128"
    flat = video(tmp_path / "flat.mp4", *H264, *AAC, size="284x160", seconds=1, filters=halves)
    turned = tmp_path / "turned.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-display_rotation:v:0", "-90", "-i", str(flat)]
    subprocess.run([*command, "-c", "copy", *FRONT, str(turned)], check=True)
    ready = await finished(finisher, turned)
    assert (ready.width, ready.height) == (160, 284)
    assert "stored turned by 90 degrees" in ready.notes[0]
    with av.open(str(ready.path)) as container:
        frame = next(container.decode(video=0)).to_ndarray(format="gray")
    with av.open(str(ready.thumbnail)) as container:
        still = next(container.decode(video=0)).to_ndarray(format="gray")
    for picture in (frame, still):
        assert np.mean(picture[:100]) > 200 and np.mean(picture[-100:]) < 40, "what was left is on top"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: video(path, *H264, sounds=(), **SHORT), "1 video and 0 audio streams"),
        (lambda path: path.write_bytes(b"\0" * 5_000) and path, "it cannot be read"),
    ],
)  # fmt: skip
@pytest.mark.sample(2)
async def test_what_is_no_video_is_refused(tmp_path: Path, finisher: LocalFinisher, make, said: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidInput, match=said):
        await finished(finisher, make(tmp_path / "a.mp4"))


async def test_captions_stand_at_the_times_of_their_words(tmp_path: Path, finisher: LocalFinisher) -> None:
    story = Story(
        title="t", description="", writer="script", language="en",
        scenes=(Scene(index=0, text="One two."), Scene(index=1, text="Three four.")),
        translations=(Translation(language="de", scenes=("Eins zwei.", "Drei vier.")),),
    )  # fmt: skip
    times = ((1.0, 1.4), (1.4, 1.8), (5.0, 5.5), (5.5, 6.0))
    words = tuple(
        WordTiming(text=text, start=start, end=end)
        for text, (start, end) in zip(["One", "two.", "Three", "four."], times, strict=True)
    )
    sound = AssetRef(key="-", sha256="0" * 64, size=0, media_type="audio/wav")
    spoken = Narration(scene=0, audio=sound, duration_s=8.0, words=words, provider="own")
    files = await finisher.captions(story, spoken, (VideoFormat.TALL,), 8.0, tmp_path)
    assert [(file.language, file.kind) for file in files] == [
        (language, kind) for language in ("en", "de") for kind in ("srt", "vtt")
    ]
    english, german = (files[at].path.read_text() for at in (0, 2))
    assert "00:00:00,940 -->" in english and "00:00:04,940 -->" in english, "a little early, as all captions are"
    assert english.index("One two.") < english.index("Three four.")
    assert "00:00:04,940 -->" in german and "Drei vier." in german
