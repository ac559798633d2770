"""From a finished file to one that is posted: as it is, put into another container, or encoded once more.

The FFmpeg program decodes what is encoded again, since it turns, deinterlaces and tone-maps on the way; the encoder
and its options are the renderer's x264.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import ffmpeg
from PIL import Image

from reelwright.domain.content.finished import DeliveryRules
from reelwright.domain.errors import RenderFailed
from reelwright.domain.ports.rendering import Progress

from ..encode.encoders import ENCODERS, EncodeSettings, gop_of
from ..encode.mp4 import AUDIO_BITRATE
from ..picture.colours import table_filters, tables_of
from ..picture.thumbnail import jpeg
from ..picture.yuv import U8
from ..plan.timeline import SAMPLE_RATE
from ..process.follow import follow
from ..process.jobs import FinishJob
from .look import Look, look

MOST_FPS = 60
_RATES = (
    Fraction(24_000, 1001), Fraction(24), Fraction(25), Fraction(30_000, 1001), Fraction(30), Fraction(48),
    Fraction(50), Fraction(60_000, 1001), Fraction(60),
)  # fmt: skip
_TONE_CUBE = "tone.cube"
_HDR_DATA = ("MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL", "DYNAMIC_HDR_PLUS")
"""Side data of frames that holds for the picture as it was, and that an encoder would write into the new one."""
_COLOUR = {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709", "color_range": "tv"}
_NAMES = {"h264": "H.264", "hevc": "HEVC"}
_HEARD_RATE = 16_000


@dataclass(frozen=True)
class Changes:
    """What has to be made anew of a file, and why, in words for a note."""

    pictures: tuple[str, ...] = ()
    sound: tuple[str, ...] = ()
    container: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.pictures or self.sound or self.container)

    @property
    def notes(self) -> tuple[str, ...]:
        """A line for each kind of change."""
        rewrapped = () if self.pictures or self.sound else self.container
        told = (
            ("the pictures were encoded again", self.pictures),
            ("the sound was encoded again", self.sound),
            ("it was put into another MP4, nothing encoded again", rewrapped),
        )
        return tuple(f"{what}: {', '.join(why)}" for what, why in told if why)


def changes_of(seen: Look, rules: DeliveryRules) -> Changes:
    """What keeps a file from being posted as it is."""
    wanted = " or ".join(_NAMES[codec] for codec in rules.codecs)
    pictures = [
        (seen.codec not in rules.codecs, f"{seen.codec} is not {wanted}, which all its platforms take"),
        (seen.pix_fmt not in ("yuv420p", "yuvj420p"), f"{seen.pix_fmt} is not 8-bit 4:2:0"),
        (bool(seen.hdr), f"it was HDR ({seen.hdr.upper()})"),
        (seen.pix_fmt == "yuvj420p", "its colours had the full range"),
        (seen.interlaced, "it was interlaced"),
        (not seen.square, "its pixels were not square"),
        (seen.rotation != 0, f"it was stored turned by {seen.rotation} degrees"),
        (bool(seen.width % 2 or seen.height % 2), f"{seen.width}x{seen.height} has an odd side"),
        (seen.rate > MOST_FPS + 1, f"it had {float(seen.rate):.0f} frames a second, more than {MOST_FPS}"),
        (
            rules.mbps is not None and seen.mbps > rules.mbps,
            f"{seen.mbps:.0f} Mbit/s is more than the {rules.mbps or 0:.0f} that one of its platforms takes",
        ),
    ]
    sound = [
        (seen.sound != "aac", f"{seen.sound} is not AAC"),
        (seen.sound_rate > SAMPLE_RATE, f"{seen.sound_rate} Hz is more than {SAMPLE_RATE}"),
        (seen.channels > 2, f"it had {seen.channels} channels"),
    ]
    container = [
        ("mp4" not in seen.container.split(","), f"{seen.container} is not MP4"),
        (not seen.index_first, "its index was not in front"),
    ]
    return Changes(*(tuple(why for found, why in each if found) for each in (pictures, sound, container)))


def deliver(
    seen: Look, changes: Changes, video: Path, path: Path, settings: EncodeSettings, progress: Progress
) -> Look:
    """Writes the file that is posted, and looks at it. Raises `RenderFailed` where it is not the same video."""
    source = ffmpeg.input(f"file:{video}")
    options: dict[str, object] = {"movflags": "+faststart", "map_metadata": "-1", "map_chapters": "-1", "format": "mp4"}
    picture = source["v:0"]
    if changes.pictures:
        rate = _rate_of(seen)
        picture, encoding = _filtered(picture, seen, rate, path.parent), _encoding(seen, rate, settings)
        options |= encoding
    else:
        options["c:v"] = "copy"
    if changes.sound:
        options |= {"c:a": "aac", "b:a": AUDIO_BITRATE, "ar": SAMPLE_RATE, "ac": 2}
    else:
        options["c:a"] = "copy"
    args: list[str] = ffmpeg.output(picture, source["a:0"], str(path), **options).get_args()
    follow(
        ["-y", "-xerror", *args],
        what="making the video ready for its platforms",
        folder=path.parent,
        frames=seen.frames,
        progress=progress,
    )
    made = look(path)
    if (made.width, made.height) != _even(seen) or abs(made.duration_s - seen.duration_s) > 0.25:
        raise RenderFailed(
            f"{made.width}x{made.height} and {made.duration_s:.2f} s came of {seen.width}x{seen.height} and "
            f"{seen.duration_s:.2f} s",
            field="video",
            remedy="export it as H.264 and AAC in an MP4",
        )
    return made


def _filtered(
    picture: ffmpeg.nodes.FilterableStream, seen: Look, rate: Fraction, folder: Path
) -> ffmpeg.nodes.FilterableStream:
    if seen.interlaced:
        picture = picture.filter("yadif", deint="interlaced")
    if seen.hdr:
        picture = _tone_mapped(picture, seen, folder)
    width, height = _even(seen)
    colour = {"out_color_matrix": "bt709", "out_range": "tv"}
    picture = picture.filter("scale", width, height, flags="bicubic", **colour).filter("setsar", 1)
    return picture.filter("format", "yuv420p").filter("fps", f"{rate.numerator}/{rate.denominator}")


def _tone_mapped(picture: ffmpeg.nodes.FilterableStream, seen: Look, folder: Path) -> ffmpeg.nodes.FilterableStream:
    """The same table that clips of scenes go through. FFmpeg runs in `folder`: the table's name needs no escapes."""
    tables = tables_of(seen.colours, "")
    cubes = [f"{number}-{_TONE_CUBE}" for number in range(len(tables))]
    for cube, table in zip(cubes, tables, strict=True):
        (folder / cube).write_text(table, "ascii")
    for name, options in table_filters(seen.pix_fmt, seen.colours, cubes):
        picture = picture.filter(name, **options)
    picture = picture.filter("setparams", color_primaries="bt709", color_trc="bt709")
    for kind in _HDR_DATA:
        picture = picture.filter("sidedata", mode="delete", type=kind)
    return picture


