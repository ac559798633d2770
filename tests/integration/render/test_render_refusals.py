"""What a render refuses: files that are not as planned, material that cannot be used, a disk that is full."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from reelwright.domain.content.video import RenderJob
from reelwright.domain.errors import OutOfSpace, RenderFailed
from reelwright.domain.formats import VideoFormat
from reelwright.render.process.program import run
from reelwright.render.process.trouble import writing

from .made import RATE, RENDERER, WIDE, Rendered, ignore, make_plan


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
    video = rendered.videos[WIDE].path
    bad = spoil(video, tmp_path / "bad.mp4", *args)
    with pytest.raises(RenderFailed, match=reason) as caught:
        await RENDERER.inspect(rendered.job(WIDE), bad)
    assert caught.value.field == "video 640x360"


@pytest.mark.parametrize(("picture_filter", "reason"), [("drawbox=t=fill:c=black", "black for"), ("loop", "still")])
async def test_inspection_refuses_black_and_standing_pictures(
    rendered: Rendered, tmp_path: Path, picture_filter: str, reason: str
) -> None:
    video = rendered.videos[WIDE]
    chain = "loop=loop=-1:size=1:start=60" if picture_filter == "loop" else picture_filter
    bt709 = "colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv"
    bad = spoil(
        video.path,
        tmp_path / "bad.mp4",
        *("-vf", chain, "-frames:v", str(video.frames), "-pix_fmt", "yuv420p", "-profile:v", "high"),
        *("-preset", "superfast", "-x264-params", bt709, "-color_range", "tv", "-c:a", "copy"),
        *("-video_track_timescale", "15360", "-movflags", "+faststart"),
    )
    with pytest.raises(RenderFailed, match=reason):
        await RENDERER.inspect(rendered.job(WIDE), bad)


async def test_a_file_that_is_no_video(rendered: Rendered, tmp_path: Path) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"not a video")
    with pytest.raises(RenderFailed, match="cannot be opened"):
        await RENDERER.inspect(rendered.job(VideoFormat.WIDE), bad)


@pytest.mark.parametrize("kind", ["grey.png", "alpha.png", "deep.png", "turned.jpg", "cmyk.jpg", "palette.png"])
async def test_any_png_or_jpeg_can_be_a_scene(tmp_path: Path, kind: str) -> None:
    from reelwright.render.picture.stills import open_still

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
        job = RenderJob(plan=made.plan, format=WIDE, soundtrack=rendered.soundtrack)
        with pytest.raises(RenderFailed) as caught:
            await RENDERER.thumbnails(job.plan, job.format, made.files, tmp_path)
        assert "scene 2" in str(caught.value) and caught.value.field == "material.pictures[1].image"


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
    sound = rendered.soundtrack.delivered
    without_sound = {sha: path for sha, path in rendered.made.files.items() if sha != sound.sha256}
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
