"""A thumbnail's text: the part of the title that is short enough, and the word or number in it that is stressed.

A number comes first, with its sign, its unit and its magnitude word (CLDR's compact forms). Without one it is the
rarest content word. Word frequencies are not at hand for every language, so rarity is judged by what is: function
words never, words among a language's commonest last, then the longest (G. Zipf's law of abbreviation, 1935).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import regex  # type: ignore[import-untyped, unused-ignore]
from babel import Locale, UnknownLocaleError

from reelwright.domain.text.function_words import common_words, stop_words
from reelwright.domain.text.phrases import language_of, phrases

LONG = 46
"""Characters: a longer title is set without its subtitle where it has one. Wide signs (UAX #11) count twice."""
_LEAST_PART = 12
_SUBTITLE = regex.compile(r"\s*(?:\s[|–—]\s|\s-\s|[:：](?=\s|\p{Han}|\p{Hira}|\p{Kana})|[｜—])\s*")
_ASIDE = regex.compile(r"\s*[(（\[【][^)）\]】]*[)）\]】]\s*$")
_OPENING, _CLOSING = r"[\p{Ps}\p{Pi}\"'¿¡]*", r"[\p{Pe}\p{Pf}\"'.,:;!?…。、！？：；]*"
_NUMBER = regex.compile(
    rf"^{_OPENING}(?P<number>(?P<sign>[\p{{L}}]{{0,2}}\p{{Sc}}|[#№+−-])?\d(?:[\d.,:'’٫٬/]*\d)?"
    rf"(?P<unit>[%％٪‰°]\p{{L}}?|\p{{Sc}}|[\p{{L}}\p{{M}}]{{1,3}}\b)?){_CLOSING}$"
)
_UNIT = regex.compile(rf"^(?P<unit>[%％٪‰]|\p{{Sc}}|°[CFК]?|percent|per cent){_CLOSING}$")
_COUNTED = regex.compile(
    r"(?:\p{Sc}?\d(?:[\d.,]*\d)?[%％]?[十百千万萬億亿兆]*"
    r"(?:[%％]|分[钟鐘間]|小[时時]|時間|[つ個个種种年月日分秒天歳岁人本回次倍円元块件步歩招]|가지|개|명|년|원|분)?"
    r"|[一二三四五六七八九十百千万两兩]+(?:分[钟鐘間]|小[时時]|[個个種种天岁招つ]))"
)
_ASKED = regex.compile(r"[为為][什甚][么麼]|[怎什甚][么麼]样?|如何|[怎]样")
_RUN = regex.compile(r"\p{Han}{2,}|[\p{Kana}ー]{2,}|\p{Thai}{2,}|\p{Latin}{3,}")
_WORD = regex.compile(r"\S+")


@dataclass(frozen=True)
class Headline:
    """A text in three parts, of which the middle one is stressed; that one is empty where nothing stands out."""

    before: str
    strong: str
    after: str

    @property
    def text(self) -> str:
        """All of it."""
        return self.before + self.strong + self.after

    @property
    def hook(self) -> str:
        """What may stand for the title in a picture that leaves no room for it; a bare number with the word that it
        counts."""
        if not self.strong:
            return self.text
        counts = regex.match(r"\s[^\s\p{P}\d]{2,12}(?!\S)", self.after)
        return self.strong + counts.group() if counts and self.strong.isdecimal() else self.strong


def headline(title: str, language: str = "") -> Headline:
    """A title (one line) as a thumbnail sets it."""
    text = _short(title)
    begin, end = _stressed(text, language)
    return Headline(text[:begin], text[begin:end], text[end:])


def _cells(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def _short(title: str) -> str:
    """A long title without what stands in brackets at its end, and only its main part: the one with a number, or else
    the first."""
    if _cells(title) <= LONG:
        return title
    bare = _ASIDE.sub("", title)
    parts = [part for part in _SUBTITLE.split(bare) if _cells(part) >= _LEAST_PART]
    if _cells(bare) <= LONG or len(parts) < 2:
        return str(bare) if _cells(bare) >= _LEAST_PART else title
    return next((str(part) for part in parts if regex.search(r"\d", part)), str(parts[0]))


def _stressed(text: str, language: str) -> tuple[int, int]:
    """From where to where the stressed part reaches; twice the same place where there is none."""
    tongue = language_of(text, language)
    words = [(match.start(), match.end()) for match in _WORD.finditer(text)]
    found = _number(text, words, tongue) or _counted(text)
    if found is None and len(words) > 2:
        found = _rarest(text, words, tongue)
    elif found is None and words:
        found = _longest_run(text, tongue)
    # All of it is no stress, nor is nearly all of it.
    if found is None or found[1] - found[0] > 0.7 * len(text):
        return 0, 0
    return found


def _number(text: str, words: list[tuple[int, int]], language: str) -> tuple[int, int] | None:
    """The first number that stands as a word, with what belongs to it."""
    for at, (begin, end) in enumerate(words):
        match = _NUMBER.match(text[begin:end])
        if match is None:
            continue
        first, last = begin + match.start("number"), begin + match.end("number")
        money = bool(match["sign"] or match["unit"])
        following = words[at + 1 :]
        if following and last == end:
            word = text[slice(*following[0])]
            unit = _UNIT.match(word)
            bare = regex.sub(r"[\p{P}\p{S}]+$", "", word)
            if bare.casefold() in _magnitudes(language.split("-")[0]):
                last, money = _large(text, following, language), True
            elif unit:
                last, money = following[0][0] + unit.end("unit"), True
        if at and not money and _is_name(text[slice(*words[at - 1])], language):
            first = words[at - 1][0]
        return first, last
    return None


def _large(text: str, following: list[tuple[int, int]], language: str) -> int:
    """Where the magnitude words (and one unit) that follow a number end."""
    last = following[0][0]
    for begin, end in following:
        word = text[begin:end]
        bare = regex.sub(r"[\p{P}\p{S}]+$", "", word)
        unit = _UNIT.match(word)
        if unit or bare.casefold() not in _magnitudes(language.split("-")[0]):
            return begin + unit.end("unit") if unit else last
        last = begin + len(bare)
        if bare != word:
            break
    return last


def _is_name(word: str, language: str) -> bool:
    """Whether a word before a number makes one name with it: Apollo 11, Top 10."""
    named = word[:1].isupper() and word[-1:].isalnum() and not language.startswith("de")
    return named and word.casefold() not in stop_words(language)


@lru_cache(maxsize=64)
def _magnitudes(language: str) -> frozenset[str]:
    """The words and signs that make a number large in a language: million, Mrd., लाख, مليون."""
    try:
        locale = Locale.parse(language.replace("-", "_")) if language else Locale("en")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    patterns = (
        pattern.pattern
        for forms in locale.compact_decimal_formats.values()
        for plurals in forms.values()
        for pattern in plurals.values()
    )
    stripped = (regex.sub(r"[0'\u00a0\u200f\u200e.]+", " ", pattern).split(";")[0].split() for pattern in patterns)
    return frozenset(word.casefold() for words in stripped for word in words)


def _counted(text: str) -> tuple[int, int] | None:
    """A number inside a text without spaces, with its counter; not one that is part of a name (B2B, COVID-19)."""
    for match in _COUNTED.finditer(text):
        before = text[: match.start()][-1:]
        if not (regex.match(r"[\p{Latin}\p{Cyrillic}\p{Greek}\d-]", before)):
            behind = text[match.end() :][:1]
            if not regex.match(r"[\p{Latin}\p{Cyrillic}\p{Greek}\p{Arab}\p{Deva}\d-]", behind):
                return int(match.start()), int(match.end())
    return None


def _rarest(text: str, words: list[tuple[int, int]], language: str) -> tuple[int, int] | None:
    stops, common = stop_words(language), common_words(language)
    names = _names(text, words, language)
    if names:
        return names
    best: tuple[tuple[bool, int, int], tuple[int, int]] | None = None
    for at, (begin, end) in enumerate(words):
        word = text[begin:end]
        bare = word.strip("".join(c for c in word if unicodedata.category(c)[0] in "PS"))
        low = bare.casefold().replace("’", "'")
        signs = sum(c.isalnum() for c in bare)
        if signs < 2 or low in stops or low.split("'")[-1] in stops:
            continue
        rank = low not in common, signs, at
        if best is None or rank > best[0]:
            # l'horloge: what is stressed begins behind the article.
            apart = regex.match(r"\p{L}{1,2}['’](?=\p{L}{3})", bare)
            start = begin + word.index(bare)
            best = rank, (start + (apart.end() if apart else 0), start + len(bare))
    return best[1] if best else None


def _names(text: str, words: list[tuple[int, int]], language: str) -> tuple[int, int] | None:
    """The longest row of capitalised words inside a title that is not capitalised throughout: a name. Not in German,
    whose nouns all are."""
    if language.startswith("de"):
        return None
    inner = words[1:]
    written = [text[begin:end] for begin, end in inner]
    upper = [bool(regex.match(r"\p{P}*\p{Lu}\p{Ll}", word)) for word in written]
    lower = sum(bool(regex.match(r"\p{P}*\p{Ll}", word)) for word in written)
    content = sum(
        bool(regex.match(r"\p{P}*\p{Ll}", word)) and word.casefold() not in stop_words(language) for word in written
    )
    if not any(upper) or not content or sum(upper) > lower:
        return None
    rows: list[tuple[int, int]] = []
    for (begin, end), named in zip(inner, upper, strict=True):
        ends = regex.search(r"\p{P}+$", text[begin:end])
        if named and rows and text[rows[-1][1] : begin] == " ":
            rows[-1] = rows[-1][0], end - (len(ends.group()) if ends else 0)
        elif named:
            starts = regex.match(r"\p{P}*", text[begin:end])
            rows.append((begin + starts.end(), end - (len(ends.group()) if ends else 0)))
    return max(rows, key=lambda row: row[1] - row[0])


def _longest_run(text: str, language: str) -> tuple[int, int] | None:
    """Where no spaces part the words: the longest run of one kind of letter that a phrase begins with."""
    found: list[tuple[int, int, int]] = []
    at = 0
    for word in regex.split(r"(\s+)", text):
        for phrase in phrases(word, language) if word.strip() else [word]:
            match = _RUN.search(phrase)
            if match and not _ASKED.match(phrase) and regex.search(r"[\p{Han}\p{Kana}\p{Thai}]", phrase):
                found.append((len(match.group()), at + match.start(), at + match.end()))
            at += len(phrase)
    if len(found) < 2:
        return None
    length, begin, end = max(found, key=lambda one: one[0])
    # A sign that is left alone behind it belongs to it.
    alone = regex.match(r"\p{Han}(?![\p{Han}\p{Hira}\p{Kana}])", text[end:])
    end += 1 if alone else 0
    return (begin, end) if length >= 2 else None
