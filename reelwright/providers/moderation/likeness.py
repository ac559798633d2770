"""What a content is recognised by: runs of words, and perceptual hashes of its pictures.

Exact sets in place of MinHash: a narration has a few hundred runs, which PostgreSQL finds by its index, and the share
is then no estimate.
"""

from __future__ import annotations

import hashlib
import re
from io import BytesIO

import numpy as np
from PIL import Image, UnidentifiedImageError
from scipy.fft import dctn

from reelwright.domain.errors import AssetCorrupt
from reelwright.domain.text.shared_runs import MOST_RUNS, share_of

from .normal import fold, spread

__all__ = ["MOST_RUNS", "alike", "picture_hash", "runs_of", "share_of"]

RUN, SIGNS = 5, 8
"""Words in a run; signs, in scripts that set no spaces between words."""
LEAST_RUNS = 12
"""Shorter texts are alike by chance."""
ALIKE_BITS = 6
"""Of 64: what saving it again, smaller or brighter changes."""
FLAT = 3.0
"""A picture with less contrast (standard deviation of 256 greys) has nothing to be recognised by."""
# Thai, Lao, Myanmar, Khmer, kana: written without spaces, and not set apart by `spread`.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff]")


def runs_of(text: str) -> frozenset[int]:
    """Hashes of all runs of words, whatever their case, accents and punctuation; of a long text the smallest 2,000.
    None of a short one."""
    tokens = [token for word in spread(fold(text)).split() if word != "." for token in _tokens(word)]
    size = SIGNS if sum(len(token) == 1 for token in tokens) * 2 > len(tokens) else RUN
    runs = {_hash(" ".join(tokens[at : at + size])) for at in range(len(tokens) - size + 1)}
    return frozenset(sorted(runs)[:MOST_RUNS]) if len(runs) >= LEAST_RUNS else frozenset()


def picture_hash(data: bytes) -> int | None:
    """64 bits (as PostgreSQL's bigint) of the coarse structure: the signs of low frequencies against their median.
    None of a picture that shows nothing. Raises `AssetCorrupt`."""
    try:
        with Image.open(BytesIO(data)) as opened:
            opened.draft("L", (64, 64))
            grey = np.asarray(opened.convert("L").resize((32, 32), Image.Resampling.BOX), np.float64)
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, SyntaxError) as error:
        raise AssetCorrupt(
            f"a picture cannot be read ({type(error).__name__})", field="picture", remedy="have it made anew"
        ) from error
    if grey.std() < FLAT:
        return None
    low = dctn(grey, norm="ortho")[:8, :8].flatten()
    bits = low > np.median(low[1:])
    return int.from_bytes(np.packbits(bits).tobytes(), "big", signed=True)


def alike(one: int, other: int) -> bool:
    """Whether two pictures look the same."""
    return ((one ^ other) & 0xFFFF_FFFF_FFFF_FFFF).bit_count() <= ALIKE_BITS


def _tokens(word: str) -> list[str]:
    return list(word) if _UNSPACED.search(word) else [word]


def _hash(run: str) -> int:
    return int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest(), "big", signed=True)
