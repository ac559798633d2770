"""Written numbers: their digits, groups and decimals, by the language's own marks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import numerals
from .line import Line
from .tongue import Tongue

_POINT = re.compile(r"([-−]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?")
_COMMA = re.compile(r"([-−]?)(\d{1,3}(?:[.'’]\d{3})+|\d+)(?:,(\d+))?")
_DOTTED = re.compile(r"([-−]?)(\d{1,6})\.(\d{1,2})")
"""A decimal written the English way in a language that writes a comma; it is spoken as it is written."""
_HEAD = re.compile(r"[-−]?[1-9]\d{0,2}")
_GROUP = re.compile(r"\d{3}(?:,(\d+))?")
_MAX_GROUPS = 4
_SUFFIX = re.compile(r"([-−]?[\d.,'’]*\d)([^\d\s.,]+)")


@dataclass(frozen=True)
class Figure:
    """A number's digits before and behind the decimal mark. `plain`: no sign, groups or decimals were written."""

    whole: str
    fraction: str = ""
    negative: bool = False
    plain: bool = True
    dotted: bool = False

    @property
    def value(self) -> float:
        return float(f"{self.whole}.{self.fraction or 0}")

    @property
    def is_one(self) -> bool:
        return self.whole == "1" and not self.fraction

    @property
    def is_year(self) -> bool:
        """Whether it is written as a year of the second or third millennium."""
        return self.plain and len(self.whole) == 4 and "1100" <= self.whole <= "2099"

    def words(self, tongue: Tongue, language: str, gender: str = "") -> str:
        """The number in words."""
        said = numerals.counted(self.whole, language, "" if self.fraction else gender)
        if self.fraction:
            said += f" {tongue.dot if self.dotted else tongue.point} {_decimals(self.fraction, language)}"
        return f"{tongue.minus} {said}" if self.negative else said


def _decimals(fraction: str, language: str) -> str:
    """English, German and Dutch say decimals one by one, the Romance languages two of them as a number."""
    if language[:2] in ("en", "de", "nl") or len(fraction) != 2 or fraction[0] == "0":
        return numerals.digits(fraction, language)
    return numerals.cardinal(int(fraction), language)


def parsed(text: str, tongue: Tongue) -> Figure | None:
    """The number that a text is, and nothing else."""
    found = (_COMMA if tongue.comma else _POINT).fullmatch(text)
    dotted = not found and tongue.comma
    if dotted:
        found = _DOTTED.fullmatch(text)
    if not found:
        return None
    sign, whole, fraction = found.groups()
    digits = re.sub(r"\D", "", whole)
    plain = not sign and digits == whole and not fraction
    return Figure(digits, fraction or "", bool(sign), plain, dotted)


def with_suffix(text: str, tongue: Tongue) -> tuple[Figure, str] | None:
    """A number and what is written on to it without a space ("5km", "20%", "3M€")."""
    found = _SUFFIX.fullmatch(text)
    figure = parsed(found[1], tongue) if found else None
    return (figure, found[2]) if found and figure else None


def grouped(line: Line, at: int) -> tuple[Figure, list[str]] | None:
    """A number whose thousands are set off by spaces ("1 234 567"), with the words of each of its tokens."""
    if not _HEAD.fullmatch(line.core(at)) or line[at].after:
        return None
    groups, fraction = [line.core(at).lstrip("-−")], ""
    while len(groups) <= _MAX_GROUPS and not fraction:
        token = line[at + len(groups)]
        found = _GROUP.fullmatch(token.core) if not token.before else None
        if found is None:
            break
        groups.append(token.core[:3])
        fraction = found[1] or ""
        if token.after:
            break
    if len(groups) == 1:
        return None
    figure = Figure("".join(groups), fraction, line.core(at)[0] in "-−", plain=False)
    said = []
    for index, group in enumerate(groups):
        power = 1_000 ** (len(groups) - 1 - index)
        said.append(numerals.cardinal(int(group) * power, line.language) if int(group) else "")
    if fraction:
        said[-1] = f"{said[-1]} {line.tongue.point} {_decimals(fraction, line.language)}".strip()
    if figure.negative:
        said[0] = f"{line.tongue.minus} {said[0]}"
    return figure, said
