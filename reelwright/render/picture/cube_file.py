"""Reads .cube files (Adobe, "Cube LUT Specification 1.0", 2013, and what editors write beyond it).

Editors differ in what they set between the numbers and around the lines: tabs, byte order marks, line ends of three
kinds, keywords in lower case, notes at the end of a line, an input range instead of a domain. All of it is taken.
"""

from __future__ import annotations

import codecs
import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reelwright.domain.errors import RenderFailed

from .yuv import F32

MAX_CUBE_BYTES = 16_000_000
MIN_CUBE_SIDE, MAX_CUBE_SIDE = 2, 65
"""65 is the most that Pillow's table takes, and the largest that editors write by themselves."""
_EXPORT = "export it again as a .cube 3D LUT"
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+(?:[\s;]|$)")


@dataclass(frozen=True)
class CubeTable:
    """`values`: side^3 x 3 in 0..1, red running fastest; `low` and `high` what inputs 0 and side - 1 stand for."""

    side: int
    values: F32
    low: tuple[float, ...]
    high: tuple[float, ...]


def parse_cube(data: bytes) -> CubeTable:
    """The table in a file. Raises `RenderFailed` (field `style.lut`) with what is wrong in it."""
    if len(data) > MAX_CUBE_BYTES:
        raise bad_cube(f"the file is larger than {MAX_CUBE_BYTES // 1_000_000} MB")
    settings, rows = _split(_text(data))
    side = _side(settings)
    if len(rows) != side**3:
        raise bad_cube(f"it has {len(rows)} colours, not {side}^3 = {side**3}")
    values = _numbers(rows)
    low, high = _domain(settings)
    if not all(first < last for first, last in zip(low, high, strict=True)):
        raise bad_cube("DOMAIN_MIN is not below DOMAIN_MAX")
    return CubeTable(side, np.clip(values, 0.0, 1.0), low, high)


def bad_cube(what: str, remedy: str = _EXPORT) -> RenderFailed:
    """The error for a table that cannot be used."""
    return RenderFailed(f"the look-up table cannot be used: {what}", field="style.lut", remedy=remedy)


def _text(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    return data.decode("utf-8", "replace")


def _split(text: str) -> tuple[dict[str, str], list[list[str]]]:
    """The keywords with their values, and the rows of numbers; comments and the title left out."""
    settings: dict[str, str] = {}
    rows: list[list[str]] = []
    for line in text.splitlines():
        plain = line.strip("\ufeff\0 \t").partition("#")[0].strip()
        if not plain:
            continue
        if plain[0].isalpha():
            name, *value = plain.split(maxsplit=1)
            settings.setdefault(name.upper(), value[0].strip() if value else "")
        elif _DECIMAL_COMMA.match(plain):
            raise bad_cube("its numbers have a decimal comma", "export it with decimal points")
        else:
            rows.append(plain.split())
    return settings, rows


def _side(settings: dict[str, str]) -> int:
    if "LUT_1D_SIZE" in settings:
        what = "there is a 1D table in it too" if "LUT_3D_SIZE" in settings else "it is a 1D table"
        raise bad_cube(f"{what} (LUT_1D_SIZE), and only a 3D one is taken", "export it as a plain 3D LUT")
    if "LUT_3D_SIZE" not in settings:
        raise bad_cube("it has no line LUT_3D_SIZE")
    given = settings["LUT_3D_SIZE"]
    if not re.fullmatch(r"[0-9]{1,4}", given) or not MIN_CUBE_SIDE <= int(given) <= MAX_CUBE_SIDE:
        raise bad_cube(
            f"LUT_3D_SIZE is {given[:20]!r}, not {MIN_CUBE_SIDE} to {MAX_CUBE_SIDE}", "export it with 33 or 65 points"
        )
    return int(given)


def _numbers(rows: list[list[str]]) -> F32:
    try:
        values = np.array(rows, dtype=np.float32)
    except ValueError as error:
        raise bad_cube("a colour is not three numbers") from error
    if values.shape != (len(rows), 3) or not np.isfinite(values).all():
        raise bad_cube("a colour is not three numbers")
    return values


def _domain(settings: dict[str, str]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """What inputs the table's ends stand for: a triple each, or one range for all three channels."""
    ranged = settings.get("LUT_3D_INPUT_RANGE")
    if ranged is not None:
        low, high = _floats(ranged, "LUT_3D_INPUT_RANGE", 2)
        return (low,) * 3, (high,) * 3
    return (
        _floats(settings.get("DOMAIN_MIN", "0 0 0"), "DOMAIN_MIN", 3),
        _floats(settings.get("DOMAIN_MAX", "1 1 1"), "DOMAIN_MAX", 3),
    )


def _floats(text: str, name: str, count: int) -> tuple[float, ...]:
    try:
        values = tuple(float(part) for part in text.split())
    except ValueError:
        values = ()
    if len(values) != count or not all(math.isfinite(value) for value in values):
        raise bad_cube(f"{name} is not {'two' if count == 2 else 'three'} numbers")
    return values


def cube_text(side: int, values: NDArray[Any]) -> str:
    """A .cube file of side^3 x 3 values, red running fastest."""
    rows = "\n".join(f"{red:.6f} {green:.6f} {blue:.6f}" for red, green, blue in np.asarray(values).tolist())
    return f"LUT_3D_SIZE {side}\n{rows}\n"
