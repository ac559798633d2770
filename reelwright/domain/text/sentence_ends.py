"""Where sentences end among words that are set apart by spaces, and which marks belong to the word before or after.

For scripts without spaces a sentence ends inside a token; `STOPS` lists the signs for those who cut there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from .abbreviations import abbreviations_of, sentence_starters

STOPS = frozenset(".!?…。！？｡．؟۔।॥‼⁇⁈⁉")
"""Signs that end a sentence. The full stop has other uses too."""
_SURE_STOPS = frozenset("。！？｡؟۔।॥")
"""Signs that are used for nothing else, in scripts without capitals."""
_REVERSED_GUILLEMETS = frozenset({"cs", "da", "de", "hr", "hu", "sk", "sl", "sr"})
"""These point inwards: »so«. Swiss German points outwards, as French does."""
_LOW_FIRST = frozenset({"bg", "cs", "de", "et", "hr", "is", "lt", "lv", "ru", "sk", "sl", "sr", "uk"})
"""Their quotations begin low („) and end with what opens one in English (“)."""
_BOTH_WAYS = frozenset("\"'")
_DASHES = frozenset("-–—―")
_OTHER_OPENERS = frozenset("¿¡„‚")
_OTHER_CLOSERS = frozenset("*_†‡%‰")
_ORDINAL_STOPS = frozenset({"cs", "da", "de", "et", "fi", "hr", "hu", "lv", "nb", "no", "pl", "sk", "sl", "sr", "tr"})
"""Their ordinals are written with a full stop: "3. Mai"."""
_ROMAN = re.compile(r"[IVXLCDM]+")
_ROMAN_ORDINAL = re.compile(r"[IVXLC]{2,}|[VX]")
_DOTTED = re.compile(r"(?:[^\W\d_]{1,3}\.)+-?[^\W\d_]{1,3}")
_DOUBLED = re.compile(r"([A-Z])\1")
"""A plural, as in Spanish "EE. UU."."""
_PART = re.compile(r"[-/’'(]")


_THAI_SIGNS = ("ๆ", "ฯ")
"""Repetition and abbreviation, which are written behind a word, some with a space between."""


def sentence_ends(tokens: Sequence[str], language: str = "") -> list[bool]:
    """For each token whether a sentence ends after it; the last always ends one.

    Tokens are what stands between spaces. `language` is a BCP 47 tag. A mark that stands alone (French `»`, an emoji)
    belongs to the word before it and takes over its end; an opening mark, or a dash after an end, to the one after.
    """
    base = language.lower().split("-")[0]
    groups = _groups(tokens, language)
    ends = [False] * len(tokens)
    begun = True
    for position, (first, last) in enumerate(groups):
        spoken = next((at for at in range(first, last) if _speaks(tokens[at])), first)
        following = tokens[_spoken_in(tokens, groups[position + 1])] if position + 1 < len(groups) else ""
        before = tokens[first - 1] if first else ""
        numbering = begun and tokens[spoken].rstrip(".").isdigit() and bool(following)
        closed = not numbering and (
            _closes(tokens[spoken], before, following, base)
            or any(_closes(mark, "", following, base) for mark in tokens[spoken + 1 : last])
        )
        begun = ends[last - 1] = closed
    if ends:
        ends[-1] = True
    return ends


def bound_to_next(tokens: Sequence[str], language: str = "") -> list[bool]:
    """For each token whether it may not be parted from the next: an opening mark standing alone, or what comes before
    a closing mark, a stop, a unit sign or Thai's sign of repetition standing alone."""
    roles = _roles(tokens, language)
    return [
        roles[at] == "open"
        or roles[at + 1] == "close"
        or tokens[at + 1].startswith(_THAI_SIGNS)
        or (_ends_in_digit(token) and _is_unit(tokens[at + 1]))
        for at, token in enumerate(tokens[:-1])
    ] + [False] * bool(tokens)


def is_abbreviated(token: str, following: str, language: str = "") -> bool:
    """Whether the token's full stop belongs to the word, so that the two should stay together ("Dr. Lind")."""
    core = _core(token)
    return core.endswith(".") and not core.endswith("..") and not sentence_ends([token, following, ""], language)[0]


def _groups(tokens: Sequence[str], language: str) -> list[tuple[int, int]]:
    """Runs [first, last) of one word with the marks that stand alone beside it."""
    roles = _roles(tokens, language)
    groups: list[tuple[int, int]] = []
    first = 0
    for at in range(1, len(tokens)):
        has_word = any(roles[inner] == "word" for inner in range(first, at))
        stopped = any(_core(tokens[inner])[-1:] in STOPS for inner in range(first, at) if tokens[inner])
        begins = roles[at] in ("word", "open") or (roles[at] == "dash" and stopped)
        if has_word and begins:
            groups.append((first, at))
            first = at
    if tokens:
        groups.append((first, len(tokens)))
    return groups


def _roles(tokens: Sequence[str], language: str) -> list[str]:
    """What each token is: `word`, and of the marks that stand alone `open`, `close`, `dash` or `sign`."""
    roles: list[str] = []
    unclosed: set[str] = set()
    for token in tokens:
        if _speaks(token):
            roles.append("word")
        elif token and all(c in _DASHES for c in token):
            roles.append("dash")
        elif token and all(c in _BOTH_WAYS for c in token):
            # Straight quotation marks open and close by turns.
            roles.append("close" if token in unclosed else "open")
            unclosed ^= {token}
        elif token and opens(token[-1], language):
            roles.append("open")
        elif token and all(_shuts(c, language) for c in token):
            roles.append("close")
        else:
            roles.append("sign")
    return roles


