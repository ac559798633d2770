"""The phrases of scripts that put no spaces between words (Japanese, Chinese, Thai): a line may end between two of
them, and each has a time of its own.

The phrases are found by `budoux` (small trained models that come with it); what no line may begin or end with is kept
together after the rules of the script (JLReq 3.1.7 and 3.1.8; https://www.w3.org/TR/jlreq/).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    import budoux

_UNSPACED = regex.compile(r"[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}]")
# A stretch of one kind: a script without spaces (with its punctuation), or anything else.
_STRETCH = regex.compile(
    r"(?P<th>\p{sc=Thai}+)"
    r"|(?P<cjk>[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}ー々〆\u3000-\u303f\uff00-\uffef]+)"
    r"|(?P<other>[^\p{sc=Thai}\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\u3000-\u303f\uff00-\uffef]+)"
)
_KANA = regex.compile(r"[\p{sc=Hira}\p{sc=Kana}]")
_HANGUL = regex.compile(r"\p{sc=Hang}")
_HAN = regex.compile(r"\p{sc=Han}")
_NOT_FIRST = regex.compile(
    r"[\p{Pe}\p{Pf}\p{Po}ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ%％°ๆฯ]|[的了着过過们們吗嗎吧呢](?!\w\w)"
)
# A number and what it counts ("3个", "2026年") are one.
_NOT_LAST = regex.compile(r".*[\p{Ps}\p{Pi}#$€£¥＃＄￥\p{Nd}]$", regex.DOTALL)


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


def phrases(word: str, language: str) -> list[str]:
    """A word (what stands between two spaces) in pieces a line may end between; itself where its script has spaces."""
    if not _UNSPACED.search(word):
        return [word]
    pieces: list[str] = []
    for stretch in _STRETCH.finditer(word):
        text = stretch.group()
        if stretch.lastgroup == "th":
            found = _parser("th").parse(text)
        elif stretch.lastgroup == "cjk":
            found = _parser(language).parse(text)
        else:
            found = [text]
        for piece in found:
            if pieces and (
                not piece.strip() or _NOT_FIRST.match(piece.lstrip()) or _NOT_LAST.match(pieces[-1].rstrip())
            ):
                pieces[-1] += piece
            else:
                pieces.append(piece)
    return pieces


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