def _encoding(seen: Look, rate: Fraction, settings: EncodeSettings) -> dict[str, object]:
    encoder = ENCODERS["x264"]
    frames = max(round(seen.duration_s * rate), 2)
    options = encoder.options(settings, gop_of(frames, round(rate)))
    return {"c:v": encoder.codec, **{f"{name}:v": value for name, value in options.items()}, **_COLOUR}


def _even(seen: Look) -> tuple[int, int]:
    return seen.width // 2 * 2, seen.height // 2 * 2


def _rate_of(seen: Look) -> Fraction:
    """A constant rate near the average: a phone's 29.8 becomes 30, 120 become 60."""
    rate = seen.rate
    while rate > MOST_FPS + 1:
        rate /= 2
    return min(_RATES, key=lambda each: abs(each - rate))


def make_ready(job: FinishJob, progress: Progress) -> dict[str, Any]:
    """The answer of a child to its parent: what is posted, and its thumbnail."""
    seen = look(job.video)
    changes, path = changes_of(seen, job.rules), job.video
    made = seen
    if changes:
        part, path = job.scratch / "ready.mp4", job.workdir / "ready.mp4"
        made = deliver(seen, changes, job.video, part, job.settings, progress)
        part.replace(path)
    still = job.workdir / "thumbnail.jpg"
    return {
        "path": str(path),
        "width": made.width,
        "height": made.height,
        "fps": round(float(made.rate), 3),
        "frames": made.frames,
        "duration_s": round(made.duration_s, 6),
        "thumbnail": str(still),
        "thumbnail_size": write_thumbnail(seen.still, job.box, still),
        "notes": changes.notes,
    }


def write_thumbnail(still: U8, box: tuple[int, int], path: Path) -> tuple[int, int]:
    """A JPEG of at most 2 MB that fits into `box`; its size."""
    height, width = still.shape[:2]
    share = min(box[0] / width, box[1] / height, 1.0)
    size = max(round(width * share), 1), max(round(height * share), 1)
    path.write_bytes(jpeg(still if share == 1.0 else _smaller(still, size)))
    with Image.open(path) as image:
        return image.size


def _smaller(rgb: U8, size: tuple[int, int]) -> U8:
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def hear(video: Path, path: Path, progress: Progress) -> None:
    """Writes what is heard in a video as a mono 16 kHz WAV."""
    sound = ffmpeg.input(f"file:{video}")["a:0"]
    args: list[str] = sound.output(str(path), ac=1, ar=_HEARD_RATE, acodec="pcm_s16le", format="wav").get_args()
    follow(["-y", *args], what="reading the sound", folder=path.parent, frames=1, progress=progress)
