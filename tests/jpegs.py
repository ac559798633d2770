"""Real JPEGs for tests, small to make and larger than they look."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image


def noise_jpeg(seed: int, width: int, height: int) -> bytes:
    """A picture of noise, always the same one for a seed."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
