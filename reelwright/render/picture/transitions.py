"""How one span's picture gives way to the next one's, on planes. Each is a pure function of two pictures and a share.

`share` is 0..1, how far the way is gone; callers ease it. `out` may be one of the pictures only for the cross-fade.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np

from .yuv import F32, U8, Planes, mix

Codes = tuple[int, int, int]
"""The code values of one colour: Y, Cb, Cr."""
Transition = Callable[[Planes, Planes, float, Planes], None]

SOFT_EDGE = 0.16
"""The width of a wipe's edge, in shares of the picture's width."""


def transition_of(name: str, through: Codes, *, backwards: bool) -> Transition:
    """The transition of a name in `RenderStyle.transition`. A dip goes `through` a colour; a wipe and a push come from
    the right, or `backwards` from the left."""
    if name == "dip":
        return lambda leaving, coming, share, out: dip(leaving, coming, share, out, through)
    if name == "wipe":
        return lambda leaving, coming, share, out: wipe(leaving, coming, share, out, backwards=backwards)
    if name == "push":
        return lambda leaving, coming, share, out: push(leaving, coming, share, out, backwards=backwards)
    return mix


def fill(planes: Planes, codes: Codes) -> None:
    """One colour all over."""
    for plane, code in zip(planes, codes, strict=True):
        plane[:] = code


def fade_to(planes: Planes, codes: Codes, weight: float) -> None:
    """Goes towards one colour in place: 0.0 leaves the picture, 1.0 is the colour."""
    for plane, code in zip(planes, codes, strict=True):
        cv2.convertScaleAbs(plane, dst=plane, alpha=1.0 - weight, beta=code * weight)


def dip(leaving: Planes, coming: Planes, share: float, out: Planes, codes: Codes) -> None:
    """Down to a colour and up again; the pictures never meet."""
    seen, weight = (leaving, 2.0 * share) if share < 0.5 else (coming, 2.0 - 2.0 * share)
    for plane, target, code in zip(seen, out, codes, strict=True):
        cv2.convertScaleAbs(plane, dst=target, alpha=1.0 - weight, beta=code * weight)


def wipe(leaving: Planes, coming: Planes, share: float, out: Planes, *, backwards: bool) -> None:
    """A soft edge runs across: before it the old picture, behind it the new one."""
    width = out.y.shape[1]
    soft = 2 * round(width * SOFT_EDGE / 2)
    # The edge's first column: from just outside one side to just outside the other, on even columns for chroma.
    edge = 2 * round(((width + soft) * (share if backwards else 1.0 - share) - soft) / 2)
    left, right = (coming, leaving) if backwards else (leaving, coming)
    for index, (first, last, target) in enumerate(zip(left, right, out, strict=True)):
        part = 1 if index == 0 else 2
        begin, end = edge // part, (edge + soft) // part
        columns = target.shape[1]
        inside = slice(max(begin, 0), min(max(end, 0), columns))
        np.copyto(target[:, : inside.start], first[:, : inside.start])
        np.copyto(target[:, inside.stop :], last[:, inside.stop :])
        if inside.start < inside.stop:
            weights = _ramp(soft // part, target.shape[0])
            taken = slice(inside.start - begin, inside.stop - begin)
            # blendLinear requires contiguous arrays.
            blended = cv2.blendLinear(
                np.ascontiguousarray(first[:, inside]),
                np.ascontiguousarray(last[:, inside]),
                np.ascontiguousarray(1.0 - weights[:, taken]),
                np.ascontiguousarray(weights[:, taken]),
            )
            np.copyto(target[:, inside], blended)


@lru_cache(maxsize=4)
def _ramp(width: int, height: int) -> F32:
    """0 at the left to 1 at the right, without corners; every row the same."""
    places = (np.arange(width, dtype=np.float32) + 0.5) / width
    return np.repeat((places * places * (3.0 - 2.0 * places))[None, :], height, axis=0).astype(np.float32)


def push(leaving: Planes, coming: Planes, share: float, out: Planes, *, backwards: bool) -> None:
    """The new picture pushes the old one out, edge to edge."""
    width = out.y.shape[1]
    gone = 2 * round(width * share / 2)
    for index, (first, last, target) in enumerate(zip(leaving, coming, out, strict=True)):
        _beside(first, last, gone if index == 0 else gone // 2, target, backwards=backwards)


def _beside(leaving: U8, coming: U8, gone: int, out: U8, *, backwards: bool) -> None:
    width = out.shape[1]
    if backwards:
        np.copyto(out[:, :gone], coming[:, width - gone :])
        np.copyto(out[:, gone:], leaving[:, : width - gone])
    else:
        np.copyto(out[:, : width - gone], leaving[:, gone:])
        np.copyto(out[:, width - gone :], coming[:, :gone])
