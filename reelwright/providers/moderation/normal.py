"""Undoes the ways in which words are disguised, so that a list of plain words is enough.

Every disguise is undone in a *view* of its own beside the plain one: `mp3` must stay `mp3` somewhere, and `h3ll0` must
become `hello` somewhere. Views are words with one space between them, and a full stop between sentences. Every Han sign
is a word of its own; Arabic words are without their article.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_LEET_L = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "l"})
# A token with a letter and, not at its end, something that can stand for one.
_LEET_TOKEN = re.compile(r"(?<![^\s\"'(])(?=\S*[^\W\d_])(?=\S*[0134578@$!]\S)[\w@$!]*[\w@$]|\b[^\W\d_]+[013457]+\b")
# Letters of other scripts that look like Latin ones (a few of Unicode's confusables.txt, UTS 39): Cyrillic, Greek,
# Armenian, Cherokee (whose small letters fold to capitals).
_LOOKALIKES = {
    **dict(zip("аеорсухіјѕԁԛԝһкмтвнпгьүӏ", "aeopcyxijsdqwhkmtbhnrbyl", strict=True)),
    **dict(zip("αορνικτυεηγχωσβ", "aopviktuenyxwob", strict=True)),
    **dict(zip("հոսցօզ", "hnugoq", strict=True)),
    **dict(zip("ᎠᎡᎢᎪᎫᎬᎳᎷᎻᏀᏃᏚᏟᏢᏞᏦᏴ", "drtajewmhgzscplkb", strict=True)),
}
_LATIN = str.maketrans(_LOOKALIKES)
_FOREIGN_CLASS = "".join(_LOOKALIKES)
_ANY_FOREIGN = re.compile(f"[{_FOREIGN_CLASS}]")
_MIXED = re.compile(rf"\b(?=\w*[a-z])\w*[{_FOREIGN_CLASS}]\w*\b")
_WHOLLY = re.compile(rf"\b[{_FOREIGN_CLASS}]{{3,}}\b")
_ASCII_LETTER = re.compile(r"[a-z]")
# Latin letters that Unicode does not decompose, and letters in circles, squares and flags.
_PLAIN = str.maketrans("ıɪɩɑɡøłđħŧʟᴀʙᴄᴅᴇꜰɢʜᴊᴋᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɛɔʋ", "iiiagoldhtlabcdefghjkmnoprstuvwyzeov") | {
    first + place: chr(ord("a") + place) for first in (0x1F150, 0x1F170, 0x1F1E6) for place in range(26)
}
_ARABIC_TATWEEL = {0x0640: None}
# Arabic: the forms of yeh, teh marbuta and waw that are written for one another.
_ARABIC = str.maketrans("ىةیک", "يهيك")
_ARTICLE = re.compile(r"^[وف]?(?:ال|لل|بال|كال)(?=\w{3})")
_DEVANAGARI_KEPT = range(0x0900, 0x0980)
_NUKTA = 0x093C
_SIGN = r"[^\w\s@$\u0900-\u109f]"  # vowels of Indic scripts are no letters to `re`
_SPACED = re.compile(rf"(?<!\w)(?:[\w@$](?:(?:{_SIGN}|[ _]){{1,2}})){{3,}}[\w@$](?!\w)")
# A sign within a word: `bo.mb`, `self-harm`.
_INSIDE = re.compile(rf"(?<=[^\W\d_])(?:(?!!){_SIGN}){{1,2}}(?=[^\W\d_])")
_WORD = r"(?:[^\W_]|[\u0900-\u0963\u0966-\u097f])+"
_WORDS = re.compile(rf"{_WORD}|[.!?…](?=\s|$)|[。｡।॥؟]|\n\s*\n")
_END = re.compile(r"[^\w\u0900-\u097f]|[।॥]")
_HAN = re.compile(r"([\u3400-\u4dbf\u4e00-\u9fff])")
_LONG_RUN = re.compile(r"([^\W\d_])\1{2,}")
_APOSTROPHES = str.maketrans("", "", "'’`´")


@dataclass(frozen=True)
class Views:
    """`texts` are the views of a text; `runs` the words that were written letter by letter."""

    texts: tuple[str, ...]
    runs: tuple[str, ...]


def views(text: str) -> Views:
    """All views of `text`, the plain one first, without repetitions."""
    folded = fold(text)
    runs: list[str] = []

    def join(match: re.Match[str]) -> str:
        run = "".join(char for char in match.group() if char.isalnum() or char in "@$")
        if any(char.isalpha() for char in run):
            runs.append(run)
        return run

    def join_all_but_first(match: re.Match[str]) -> str:
        run = join(match)
        return f"{run[0]} {run[1:]}"

    joined = _SPACED.sub(join, folded)
    # In `a b o m b` the first letter is a word of its own.
    apart = _SPACED.sub(join_all_but_first, folded) if runs else joined
    found = [folded, joined, apart]
    found += [_INSIDE.sub("", joined)] if _INSIDE.search(joined) else []
    found += [_latin(folded)] if _ASCII_LETTER.search(folded) and _WHOLLY.search(folded) else []
    for source, table in ((joined, _LEET), (joined, _LEET_L), (apart, _LEET)):
        if any(not token.isalpha() and _LEET_TOKEN.search(token) for token in set(source.split())):
            found.append(_LEET_TOKEN.sub(lambda match, table=table: match.group().translate(table), source))  # type: ignore[misc]
    found += [_LONG_RUN.sub(r"\1", each) for each in dict.fromkeys(found[1:]) if _LONG_RUN.search(each)]
    plain_runs = [run.translate(table) for run in runs for table in (_LEET, _LEET_L)]
    return Views(
        texts=tuple(dict.fromkeys(spread(each) for each in dict.fromkeys(found))),
        runs=tuple(dict.fromkeys(plain_runs)),
    )


def fold(text: str) -> str:
    """Lower case without accents, ligatures, full-width forms, invisible characters and look-alike letters."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = decomposed.translate({ord(char): _folded(char) for char in set(decomposed) if not char.isascii()})
    text = text.casefold().translate(_APOSTROPHES)
    if text.isascii():
        return text
    text = text.translate(_PLAIN)
    return _MIXED.sub(lambda match: _latin(match.group()), text) if _ANY_FOREIGN.search(text) else text


def _folded(char: str) -> str | None:
    """One character of a decomposed text; None where it goes."""
    code, kind = ord(char), unicodedata.category(char)
    # Mn: accents and the like; Cf: zero-width and direction marks, soft hyphens, tags. In Devanagari vowels are marks.
    if kind == "Cf" or (kind == "Mn" and (code not in _DEVANAGARI_KEPT or code == _NUKTA)):
        return None
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    if code in _ARABIC_TATWEEL:
        return None
    return "\u0902" if code == 0x0901 else char.translate(_ARABIC)


def _latin(text: str) -> str:
    return text.translate(_LATIN)


def spread(folded: str) -> str:
    """Only words, one space apart, `.` between sentences."""
    words = ["." if _END.match(word) else word for word in _WORDS.findall(folded)]
    if folded.isascii():
        return " ".join(words)
    return " ".join(_apart(word) for word in words)


def _apart(word: str) -> str:
    """A word as views have it: Han signs one by one, Arabic without its article."""
    if "\u0621" <= word[0] <= "\u06d3":
        return _ARTICLE.sub("", word)
    return " ".join(_HAN.sub(r" \1 ", word).split())
