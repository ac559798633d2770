"""The phrases of scripts that put no spaces between words: a line may end between two of them, and each has a time of
its own.

Those of Japanese, Chinese and Thai are found by `budoux` (small trained models that come with it). In Chinese and Thai
those models also cut words in two, so a phrase ends there only where a word of ICU's dictionaries does. In Burmese,
Khmer and Lao the words of ICU's dictionaries are the phrases. What no line may begin or end with is
kept together after the rules of the script (JLReq 3.1.7 and 3.1.8; https://www.w3.org/TR/jlreq/).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    import budoux

_UNSPACED = regex.compile(r"[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Mymr}\p{sc=Khmr}]")
# A stretch of one kind: a script without spaces (with its punctuation), or anything else.
_STRETCH = regex.compile(
    r"(?P<th>\p{sc=Thai}+)"
    r"|(?P<words>[\p{sc=Laoo}\p{sc=Mymr}\p{sc=Khmr}]+)"
    r"|(?P<cjk>[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}ー々〆\u3000-\u303f\uff00-\uffef]+)"
    r"|(?P<other>[^\p{sc=Thai}\p{sc=Laoo}\p{sc=Mymr}\p{sc=Khmr}\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\u3000-\u303f\uff00-\uffef]+)"
)
_KANA = regex.compile(r"[\p{sc=Hira}\p{sc=Kana}]")
_HANGUL = regex.compile(r"\p{sc=Hang}")
_HAN = regex.compile(r"\p{sc=Han}")
_NOT_FIRST = regex.compile(
    r"[\p{Pe}\p{Pf}\p{Po}\p{Pd}ー〜～々ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ%％°℃ๆฯ]|[的了着过過们們吗嗎吧呢](?!\w\w)"
)
# A number and what it counts ("3个", "2026年", "第一本") are one.
_NOT_LAST = regex.compile(
    r".*[\p{Ps}\p{Pi}#$€£¥＃＄￥\p{Nd}]$|(?:.*[^\p{sc=Han}])?[第几幾数兩两〇一二三四五六七八九十百千万萬亿億]+$|.*[百千万萬亿億]$",
    regex.DOTALL,
)
# A phrase may begin after punctuation, and with an opening mark, independent of the models.
_BEHIND_MARKS = regex.compile(r"(?<=[，、；：！？。…][\p{Pe}\p{Pf}]*)(?=[\p{Ps}\p{Pi}]*\p{Lo})")
_OPENING = regex.compile(r"(?<=[^\p{Ps}\p{Pi}])(?=[\p{Ps}\p{Pi}]+$)")


def language_of(text: str, declared: str = "") -> str:
    """The language (BCP 47) whose letter forms and breaks fit a text best: what the letters show, else `declared`."""
    if _KANA.search(text):
        return "ja"
    if _HANGUL.search(text):
        return "ko"
    if declared.lower().startswith("zh"):
        traditional = declared.lower() in ("zh-tw", "zh-hk", "zh-mo") or "hant" in declared.lower()
        return "zh-Hant" if traditional else "zh-Hans"
    if _HAN.search(text) and not declared.lower().startswith(("ja", "ko")):
        return "zh-Hans"
    return declared


def sets_no_spaces(text: str) -> bool:
    """Whether there is a script in it that puts no spaces between words."""
    return _UNSPACED.search(text) is not None


def phrases(word: str, language: str) -> list[str]:
    """A word (what stands between two spaces) in pieces a line may end between; itself where its script has spaces."""
    if not sets_no_spaces(word):
        return [word]
    pieces: list[str] = []
    for stretch in _STRETCH.finditer(word):
        text = stretch.group()
        if stretch.lastgroup == "other":
            pieces += _OPENING.split(text)
        elif stretch.lastgroup == "words":
            pieces += _words(text)
        else:
            pieces += _found(text, "th" if stretch.lastgroup == "th" else language)
    return kept_together(pieces)


def words_inside(phrase: str) -> list[str]:
    """A phrase in its words, for one that is longer than a line; itself where its script has spaces."""
    if not sets_no_spaces(phrase):
        return [phrase]
    return kept_together(_words(phrase))


def kept_together(pieces: Sequence[str]) -> list[str]:
    """The pieces, joined again where no line may end between two."""
    kept: list[str] = []
    for piece in pieces:
        if kept and (not piece.strip() or _NOT_FIRST.match(piece.lstrip()) or _NOT_LAST.match(kept[-1].rstrip())):
            kept[-1] += piece
        else:
            kept.append(piece)
    return kept


def _found(text: str, language: str) -> list[str]:
    """A stretch of one script in phrases."""
    ends = set(accumulate(map(len, _parser(language).parse(text))))
    if language != "ja":
        ends &= set(_word_ends(text))
    ends |= {mark.start() for mark in _BEHIND_MARKS.finditer(text)}
    places = sorted({0, *ends, len(text)})
    return [text[first:last] for first, last in pairwise(places)]


def _words(text: str) -> list[str]:
    return [text[first:last] for first, last in pairwise([0, *_word_ends(text)])]


def _word_ends(text: str) -> list[int]:
    """By ICU's dictionaries, which are chosen by the script, whatever the locale."""
    from icu4py.breakers import WordBreaker

    return list(accumulate(map(len, WordBreaker(text, "en"))))


@lru_cache(maxsize=4)
def _parser(language: str) -> budoux.Parser:
    import budoux

    if language == "th":
        return budoux.load_default_thai_parser()
    if language == "ja":
        return budoux.load_default_japanese_parser()
    if language == "zh-Hant":
        return budoux.load_default_traditional_chinese_parser()
    return budoux.load_default_simplified_chinese_parser()
