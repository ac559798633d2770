"""Japanese in kana: espeak-ng reads kana, and speaks "Chinese letter" for each sign of Chinese writing.

Readings are those of Sudachi's dictionary (extra `japanese`). Without it a text stays as it is.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from reelwright.domain.text.spoken.numerals import MAX_DIGITS, cardinal

if TYPE_CHECKING:
    from sudachipy import Dictionary

_READ = re.compile("[\u3005-\u3007\u3041-\u3096\u3400-\u9fff\uf900-\ufaff0-9０-９]")
"""Chinese signs, digits, and hiragana, of which some are particles."""
_KATAKANA = re.compile("[\u30a0-\u30ff]+")
_NUMBER = re.compile(r"[0-9０-９]{1,3}(?:,[0-9]{3})+|[0-9０-９]+")
_NUMERALS = "一二三四五六七八九十"
_DAY = re.compile(f"月([{_NUMERALS}]{{1,4}})日")
_DAYS = {
    "一": "ツイタチ", "二": "フツカ", "三": "ミッカ", "四": "ヨッカ", "五": "イツカ", "六": "ムイカ", "七": "ナノカ",
    "八": "ヨウカ", "九": "ココノカ", "十": "トオカ", "十四": "ジュウヨッカ", "二十": "ハツカ",
    "二十四": "ニジュウヨッカ",
}  # fmt: skip
_PARTICLES = {"は": "ワ", "へ": "エ", "を": "オ"}
_BEFORE_COUNTERS = {
    ("ヨン", "時"): "ヨ", ("ヨン", "月"): "シ", ("ヨン", "人"): "ヨ", ("ヨン", "年"): "ヨ", ("ナナ", "時"): "シチ",
    ("ナナ", "月"): "シチ", ("キュウ", "時"): "ク", ("キュウ", "月"): "ク",
}  # fmt: skip
"""Numbers that sound otherwise before some counters: 四時 is yoji."""


class Reading(NamedTuple):
    """The spoken form from character `at` of a text on, up to the next reading."""

    at: int
    said: str


def readings(text: str) -> list[Reading]:
    """The text word by word, its Chinese signs and digits as kana, and particles as they are spoken; marks and other
    writing stay. One reading of all of it where nothing needs a dictionary, or there is none."""
    if not _READ.search(text) or (dictionary := _dictionary()) is None:
        return [Reading(0, text)] if text else []
    spelled, origins = _spelled(text)
    morphemes = list(dictionary.tokenizer().tokenize(spelled))
    found: list[Reading] = []
    for morpheme, after in zip(morphemes, [*morphemes[1:], None], strict=True):
        surface, said = morpheme.surface(), morpheme.reading_form()
        if morpheme.part_of_speech()[0] == "助詞":
            said = _PARTICLES.get(surface, said)
        elif _KATAKANA.fullmatch(said) and any(char.isalnum() for char in surface):
            said = _counting(said, after.surface() if after else "")
        else:
            said = surface
        at = origins[morpheme.begin()]
        if found and found[-1].at == at:  # a number of several words
            found[-1] = Reading(at, found[-1].said + said)
        else:
            found.append(Reading(at, said))
    return found


def _spelled(text: str) -> tuple[str, list[int]]:
    """The text with its numbers in words, and for each of its characters where in `text` it comes from."""
    origins = list(range(len(text)))
    for pattern, words in ((_NUMBER, _number), (_DAY, _day)):
        spelled, kept, at = "", list[int](), 0
        for found in pattern.finditer(text):
            said = words(found)
            spelled += text[at : found.start()] + said
            kept += origins[at : found.start()] + [origins[found.start()]] * len(said)
            at = found.end()
        text, origins = spelled + text[at:], kept + origins[at:]
    return text, origins


def _counting(reading: str, counter: str) -> str:
    for (ending, following), spoken in _BEFORE_COUNTERS.items():
        if following == counter and reading.endswith(ending):
            return reading.removesuffix(ending) + spoken
    return reading


def _number(found: re.Match[str]) -> str:
    digits = found[0].replace(",", "")
    return found[0] if len(digits) > MAX_DIGITS else cardinal(int(digits), "ja")


def _day(found: re.Match[str]) -> str:
    return f"月{_DAYS.get(found[1], found[1] + 'ニチ')}"


@cache
def _dictionary() -> Dictionary | None:
    try:
        from sudachipy import Dictionary
    except ImportError:
        return None
    return Dictionary(dict="small")
