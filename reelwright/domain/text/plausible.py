"""Whether a decoded text looks like language, or like the bytes of another encoding."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

MAX_ODD = 0.15
"""A text whose `oddness` is above this is taken for badly decoded."""
_WORD = re.compile(r"[^\W\d_]+")
# Signs that stand between two letters only in mojibake; the middle dot is Catalan, the apostrophe everybody's.
_WITHIN = re.compile(r"(?<=[^\W\d_])[\x80-\x9f¡-¬®-¶¸-¿×÷†‡•‰‹›€™˜ˆ…“”„‚]+(?=[^\W\d_])")
_PARTED = re.compile("[\u4e00-\u9fff] (?=[\u4e00-\u9fff])")
_CYRILLIC_COMMON = frozenset("оеаинтсрвлкмдпуіъђјЬЮ")
_MIN_CYRILLIC = 20


def oddness(text: str) -> float:
    """How much of what is beyond ASCII is odd, 0 to about 2: unused signs, symbols inside words, mixed scripts
    and capitals within a word, words of accents only, letters and signs that are rare in every language."""
    beyond = [char for char in text if char > "\x7f"]
    if not beyond:
        return 0.0
    odd = 2.0 * sum(1 for char in beyond if char == "\ufffd" or unicodedata.category(char) in ("Cc", "Cn", "Co", "Cs"))
    odd += sum(2.0 * len(match.group()) for match in _WITHIN.finditer(text))
    for match in _WORD.finditer(text):
        if not match.group().isascii():
            odd += _odd_word(match.group())
    # Koreans set spaces between their words; read as Chinese, those are Chinese signs with spaces between.
    odd += sum(2.0 for _ in _PARTED.finditer(text))
    return (odd + _rare_cyrillic(beyond) + _rare_chinese(beyond)) / len(beyond)


def _odd_word(word: str) -> float:
    odd = 0.0
    accents = sum(1 for char in word if "\x7f" < char <= "\u024f")
    alphabets = {name for char in word if (name := _alphabet(char))}
    if len(alphabets) > 1:
        odd += sum(1 for char in word if char > "\x7f")
    if len(word) >= 5 and accents > 0.6 * len(word) and not any("\u1e00" <= char <= "\u1eff" for char in word):
        odd += accents
    flips = sum(1 for left, right in pairwise(word) if left.islower() and right.isupper() and max(left, right) > "\x7f")
    return odd + 2.0 * flips * (len(word) > 2)


def _alphabet(char: str) -> str:
    """The alphabet of a letter, among those that do not stand together in a word; nothing for other scripts."""
    if char <= "\u024f" or "\u1e00" <= char <= "\u1eff":
        return "latin"
    if "\u0370" <= char <= "\u03ff":
        return "greek" if char not in "μπ" else ""
    if "\u0400" <= char <= "\u052f":
        return "cyrillic"
    return "semitic" if "\u0590" <= char <= "\u06ff" else ""


def _rare_cyrillic(beyond: list[str]) -> float:
    letters = [char.lower() for char in beyond if "\u0400" <= char <= "\u052f"]
    if len(letters) < _MIN_CYRILLIC:
        return 0.0
    common = sum(1 for char in letters if char in _CYRILLIC_COMMON) / len(letters)
    capitals = sum(1 for char in beyond if "\u0400" <= char <= "\u042f") / len(letters)
    # KOI8-R and Windows-1251, each read as the other, turn small letters into capitals.
    return len(letters) * (max(0.0, 0.65 - common) * 2 + 0.1 * (capitals > 0.6))


def _rare_chinese(beyond: list[str]) -> float:
    signs = [
        char
        for char in beyond
        if "\u3400" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7ff" or "\uff61" <= char <= "\uff9f"
    ]
    if not signs:
        return 0.0
    rare = sum(1 for char in signs if not _is_common(char)) / len(signs)
    return len(signs) * max(0.0, rare - 0.2) * 2


def _is_common(char: str) -> bool:
    """Whether a sign is among the 3,755 to 5,401 that the first national standards put first."""
    if "\uff61" <= char <= "\uff9f":
        return False
    for codec, first, last in (
        ("gb2312", 0xB0, 0xD7),
        ("euc_jp", 0xB0, 0xCF),
        ("big5", 0xA4, 0xC6),
        ("euc_kr", 0xB0, 0xC8),
    ):
        data = char.encode(codec, "ignore")
        if len(data) == 2 and first <= data[0] <= last:
            return True
    return False
