"""Text that was decoded wrongly before it came to us: put right where that is certain, else refused."""

from __future__ import annotations

import re

from .decoding import Undecodable, decoded
from .plausible import MAX_ODD, oddness

_REPLACED = "\ufffd"
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_EASTERN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7ff\uff61-\uff9f]")
_READ_AS = ("cp932", "gb18030", "big5hkscs", "cp949", "mac_roman", "cp1251", "cp1253", "cp437", "cp866", "koi8_r")
# UTF-8 of kana and kanji read as Shift_JIS or GBK: these begin every second sign.
_EASTERN_LEADS = frozenset("縺繧繝譁譛蜿荳螟髟隱鬮銆鈥鍙锛鐨璁")
_TURNED = re.compile("\\b[а-яё][А-ЯЁ]{2}")
_FEW_LETTERS = 12
_REFUSED_ODD = 0.5


def repaired(text: str) -> str:
    """The text without mojibake. A text without any comes back as it is.

    Raises `Undecodable` when letters are lost or it still reads like the bytes of another encoding.
    """
    if text.isascii():
        return text
    from ftfy import fix_encoding
    from ftfy.badness import is_bad

    text = _without_replaced(text)
    if is_bad(text):
        text = _without_replaced(fix_encoding(text))
    text = _twice_encoded(text)
    if oddness(text) > MAX_ODD / 2:
        text = _misread_code_page(text)
    letters = sum(1 for char in text if char > "\x7f" and char.isalpha())
    if letters >= _FEW_LETTERS and oddness(text) > _REFUSED_ODD:
        raise Undecodable("it was decoded wrongly before it came here")
    return text


def _without_replaced(text: str) -> str:
    lost = text.count(_REPLACED)
    if not lost:
        return text
    letters = sum(1 for char in text if char > "\x7f" and char.isalpha())
    if lost > max(2, letters // 50):
        raise Undecodable(f"{lost} letters of it were lost before it came here")
    return text.replace(_REPLACED, "")


def _twice_encoded(text: str) -> str:
    """UTF-8 that was read as another encoding. Chance makes no valid UTF-8 of all the signs of a text."""
    for codec in _READ_AS:
        try:
            pieces = [run.encode(codec).decode("utf-8") for run in _BEYOND_ASCII.findall(text)]
        except UnicodeError:
            continue
        found = iter(pieces)
        read = _BEYOND_ASCII.sub(lambda _, found=found: next(found), text)  # type: ignore[misc]
        if oddness(read) <= oddness(text):
            return read
    signs = _EASTERN.findall(text)
    if sum(1 for sign in signs if sign in _EASTERN_LEADS) > max(3.0, 0.15 * len(signs)):
        raise Undecodable("it was decoded wrongly before it came here")
    return text


def _misread_code_page(text: str) -> str:
    """Another code page's bytes that were read as a wrong one: `Ñòàðûé` was `Старый`."""
    # KOI8-R read as Windows-1251 has small first letters and capitals behind them.
    for codec in ("cp1252", "cp1251") if _TURNED.search(text) else ("cp1252",):
        try:
            read = decoded(b"".join(_byte_of(char, codec) for char in text))
        except (UnicodeEncodeError, Undecodable):
            continue
        if oddness(read) <= min(MAX_ODD, oddness(text) / 2):
            return read
    return text


def _byte_of(char: str, codec: str) -> bytes:
    return char.encode(codec, "ignore") or char.encode("latin-1")
