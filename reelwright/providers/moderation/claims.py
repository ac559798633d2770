"""What a story states and its article does not: numbers, quotations and names.

Numbers are compared by their value (`1.2 million` is `1,200,000`, and `1.2` is a rounding of `1.234`); quotations and
names only where story and article are in one language, names only where capitals mark them, and not in German, which
writes all nouns so, unless two stand together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from .normal import fold, spread

_NUMBER = re.compile(
    r"(?<![\w.,])\d{1,3}(?:[.,' \u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?(?![\w])|(?<![\w.,])\d+(?:[.,]\d+)?"
)
_SCALE = re.compile(r"[ \u00a0]?([^\W\d_]+)")
_SCALES = {
    1e3: "thousand tausend mil mille thousands ألف हज़ार हजार 千",
    1e4: "万 萬",
    1e5: "lakh लाख",
    1e6: "million millions millionen mio millón millones مليون مليونا",
    1e7: "crore करोड़",
    1e8: "亿 億",
    1e9: "billion billions bn milliarde milliarden mrd milliard milliards مليار",
    1e12: "trillion billón billones",
}
_FACTORS = {word: factor for factor, words in _SCALES.items() for word in words.split()}
_QUOTE = re.compile(
    "(?:“(?P<a>[^“”\n]{12,300})”|„(?P<b>[^„“”\n]{12,300})[“”]|«(?P<c>[^«»\n]{12,300})»|「(?P<d>[^「」\n]{8,300})」"
    # Straight ones open and close alike: what is before and behind them tells.
    r"|(?<![^\s(])\"(?=\S)(?P<e>[^\"\n]{12,300})(?<=\S)\"(?!\w))"
)
_NAME = re.compile(
    r"[A-ZÀ-ÖØ-Þ][\w’'-]+(?: (?:de|del|la|le|van|von|der|da|di|du|bin|al) ?| )(?:[A-ZÀ-ÖØ-Þ][\w’'-]+ ?)+"
)
_SENTENCE_START = re.compile(r"(?:^|[.!?…:»”\"]\s+|\n)$")
_SMALL = 10
"""Whole numbers below this are as often written out, and are not looked for."""


@dataclass(frozen=True)
class Claim:
    """Something that the article does not have."""

    rule: str
    label: str
    shown: str
    start: int
    end: int


class Article:
    """A source that a story is held against."""

    def __init__(self, text: str) -> None:
        self._text = text

    def unsupported(self, text: str, *, same_language: bool) -> Iterator[Claim]:
        """What `text` states that the article does not."""
        for value, shown, start, end in _numbers(text):
            if value >= _SMALL or value != int(value):
                known = any(_rounds_to(other, value, shown) for other in self._values)
                if not known:
                    yield Claim("claim/number", "a number that the article does not have", shown, start, end)
        if not same_language:
            return
        for match in _QUOTE.finditer(text):
            said = str(match.lastgroup)
            words, shown = _plain(match[said]), match[said]
            if len(words.split()) >= 3 and words not in self._plain:
                yield Claim("claim/quote", "a quotation that the article does not have", shown, *match.span(said))
        for shown, start, end in _names(text):
            if any(word not in self._words for word in _plain(shown).split() if len(word) > 2):
                yield Claim("claim/name", "a name that the article does not have", shown, start, end)

    @cached_property
    def _values(self) -> tuple[float, ...]:
        return tuple(value for value, *_ in _numbers(self._text))

    @cached_property
    def _plain(self) -> str:
        return _plain(self._text)

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(self._plain.split())


def _plain(text: str) -> str:
    return " ".join(word for word in spread(fold(text)).split() if word != ".")


def _numbers(text: str) -> Iterator[tuple[float, str, int, int]]:
    """Numbers with their values, as written, and where. A number with a scale (`1.2 million`) counts with it."""
    for match in _NUMBER.finditer(text):
        scale = _SCALE.match(text, match.end())
        word = scale[1].lower() if scale else ""
        # Chinese writes on behind its scales.
        factor = _FACTORS.get(word) or _FACTORS.get(word[:1], 1.0)
        yield _value(match.group()) * factor, match.group(), *match.span()


def _value(written: str) -> float:
    """`1,234` and `1.234` are thousands, `1,5` and `1.5` are decimals."""
    plain = re.sub(r"[' \u00a0\u202f]", "", written)
    marks = [sign for sign in plain if sign in ".,"]
    if not marks:
        return float(plain)
    whole, _, rest = plain.rpartition(marks[-1])
    grouped = re.sub("[.,]", "", whole)
    if len(rest) == 3 and (len(marks) == 1 or len(set(marks)) == 1):
        return float(grouped + rest)
    return float(f"{grouped}.{rest}")


def _rounds_to(exact: float, value: float, written: str) -> bool:
    """Whether the story's number is the article's, or that rounded to as many places as the story writes."""
    if exact == value:
        return True
    places = len(re.sub(r"\D", "", written).strip("0")) or 1
    return f"{exact:.{places - 1}e}" == f"{value:.{places - 1}e}"


def _names(text: str) -> Iterator[tuple[str, int, int]]:
    """Two or more capitalised words together; the first word of a sentence is left out of a name."""
    for match in _NAME.finditer(text):
        shown, start = match.group().rstrip(), match.start()
        if _SENTENCE_START.search(text[max(0, start - 4) : start]) or start == 0:
            first, _, shown = shown.partition(" ")
            start += len(first) + 1
            if " " not in shown:
                continue
        yield shown, start, start + len(shown)