def opens(mark: str, language: str = "") -> bool:
    """Whether a mark that stands alone opens a quotation, a bracket or a question in this language."""
    base = language.lower().split("-")[0]
    if mark in "«‹»›":
        inwards = base in _REVERSED_GUILLEMETS and not language.lower().startswith(("de-ch", "de-li"))
        return mark in ("»›" if inwards else "«‹")
    if mark in "“‘":
        return base not in _LOW_FIRST
    return mark in _OTHER_OPENERS or unicodedata.category(mark) in ("Ps", "Pi")


def _shuts(mark: str, language: str) -> bool:
    if mark in "«‹»›“‘”’":
        return not opens(mark, language)
    kind = unicodedata.category(mark)
    return mark in STOPS or mark in _OTHER_CLOSERS or kind in ("Pe", "Pf") or (kind == "Po" and mark not in "•·#@&¿¡")


def _speaks(token: str) -> bool:
    return any(c.isalnum() for c in token)


def _spoken_in(tokens: Sequence[str], group: tuple[int, int]) -> int:
    first, last = group
    return next((at for at in range(first, last) if _speaks(tokens[at])), first)


def _ends_in_digit(token: str) -> bool:
    return token[-1:].isdigit()


def _is_unit(token: str) -> bool:
    return bool(token) and all(unicodedata.category(c) == "Sc" or c in "%‰°′″" for c in token)


def _is_mark(c: str) -> bool:
    return c in _OTHER_CLOSERS or unicodedata.category(c) in ("Ps", "Pe", "Pi", "Pf") or c in "\"'¿¡„‚«»‹›“”‘’"


def _core(token: str) -> str:
    """A token without the quotation marks and brackets after it; without any of its own where there is nothing else."""
    end = len(token)
    while end and _is_mark(token[end - 1]):
        end -= 1
    return token[:end]


def _bare(token: str) -> str:
    begin = 0
    while begin < len(token) and _is_mark(token[begin]):
        begin += 1
    return token[begin:]


def _closes(token: str, before: str, following: str, base: str) -> bool:
    """Whether a sentence ends with a token; `before` and `following` are its neighbours, empty where there are none."""
    core = _core(token)
    if base == "el" and core.endswith(";"):
        core = core[:-1] + "?"
    if core[-1:] not in STOPS:
        return False
    if not following or core[-1] in _SURE_STOPS:
        return True
    if _bare(following)[:1].islower():
        return False
    word = _bare(core[:-1])
    if core[-1] != "." or word.endswith(".") or not _speaks(word):
        return True
    return _full_stop_ends(word, _bare(_core(before)).rstrip("."), following, base)


def _full_stop_ends(word: str, before: str, following: str, base: str) -> bool:
    starts = _is_starter(following, base)
    if word.isdigit() or _ROMAN_ORDINAL.fullmatch(word):  # "3. Mai", "Ludwig XIV. von Frankreich"
        return starts or not (base in _ORDINAL_STOPS and (len(word) <= 2 or not word.isdigit()))
    known = abbreviations_of(base)
    counts = _is_number(following) and not (base == "en" and _bare(following) == "I")
    if len(word) == 1 and word.isupper():
        # An initial ("J. Lind"), or a page ("S. 12"). English has a word of one capital letter.
        return (starts or (word == "I" and base == "en")) and not counts
    for key in _keys(word, before):
        if key in known.closing and (key not in known.joined or _is_number(before)):
            return not _is_abbreviation(following, known.closing)
        if key in known.either:
            return starts
        if key in known.joined:
            return False
        if key in known.numbered:
            return not counts
    if len(word) == 1 and word.isalpha():
        # Half of an abbreviation that is written with a space ("z. B."), or a page ("p. 5").
        return not (counts or re.match(r"[^\W\d_]\.", _bare(following)))
    return starts or not (_DOTTED.fullmatch(word) or _DOUBLED.fullmatch(word))


def _is_starter(token: str, base: str) -> bool:
    """Whether a word often begins a sentence; a single letter with a full stop is an initial."""
    word = _bare(token)
    initial = len(word.rstrip(".")) == 1 and word.endswith(".")
    return not initial and word.rstrip("\"'”’»),;:.!?…").lower() in sentence_starters(base)


def _is_number(token: str) -> bool:
    word = _bare(token)
    return bool(re.match(r"[#§№]?\d", word)) or bool(_ROMAN.fullmatch(word.rstrip(".,;:)")))


def _keys(word: str, before: str) -> list[str]:
    """How the word may stand in the tables: with the half before it ("т. д."), whole, its last part ("Dipl.-Ing.")."""
    plain = word.lower()
    pair = [f"{before.lower()}.{plain}"] if before and len(before) <= 6 and len(plain) <= 3 else []
    return [*pair, plain, _PART.split(plain)[-1]]


def _is_abbreviation(token: str, table: frozenset[str]) -> bool:
    core = _core(token)
    return core.endswith(".") and core[:-1].lower() in table
