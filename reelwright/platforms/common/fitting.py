"""How many parts of a text fit where a platform counts in its own way."""

from __future__ import annotations

from collections.abc import Callable


def most(count: int, fits: Callable[[int], bool]) -> int:
    """The largest number up to `count` that fits, where all smaller ones do. Few are tried: counting a text that is
    much too long takes seconds when it is done once for each of its words."""
    low, high = 0, count
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low
