"""Figures in a text: numbers with their units, what they are of, and whether they rise or fall.

Figures keep their writing: what a card shows is a piece of the script. The tables are small on purpose: a number whose
unit is not known is set with the whole sentence it stands in.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import regex  # type: ignore[import-untyped, unused-ignore]

from .lexicon import base_of

_DIGITS = r"[0-9٠-٩०-९]"
_NUMBER = rf"[+−-]?{_DIGITS}+(?:[.,٫٬\u00a0\u202f’' ]{_DIGITS}{{3}}(?!{_DIGITS}))*(?:[.,٫]{_DIGITS}+)?"
TABLE: dict[str, Any] = tomllib.loads(resources.files(__package__).joinpath("figures.toml").read_text("utf-8"))


def _choice(words: str) -> str:
    parts = sorted({word.replace("_", r"[\s\u00a0]+") for word in words.split()}, key=len, reverse=True)
    return "|".join(parts)


def said(name: str) -> regex.Pattern[str]:
    """What finds the words of a section of `figures.toml`."""
    words, bare = TABLE[name]["words"], TABLE[name]["bare"]
    return regex.compile(rf"\b(?:{_choice(words)})\b|{_choice(bare)}", regex.IGNORECASE)


_FIGURE = regex.compile(
    rf"(?P<money>[$€£¥₹]|US\$|USD|EUR)?[\s\u00a0]?(?<![\p{{Latin}}\p{{Arabic}}\d])"
    rf"(?P<number>{_NUMBER})(?P<after>[$€£¥₹])?"
    rf"(?:[\s\u00a0\u202f]?(?P<scale>{_choice(TABLE['scales'])})(?![\p{{L}}\p{{M}}--[\p{{Han}}]]))?"
    rf"(?:[\s\u00a0\u202f]?(?:de[\s])?(?:d')?(?P<unit>{_choice(TABLE['units'])})(?![\p{{L}}\p{{M}}--[\p{{Han}}]]))?"
    rf"(?P<tail>[$€£¥₹])?"
    rf"(?:[\s\u00a0](?P<rate>{_choice(TABLE['rates'])})(?![\p{{L}}\p{{M}}]))?",
    regex.IGNORECASE | regex.V1,
)
_SHARES = regex.compile(r"%|percent|per.cent|prozent|pour.cent|por.ciento|بالم|في.الم|प्रतिशत|फीसदी", regex.IGNORECASE)
_HAN_DIGITS = dict(zip("零一二三四五六七八九十", range(11), strict=True))
_HAN_SHARE = regex.compile(r"百分之([零一二三四五六七八九十百点]+)")
_YEAR = regex.compile(r"(?:1[0-9]{3}|20[0-9]{2}|٢٠[٠-٩]{2}|١[٠-٩]{3}|२०[०-९]{2}|१[०-९]{3})$")
_CLOCK = regex.compile(r"\d[:h]\d|\d\s*(?:am|pm|uhr|o'clock)\b", regex.IGNORECASE)

_RISES, _FALLS = said("rises"), said("falls")
_NOT = regex.compile(
    r"\b(?:not|never|n't|no|nicht|kein\w*|nie|pas|jamais|sin|nunca|no)\b|n't|(?<!\p{L})(?:لم|لا|لن)(?!\p{L})|没|不|नहीं",
    regex.IGNORECASE,
)


_POINT = frozenset({"en", "zh", "ja", "ko", "th", "hi", "ar", "he"})
"""Languages that write decimals behind a point."""
_MONEY = regex.compile(r"[$€£¥₹]|\b(?:usd|eur|dollar|euro|pound|pence|cents?\b)|元|يورو|دولار|रुपये|डॉलर")
_RANGE = regex.compile(r"\s*(?:[-–—~]|to|and|bis|und|à|et|a|y|e|إلى|الى|و|到|至|से)\s*", regex.IGNORECASE)


@dataclass(frozen=True)
class Figure:
    """A number as written (`shown`, its unit with it), its value, and its unit in one spelling (empty: none known)."""

    shown: str
    value: float
    unit: str
    begin: int
    end: int

    @property
    def year(self) -> bool:
        """Whether it is most likely a year."""
        return not self.unit and _YEAR.match(self.shown) is not None

    @property
    def money(self) -> bool:
        """Whether it is a sum of money."""
        return _MONEY.search(self.unit) is not None

    @property
    def share(self) -> bool:
        """Whether it is a percentage."""
        return self.unit.split(" ")[0] == "%"


def figures_of(text: str, language: str = "en") -> list[Figure]:
    """All figures of a text, years included, times of day not. The language decides what a point in a number means."""
    clocks = [match.span() for match in _CLOCK.finditer(text)]
    found = [
        Figure(match.group(), float(_HAN_DIGITS.get(match[1][-1], 0)), "%", *match.span())
        for match in _HAN_SHARE.finditer(text)
    ]
    for match in _FIGURE.finditer(text):
        if any(begin < match.end() and match.start() < end for begin, end in clocks):
            continue
        begin, end = match.span()
        shown = match.group().strip()
        begin += len(match.group()) - len(match.group().lstrip())
        value = _value(match["number"], point=base_of(language) in _POINT)
        if value is None:
            continue
        money = match["money"] or match["after"] or match["tail"] or ""
        unit = "%" if match["unit"] and _SHARES.match(match["unit"]) else (match["unit"] or money).casefold()
        scale = (match["scale"] or "").casefold()
        rate = (match["rate"] or "").casefold() if unit else ""
        if match["rate"] and not unit:  # "forty a day" of what?
            shown, end = shown[: match.start("rate") - begin].rstrip(), match.start("rate") - 1
        found.append(Figure(shown, value, " ".join(filter(None, (scale, unit, rate))), begin, end))
    return sorted(found, key=lambda figure: figure.begin)


def _value(number: str, *, point: bool) -> float | None:
    """A number's value; `point`: its decimals stand behind a point and not a comma."""
    plain = "".join(str(int(c)) if c.isdecimal() else c for c in number).replace("٫", ".").replace("٬", "")
    plain = plain.replace("−", "-").replace("’", "").replace("'", "")
    plain = regex.sub(r"[\s\u00a0\u202f]", "", plain)
    if "," in plain and "." in plain:
        last = max(plain.rfind(","), plain.rfind("."))
        plain = regex.sub(r"[.,]", "", plain[:last]) + "." + plain[last + 1 :]
    elif plain.count(",") + plain.count(".") > 1 or regex.fullmatch(
        rf"[+-]?[1-9]\d{{0,2}}[{',' if point else '.'}]\d{{3}}", plain
    ):
        plain = regex.sub(r"[.,]", "", plain)
    try:
        return abs(float(plain.replace(",", ".")))
    except ValueError:
        return None


def direction_of(text: str) -> str:
    """`up` or `down` where a sentence states only that something rose or fell; else empty."""
    rises, falls = _RISES.search(text) is not None, _FALLS.search(text) is not None
    if rises == falls or _NOT.search(text):
        return ""
    return "up" if rises else "down"


def ranges(text: str, figures: Sequence[Figure]) -> list[Figure]:
    """The figures with "1,500 to 1,700 ml" as one: the figure at its end alone would mean something else."""
    joined: list[Figure] = []
    for figure in figures:
        last = joined[-1] if joined else None
        if last and last.unit in ("", figure.unit) and _RANGE.fullmatch(text[last.end : figure.begin]):
            shown = text[last.begin : figure.end].strip()
            joined[-1] = replace(figure, shown=shown, begin=last.begin)
        else:
            joined.append(figure)
    return joined


def changes(figures: Sequence[Figure]) -> bool:
    """Whether two figures are of one measure."""
    return len(figures) == 2 and (figures[0].unit == figures[1].unit or not figures[0].unit)
