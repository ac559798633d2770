"""Small pictures, clips and sound of the user's own, whole and broken, made when a test needs them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

SIZE = (96, 64)


def picture(size: tuple[int, int] = SIZE, mode: str = "RGB") -> Image.Image:
    """A gradient with a red upper left corner."""
    width, height = size
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[..., 1] = np.linspace(40, 200, width, dtype=np.uint8)
    rgb[..., 2] = np.linspace(200, 40, height, dtype=np.uint8)[:, None]
    rgb[: height // 3, : width // 3] = (230, 20, 20)
    return Image.fromarray(rgb).convert(mode)


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, format, **options)
    return data.getvalue()


def turned_jpeg() -> bytes:
    """As a phone held upright writes it: lying, with an EXIF tag to turn it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(picture(), "JPEG", exif=exif)


def png_of(width: int, height: int) -> bytes:
    """A PNG's header of any size, without pixels worth naming."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


def gif_of(frames: int) -> bytes:
    """A GIF of 64 x 64 pixels with many frames, each of one pixel."""
    head = b"GIF89a" + struct.pack("<HHBBB", 64, 64, 0x80, 0, 0) + bytes(6)
    frame = (
        b"\x21\xf9\x04\x00\x05\x00\x00\x00" + b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    )
    return head + frame * frames + b";"


def animated(frames: int, format: str = "GIF") -> bytes:
    first, *others = (Image.new("RGB", SIZE, (n % 256, n // 256 * 40, 90)) for n in range(frames))
    return saved(first, format, save_all=True, append_images=others, duration=50)


def clip(
    path: Path,
    *,
    seconds: float = 1.0,
    size: tuple[int, int] = SIZE,
    fps: int = 10,
    turn: int = 0,
    sound_streams: int = 0,
    pts: Callable[[int], int] | None = None,
    codec: str = "libx264",
    trc: int | None = None,
    options: dict[str, str] | None = None,
    shades: Callable[[int], int] | None = None,
) -> Path:
    """A clip; `turn` as a phone notes it, degrees counterclockwise. `pts` are the frames' times in milliseconds,
    `shades` the grey of each frame, in place of `picture()`."""
    with av.open(str(path), "w", options=options or {}) as out:
        video = out.add_stream(codec, rate=fps, options={"preset": "ultrafast"} if codec == "libx264" else {})
        video.width, video.height = size
        video.pix_fmt = "yuv420p"
        video.codec_context.thread_count = 1
        video.time_base = video.codec_context.time_base = Fraction(1, 1_000)
        if trc is not None:
            video.codec_context.color_trc = trc
        if turn:
            video.set_display_rotation(turn)
        sounds = [out.add_stream("aac", rate=48_000) for _ in range(sound_streams)]
        if not seconds:
            out.start_encoding()
        for number in range(round(seconds * fps)):
            shown = Image.new("RGB", size, (shades(number),) * 3) if shades else picture(size)
            frame = av.VideoFrame.from_image(shown)
            frame.pts, frame.time_base = pts(number) if pts else number * 1_000 // fps, Fraction(1, 1_000)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        for stream in sounds:
            _encode_sound(out, stream, seconds)
    return path


def _encode_sound(out: av.container.OutputContainer, stream: av.AudioStream, seconds: float, loud: int = 9_000) -> None:
    encode_wave(out, stream, (np.sin(np.arange(round(seconds * 48_000)) * 0.05) * loud).astype(np.int16))
    out.mux(stream.encode(None))


def encode_wave(out: av.container.OutputContainer, stream: av.AudioStream, wave: np.ndarray) -> None:
    """The wave on both channels, as 48 kHz."""
    for at in range(0, len(wave), 1_024):
        block = np.repeat(wave[at : at + 1_024], 2)[None]
        frame = av.AudioFrame.from_ndarray(block, format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, None, Fraction(1, 48_000)
        out.mux(stream.encode(frame))


def sound(path: Path, *, seconds: float = 1.5, codec: str = "pcm_s16le", loud: int = 9_000) -> Path:
    with av.open(str(path), "w") as out:
        _encode_sound(out, out.add_stream(codec, rate=48_000), seconds, loud)
    return path


def two_sizes(path: Path) -> Path:
    """A clip whose pictures change their size in the middle: two H.264 streams one after the other."""
    small, large = (clip(path.with_name(f"{n}.ts"), size=s) for n, s in (("a", SIZE), ("b", (128, 96))))
    path.write_bytes(small.read_bytes() + large.read_bytes())
    return path


def cut_off(whole: Path, share: float = 0.5) -> Path:
    data = whole.read_bytes()
    whole.write_bytes(data[: int(len(data) * share)])
    return whole
