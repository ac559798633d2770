"""The loops over pixels in C (`_pixels.c`), where they could be built and this processor can run them."""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1)
def pixels() -> Any | None:
    """The module, or None: there was no C compiler when this package was installed, or the processor has no AVX2."""
    try:
        module = importlib.import_module("reelwright.render.picture._pixels")
    except ImportError:
        return None
    return module if module.use("avx512") or module.use("avx2") else None
