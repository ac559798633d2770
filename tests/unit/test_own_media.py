"""What the user's own pictures, clips and sound are found to be, and what cannot be used."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from reelwright.domain.errors import InvalidInput
from reelwright.providers.own.clips import frames_at, look_at_clip
from reelwright.providers.own.limits import BadMedia, Limits
from reelwright.providers.own.looked import Looked
from reelwright.providers.own.looking import frames, look, still
from reelwright.providers.own.pictures import look_at_picture
from reelwright.providers.own.stills import from_hdr
from tests import own_samples as samples

LIMITS = Limits(frames=400)


def looked_at(path: Path, limits: Limits = LIMITS) -> Looked:
    """As the looking process does it."""
    workdir = path.parent / "made"
    workdir.mkdir(exist_ok=True)
    return look_at_picture(path, workdir, limits, lambda share: None) or look_at_clip(
        path, workdir, limits, lambda share: None
    )


def grey16() -> bytes:
    return samples.saved(Image.fromarray(np.linspace(0, 65_535, 96 * 64).astype(np.uint16).reshape(64, 96)), "PNG")


def heic() -> bytes:
    """`samples.picture()` as HEIC. A decoder alone is installed, so the file is kept."""
    return (Path(__file__).parent / "data" / "small.heic").read_bytes()


@pytest.mark.parametrize(
    ("name", "data", "media_type", "size", "used_type"),
    [
        ("turned.jpg", samples.turned_jpeg, "image/jpeg", (64, 96), ""),
        ("cmyk.jpg", lambda: samples.saved(samples.picture(mode="CMYK"), "JPEG"), "image/jpeg", (96, 64), ""),
        ("grey16.png", grey16, "image/png", (96, 64), ""),
        ("clear.png", lambda: samples.saved(samples.picture(mode="RGBA"), "PNG"), "image/png", (96, 64), ""),
        ("a.webp", lambda: samples.saved(samples.picture(), "WEBP"), "image/webp", (96, 64), ""),
        ("one.gif", lambda: samples.saved(samples.picture(), "GIF"), "image/gif", (96, 64), ""),
        ("a.avif", lambda: samples.saved(samples.picture(), "AVIF", speed=10), "image/avif", (96, 64), "image/png"),
        ("a.heic", heic, "image/heic", (96, 64), "image/png"),
        ("a.tiff", lambda: samples.saved(samples.picture(), "TIFF"), "image/tiff", (96, 64), "image/png"),
        ("a.bmp", lambda: samples.saved(samples.picture(), "BMP"), "image/bmp", (96, 64), "image/png"),
    ],
)
def test_a_picture_of_any_kind(
    name: str, data: Callable[[], bytes], media_type: str, size: tuple[int, int], used_type: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(data())
    found = looked_at(path)
    assert (found.kind, found.media_type, found.used_type) == ("picture", media_type, used_type)
    assert found.picture is not None and (found.picture.width, found.picture.height) == size
    if found.used:
        red, green, blue = Image.open(found.used).convert("RGB").getpixel((5, 5))
        assert red > 180 and green < 80 and blue < 80, "the upper left corner is red in what is made of it"


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animated_picture_becomes_a_clip(format: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{format.lower()}"
    path.write_bytes(samples.animated(6, format))
    found = looked_at(path)
    assert found.kind == "clip" and found.used_type == "video/mp4" and found.used is not None
    assert found.clip is not None and found.clip.duration_s == pytest.approx(0.3)
    assert found.still is not None and Image.open(found.still).size == samples.SIZE
    again = looked_at(found.used)
    assert again.clip is not None and again.clip.duration_s == pytest.approx(0.3, abs=0.06)
    assert any("animated" in note for note in found.notes)


def test_a_phones_clip(tmp_path: Path) -> None:
    """Rotated, with frames at uneven times, sound and HDR."""
    path = samples.clip(
        tmp_path / "phone.mp4", seconds=1, turn=270, sound_streams=1, pts=lambda n: n * 100 + n * n, trc=18
    )
    found = looked_at(path)
    clip = found.clip
    assert clip is not None and (clip.width, clip.height, clip.rotation) == (64, 96, 90)
    assert clip.has_sound and clip.hdr == "hlg"
    assert clip.duration_s == pytest.approx(1.1, abs=0.05) and clip.fps == pytest.approx(9 / 0.981, rel=0.01)
    assert found.still is not None
    still = Image.open(found.still).convert("RGB")
    assert still.size == (64, 96)
    red, green, _ = still.getpixel((58, 5))
    assert red > 150 and green < 110, "turned clockwise, the red corner is at the upper right"
    assert found.audio_streams == 1 and found.codecs == ("h264", "aac")


@pytest.mark.parametrize(("transfer", "grey", "white"), [("pq", 0.375, 0.58), ("hlg", 0.38, 0.75)])
def test_the_still_of_an_hdr_clip_is_as_bright_as_others(transfer: str, grey: float, white: float) -> None:
    """BT.2408, table 1: an 18 % grey card and white paper, coded."""
    coded = np.array([[[0.0] * 3, [grey] * 3, [white] * 3, [1.0] * 3]]) * 65_535
    black, card, paper, sun = from_hdr(coded.astype(np.uint16), transfer)[0, :, 0]  # type: ignore[arg-type]
    assert black <= 2 and 90 <= card <= 130 and 220 <= paper <= 252 and paper < sun <= 255


@pytest.mark.parametrize(("name", "codec"), [("a.wav", "pcm_s16le"), ("a.mp3", "libmp3lame"), ("a.m4a", "aac")])
def test_sound(name: str, codec: str, tmp_path: Path) -> None:
    found = looked_at(samples.sound(tmp_path / name, codec=codec))
    assert found.kind == "sound" and found.sound is not None
    assert found.sound.duration_s == pytest.approx(1.5, abs=0.1)
    assert (found.sound.sample_rate, found.sound.channels) == (48_000, 2)
    assert found.media_type.startswith("audio/")
    assert found.sound.heard_s == pytest.approx(found.sound.duration_s, abs=0.1)


@pytest.mark.parametrize("codec", ["pcm_u8", "pcm_s16le", "pcm_f32le"])
def test_where_the_silence_after_a_sound_begins(codec: str, tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.wav"), "w") as out:
        stream = out.add_stream(codec, rate=48_000)
        stream.layout = "stereo"
        tone = np.sin(np.arange(48_000) * 0.05) * 9_000
        for wave in (tone, tone * 0):
            samples.encode_wave(out, stream, wave.astype(np.int16))
        out.mux(stream.encode(None))
    sound = looked_at(tmp_path / "a.wav").sound
    assert sound is not None and sound.duration_s == pytest.approx(2.0, abs=0.05)
    assert sound.heard_s == pytest.approx(1.0, abs=0.05)


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "huge.png": (lambda p: p.write_bytes(samples.png_of(12_000, 12_000)), "12,000 x 12,000 pixels are more than 50"),
    "dot.png": (lambda p: p.write_bytes(samples.saved(samples.picture((1, 1)), "PNG")), "1 x 1 pixels are too few"),
    "short.jpg": (
        lambda p: p.write_bytes(samples.saved(samples.picture((400, 300)), "JPEG")[:-400]),
        "damaged or cut off",
    ),
    "short.png": (lambda p: p.write_bytes(samples.saved(samples.picture(), "PNG")[:-60]), "damaged or cut off"),
    "many.gif": (lambda p: p.write_bytes(samples.animated(420)), "animated with 420 frames, more than 400"),
    "text.png": (lambda p: p.write_text("no picture at all\n" * 20), "no picture, clip or sound"),
    "list.mp4": (
        lambda p: p.write_text("ffconcat version 1.0\nfile /etc/hostname\n"),
        "no picture, clip or sound",
    ),
    "list.m3u8": (
        lambda p: p.write_text(
            "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:1/a.ts\n#EXT-X-ENDLIST\n"
        ),
        "no picture, clip or sound",
    ),
    "no-frames.mp4": (lambda p: samples.clip(p, seconds=0, sound_streams=1), "neither pictures nor sound"),
    "one-frame.mp4": (lambda p: samples.clip(p, seconds=0.1), "one frame only"),
    "no-index.mp4": (lambda p: samples.cut_off(samples.clip(p)), "cut off"),
    "half.mp4": (
        lambda p: samples.cut_off(samples.clip(p, seconds=6, options={"movflags": "faststart"}), 0.85),
        "ends at .* it is cut off",
    ),
    "sizes.ts": (samples.two_sizes, "change from 96 x 64 to 128 x 96 pixels"),
    "tiny.mp4": (lambda p: samples.clip(p, size=(32, 32)), "32 x 32 pixels, which is too few"),
    "long.mp4": (lambda p: samples.clip(p, seconds=12, fps=2), "goes on for more than 10 s"),
    "endless.ts": (lambda p: samples.clip(p, seconds=12, fps=2), "goes on for more than 10 s"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_used_is_refused(name: str, tmp_path: Path) -> None:
    make, reason = BAD[name]
    make(tmp_path / name)
    with pytest.raises(BadMedia, match=reason) as refused:
        looked_at(tmp_path / name, Limits(frames=400, seconds=10))
    assert refused.value.remedy


@pytest.mark.lengthy
async def test_a_process_of_its_own_looks(tmp_path: Path) -> None:
    path, shares = samples.clip(tmp_path / "a.mp4"), list[float]()
    options = {"name": "a.mp4", "field": "media.1", "workdir": tmp_path, "progress": shares.append}
    found = await look(path, limits=LIMITS, **options)
    assert found.kind == "clip" and found.still == tmp_path / "still.jpg" and shares
    path.write_bytes(b"nothing of that kind")
    with pytest.raises(InvalidInput, match=r"^media\.1: a\.mp4: it is no picture.*; give a JPEG"):
        await look(path, limits=LIMITS, **options)


@pytest.mark.lengthy
async def test_the_still_of_a_clip_that_begins_later(tmp_path: Path) -> None:
    """Each frame of the clip is brighter than the one before; it lies on its side."""
    path = samples.clip(tmp_path / "a.mp4", turn=270, shades=lambda n: 20 * n)
    stills = []
    for start_s in (0.0, 0.55, 0.9):
        made = await still(path, start_s, name="a.mp4", field="media", workdir=tmp_path, limits=LIMITS)
        stills.append(Image.open(made).convert("L"))
    assert {one.size for one in stills} == {(64, 96)}
    assert [one.getpixel((30, 40)) for one in stills] == pytest.approx([0, 100, 180], abs=8)


async def test_looking_has_an_end(tmp_path: Path) -> None:
    path = samples.clip(tmp_path / "a.mp4")
    with pytest.raises(InvalidInput, match="more than 0 s to decode"):
        await look(
            path, limits=Limits(look_s=0.001), name="a", field="f", workdir=tmp_path, progress=lambda share: None
        )
    await asyncio.sleep(0)


@pytest.mark.lengthy
async def test_frames_of_moments_are_cut_by_the_process_that_looks(tmp_path: Path) -> None:
    path = samples.clip(tmp_path / "a.mp4", seconds=2, size=(1_600, 96), shades=lambda n: 10 * n)
    moments = [0.0, 1.0, 9.0]
    made = await frames(path, moments, name="a.mp4", field="media", workdir=tmp_path, limits=LIMITS)
    shades = []
    for file in made:
        with Image.open(file) as frame:
            assert frame.width == 1_024
            shades.append(float(np.asarray(frame.convert("L")).mean()))
    assert shades == pytest.approx([0, 100, 190], abs=6), "of the last moment the last frame there is"
    with pytest.raises(BadMedia, match="none of its frames"):
        frames_at(samples.clip(tmp_path / "none.mp4", seconds=0), tmp_path, moments)
