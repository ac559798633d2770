"""What a vendor sends as a picture: decoded, looked at, and made large enough to be cropped to every format."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from ..common.answers import no_use, reject

SIDE = 1_920
"""The least side: 16:9 and 9:16 at 1920x1080 are cropped from it."""
MOST_SIDE = 4_096
LEAST_SIDE = 256
"""A picture this small is none of those that were asked for."""
MOST_PIXELS = 40_000_000
BLANK = 1.5
"""The spread of a picture's brightness, of 255, below which there is nothing to be seen: a filter's black picture."""
LONGEST_SHAPE = 2.0
"""Of a picture that is more than twice as wide as high no square is left."""
QUALITY = 95
_FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True)
class Fitted:
    """A JPEG of at least `SIDE` pixels a side, and what was done to it, for the record."""

    data: bytes
    done: str


def fitted(data: bytes, *, vendor: str, usd: float = 0.0) -> Fitted:
    """The picture, square, large enough, without transparency. Raises `ProviderRefused` (`nonsense`) for what is no
    picture, has nothing in it or has another shape, `NoUse` for one that is cut off; both with what it cost."""
    if not data:
        reject(vendor, "the picture has no bytes", usd=usd)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image: Image.Image = Image.open(io.BytesIO(data), formats=_FORMATS)
    except Image.DecompressionBombError:
        reject(vendor, f"the picture has more than {MOST_PIXELS:,} pixels", usd=usd)
    except UnidentifiedImageError:
        reject(vendor, "what it sent is no picture", usd=usd)
    except (OSError, ValueError, SyntaxError) as error:
        reject(vendor, f"what it sent is no picture ({type(error).__name__})", usd=usd)
    width, height = image.size
    if width * height > MOST_PIXELS:
        reject(vendor, f"the picture has {width}x{height} pixels, more than {MOST_PIXELS:,}", usd=usd)
    if min(width, height) < LEAST_SIDE:
        reject(vendor, f"the picture has {width}x{height} pixels, too few to be shown", usd=usd)
    if max(width, height) > LONGEST_SHAPE * min(width, height):
        reject(vendor, f"the picture is {width}x{height}, where a square was asked for", usd=usd)
    try:
        image.load()
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise no_use(vendor, "the picture is cut off", usd=usd) from error
    plain = _plain(image)
    if float(np.asarray(plain.convert("L").reduce(4), np.float64).std()) < BLANK:
        reject(vendor, "the picture is blank", usd=usd)
    return _square(plain)


def _plain(image: Image.Image) -> Image.Image:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    ground = Image.new("RGBA", clear.size, (255, 255, 255, 255))
    ground.alpha_composite(clear)
    return ground.convert("RGB")


def _square(image: Image.Image) -> Fitted:
    """The middle square, enlarged where it is too small."""
    done = [f"made at {image.width}x{image.height}"]
    side = min(image.size)
    if image.width != image.height:
        left, top = (image.width - side) // 2, (image.height - side) // 2
        image = image.crop((left, top, left + side, top + side))
        done.append(f"cropped to {side}x{side}")
    wanted = min(max(side, SIDE), MOST_SIDE)
    if wanted != side:
        image = image.resize((wanted, wanted), Image.Resampling.LANCZOS)
        done.append(f"{'enlarged' if wanted > side else 'reduced'} to {wanted}x{wanted}")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY, subsampling=0)
    return Fitted(buffer.getvalue(), ", ".join(done))
