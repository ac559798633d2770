"""Pictures of the user's own: which kind they are, whether they are whole, and those the renderer does not read."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from pi_heif import register_heif_opener
from PIL import Image, ImageOps, UnidentifiedImageError

from reelwright.domain.content.media import ClipFacts
from reelwright.domain.content.taken import PictureFacts

from .limits import MEGA, BadMedia, Limits
from .looked import Looked
from .stills import save_still

register_heif_opener()
# Pillow's own limit warns before it refuses; ours has a message of its own.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
Image.MAX_IMAGE_PIXELS = None

TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
    "TIFF": "image/tiff",
    "BMP": "image/bmp",
}
_READ_BY_RENDERER = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
_ANIMATED = frozenset({"image/png", "image/webp", "image/gif", "image/avif"})
_KEPT_SIDE = 4_096
"""A picture that is made anew is no larger than this: a video's frame has at most 3840 pixels a side."""
_ORIENTATION, _ON_ITS_SIDE = 0x0112, (5, 6, 7, 8)
"""The EXIF tag of how a picture is turned, and its values for one that lies on its side."""
_BACKGROUND = (255, 255, 255, 255)
_LEAST_FRAME_MS, _USUAL_FRAME_MS = 20, 100
"""A frame of an animation shown for less than the first is shown for the second, as browsers do."""


def look_at_picture(path: Path, workdir: Path, limits: Limits, progress: Callable[[float], None]) -> Looked | None:
    """What a picture is, decoded whole; None for a file that is no picture. Raises `BadMedia`."""
    try:
        # Multi-picture JPEGs of phones (MPO) are opened as JPEG.
        image = Image.open(path, formats=[name for name in TYPES if name != "MPO"])
    except UnidentifiedImageError:
        return None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise _broken(error) from error
    with image:
        media_type = TYPES[image.format or ""]
        _check_size(image, media_type, limits)
        frames = int(getattr(image, "n_frames", 1)) if media_type in _ANIMATED else 1
        try:
            if frames > 1:
                return _animated(image, frames, media_type, workdir, limits, progress)
            return _still(image, media_type, workdir)
        except (OSError, ValueError, SyntaxError, EOFError, RuntimeError) as error:
            raise _broken(error) from error


def _check_size(image: Image.Image, media_type: str, limits: Limits) -> None:
    width, height = image.size
    limit = limits.jpeg_pixels if media_type == "image/jpeg" and not image.info.get("progressive") else limits.pixels
    if width * height > limit:
        raise BadMedia(
            f"{width:,} x {height:,} pixels are more than {limit // MEGA} megapixels", "save it smaller, at 4096 a side"
        )
    if min(width, height) < limits.least_side:
        raise BadMedia(
            f"{width} x {height} pixels are too few", f"give a picture of at least {limits.least_side} a side"
        )


def _still(image: Image.Image, media_type: str, workdir: Path) -> Looked:
    width, height = image.size
    if image.getexif().get(_ORIENTATION, 1) in _ON_ITS_SIDE:
        width, height = height, width
    if media_type == "image/jpeg":
        # Every byte of it is read, at up to an eighth of the size where it is large.
        image.draft(None, (_KEPT_SIDE // 2, _KEPT_SIDE // 2))
    image.load()
    looked = Looked(kind="picture", media_type=media_type, picture=PictureFacts(width=width, height=height))
    if media_type in _READ_BY_RENDERER:
        return looked
    made = workdir / "used.png"
    plain = ImageOps.exif_transpose(image)
    plain.thumbnail((_KEPT_SIDE, _KEPT_SIDE), Image.Resampling.LANCZOS)
    profile = image.info.get("icc_profile")
    plain.convert(_plain_mode(plain)).save(made, "PNG", compress_level=3, icc_profile=profile)
    return looked.model_copy(update={"used": made, "used_type": "image/png"})


def _plain_mode(image: Image.Image) -> str:
    clear = image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info
    return "RGBA" if clear else "RGB"


# --- animated ones ---------------------------------------------------------------------------------------------------


def _animated(
    image: Image.Image,
    frames: int,
    media_type: str,
    workdir: Path,
    limits: Limits,
    progress: Callable[[float], None],
) -> Looked:
    """An animated picture as a clip: the renderer seeks in clips, and animations cannot be sought in."""
    width, height = image.size
    if frames > limits.frames:
        raise BadMedia(
            f"it is animated with {frames:,} frames, more than {limits.frames:,}", "save it as a video (MP4), or cut it"
        )
    if frames * width * height > limits.animated_pixels:
        raise BadMedia(
            f"{frames:,} frames of {width} x {height} pixels are too much for an animated picture",
            "save it as a video (MP4)",
        )
    made = workdir / "used.mp4"
    # Sides of H.264 are even.
    size = width - width % 2, height - height % 2
    best, duration_ms = _encode(_frames(image, frames, size, progress), made, size)
    if duration_ms > limits.seconds * 1_000:
        raise BadMedia(f"it is {duration_ms / 1_000:,.0f} s long, more than {limits.seconds:,.0f} s", "cut it")
    still = save_still(best, workdir)
    seconds = duration_ms / 1_000
    facts = ClipFacts(width=size[0], height=size[1], duration_s=seconds, fps=round(frames / seconds, 3))
    return Looked(
        kind="clip",
        media_type=media_type,
        used=made,
        used_type="video/mp4",
        still=still,
        clip=facts,
        codecs=("h264",),
        notes=(f"an animated picture of {frames} frames is used as a clip of {seconds:.1f} s",),
    )


def _frames(
    image: Image.Image, count: int, size: tuple[int, int], progress: Callable[[float], None]
) -> Iterator[tuple[Image.Image, int]]:
    """Each frame without transparency, and how many milliseconds it is shown."""
    for number in range(count):
        image.seek(number)
        frame = image.convert("RGBA")
        ground = Image.new("RGBA", frame.size, _BACKGROUND)
        ground.alpha_composite(frame)
        shown = float(image.info.get("duration", _USUAL_FRAME_MS) or 0)
        ms = round(shown) if math.isfinite(shown) and shown >= _LEAST_FRAME_MS else _USUAL_FRAME_MS
        progress((number + 1) / count)
        yield ground.convert("RGB").crop((0, 0, *size)), ms


def _encode(frames: Iterator[tuple[Image.Image, int]], made: Path, size: tuple[int, int]) -> tuple[Image.Image, int]:
    """Writes the clip; the frame with the most to see, and the length in milliseconds."""
    best, most, at = None, -1.0, 0
    with av.open(str(made), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(25), options={"crf": "14", "preset": "veryfast"})
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1_000)
        stream.codec_context.thread_count = 1
        for picture, ms in frames:
            contrast = float(np.asarray(picture.convert("L").reduce(4)).std())
            if contrast > most:
                best, most = picture, contrast
            frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
            frame.pts, frame.time_base, frame.duration = at, Fraction(1, 1_000), ms
            container.mux(stream.encode(frame))
            at += ms
        container.mux(stream.encode(None))
    assert best is not None
    return best, at


def _broken(error: Exception) -> BadMedia:
    """Pillow reports damaged PNG chunks as SyntaxError and cut-off files as OSError."""
    return BadMedia(f"the picture is damaged or cut off ({str(error)[:120]})", "save or send it again")
