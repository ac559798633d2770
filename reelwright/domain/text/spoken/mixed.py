"""What is left: digits among letters ("COVID-19", "4K", "CO₂") and single signs ("+", "=")."""

from __future__ import annotations

import re

from . import calendar, numerals, quantities, ranks
from .figures import parsed
from .letters import is_spelled
from .line import Line, Said, Token

_PIECES = re.compile(r"\d+|\D+")
_AFTER_ELISION = re.compile(r"(?<=[^\W\d_]['’]) ")
"""Italian "l'8 marzo"."""
_SMALL_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹", "01234567890123456789")
_SEPARATORS = re.compile(r"[-–—/:,_]+")


def symbol(line: Line, at: int) -> list[Said] | None:
    """A sign that stands alone between words or numbers."""
    tongue, core = line.tongue, line.core(at)
    said = {"+": tongue.plus, "=": tongue.equals, "%": tongue.percent, "×": tongue.times}.get(core)
    return [Said(said)] if said and 0 < at < len(line.tokens) - 1 else None


def mixed(line: Line, at: int) -> list[Said] | None:
    """A token with digits in it that no other rule covers: its parts, each read by itself."""
    core = line.core(at).translate(_SMALL_DIGITS)
    if not any(char.isdecimal() for char in core):
        return None
    parts = [part for part in core.split("-") if part]
    said = " ".join(_part(line, part) for part in parts)
    return [Said(_AFTER_ELISION.sub("", said))]


def _part(line: Line, part: str) -> str:
    if not any(char.isdecimal() for char in part):
        return part
    alone = Line((Token("", part, ""),), (part,), line.tongue, line.language)
    for rule in (calendar.decade, ranks.ordinal, quantities.money, quantities.measure, quantities.number):
        if parsed(part, line.tongue) is None and rule is quantities.number:
            continue
        if answer := rule(alone, 0):
            return " ".join(said.text for said in answer)
    pieces = _PIECES.findall(part)
    return " ".join(filter(None, (_piece(line, pieces, index) for index in range(len(pieces)))))


def _piece(line: Line, pieces: list[str], index: int) -> str:
    piece = pieces[index]
    if piece.isdecimal():
        return numerals.counted(piece, line.language)
    if piece == "." and 0 < index < len(pieces) - 1:
        return line.tongue.dot if line.tongue.comma else line.tongue.point
    left = _SEPARATORS.sub(" ", piece).strip()
    if left.isupper() and left.isalpha() and (len(left) == 1 or is_spelled(left, line.tongue)):
        return " ".join(left)
    return left
