"""Addresses, handles, hashtags, signs between them, and emoji. All languages on offer have the words for them."""

from __future__ import annotations

import re
import unicodedata

from ..addresses import addresses
from ..marks import UNSPACED
from .line import Line
from .signs import SIGNS, Signs
from .tongue import Tongue

_HANDLE = re.compile(r"(?<![\w.])@([A-Za-z0-9_](?:[A-Za-z0-9_.]{0,60}[A-Za-z0-9_])?)")
_HASHTAG = re.compile(rf"(?:(?<![\w.])|(?<=[{UNSPACED}]))#([^\W\d_]\w{{0,100}})")
_NUMBER_SIGN = re.compile(r"(?<!\w)#(?=\d)")
_NO_HOST = re.compile(r"https?://[!-~]*", re.IGNORECASE)
"""A broken address is passed over, as far as its signs go; letters of other scripts behind it are text."""
_CAMEL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[A-Z])")
_PORT = re.compile(r":\d+$")
_EMOJI_LANGUAGES = frozenset({"en", "de", "es", "fr", "it", "pt", "ja", "ko", "fa", "id", "zh", "ru", "tr", "ar"})
_HEARTS = frozenset("❤♥💙💚💛🧡💜🖤🤍🤎")
_HEART = {"en": "love", "de": "liebe", "es": "amo", "it": "amo", "pt": "amo"}
_I = {"en": "i", "de": "ich", "es": "yo", "it": "io", "pt": "eu"}
_COUNT_DIGITS = 4
"""A number of so many digits before an emoji is a year rather than a count."""
MAX_EMOJI = 30
"""Of a scene of nothing but emoji so many are read."""


def online(core: str, language: str, tongue: Tongue | None) -> str | None:
    """The spoken form of a token with an address, a handle or a hashtag in it, or of an ampersand; nothing for any
    other."""
    if not any(sign in core for sign in "@#/&") and "www." not in core.lower():
        return None
    signs = SIGNS.get(language.split("-")[0])
    if signs is None:
        return None
    if core == "&":
        return signs.conjunction
    said, at = "", 0
    for address in addresses(core):
        if address.mail and tongue is None:
            continue
        before = _tags(core[at : address.start], signs, tongue)
        user = core[address.start : address.end].partition("@")[0] if address.mail else ""
        name = f"{_user(user)} {tongue.at} {_host(address.host, signs.dot)}" if address.mail and tongue else ""
        said = _beside(said + before, name or _host(address.host, signs.dot))
        at = address.end
    rest = _tags(core[at:], signs, tongue)
    whole = _beside(said, rest) if at else rest
    return None if whole == core else whole


def _tags(text: str, signs: Signs, tongue: Tongue | None) -> str:
    """Handles and hashtags in words, without addresses that are none."""
    text = _NO_HOST.sub("", text)
    hashtag, at = (f"{tongue.hashtag} ", f"{tongue.at} ") if tongue else ("", "")
    text = _HASHTAG.sub(lambda found: hashtag + _parted(found[1]), text)
    if tongue is None:  # which have a rule for numbers
        text = _NUMBER_SIGN.sub(f"{signs.number} ", text)
    return _HANDLE.sub(lambda found: at + _parted(found[1].replace(".", " ")), text) if "@" in text else text


def _parted(name: str) -> str:
    return " ".join(_CAMEL.sub(" ", name).replace("_", " ").split())


def _user(name: str) -> str:
    return " ".join(re.sub(r"[._%+-]+", " ", name).split())


def _host(host: str, dot: str) -> str:
    """`www.example.co.uk` is said `example dot co dot U K`: country domains of two letters are spelled."""
    labels = [label for label in _PORT.sub("", host).lower().removeprefix("www.").split(".") if label]
    if labels and len(labels[-1]) == 2 and labels[-1].isascii() and labels[-1].isalpha():
        labels[-1] = " ".join(labels[-1].upper())
    return f" {dot} ".join(label.replace("-", " ") for label in labels)


def _beside(left: str, right: str) -> str:
    return f"{left} {right}" if left[-1:].isalnum() and right[:1].isalnum() else left + right


# --- emoji ----------------------------------------------------------------------------------------------------------


def emoji_names(core: str, language: str) -> str:
    """The names of a token's emoji in the language, or nothing where the CLDR's are not at hand."""
    import emoji

    base = language.split("-")[0]
    if base not in _EMOJI_LANGUAGES:
        return ""
    emoji.config.load_language(base)
    found = [emoji.EMOJI_DATA[entry["emoji"]].get(base, "") for entry in emoji.emoji_list(core)[:MAX_EMOJI]]
    return ", ".join(filter(None, (name.strip(":").replace("_", " ") for name in found)))


def pictures(line: Line, at: int, tongue: Tongue | None) -> str | None:
    """The spoken form of a token with emoji in it; nothing where it has none.

    Beside words they are decoration and silent. One that stands where a noun would, behind an
    article, a possessive or a number, is read by its name, and a heart between "I" and a word is a verb.
    """
    core = line.core(at)
    bare = "".join(char for char in core if not _is_picture(char))
    if bare == core:
        return None
    if tongue is None or any(map(str.isalnum, bare)):
        return " ".join(bare.split())
    before, after = line.before(at), line.after(at)
    if core.strip("\ufe0f") in _HEARTS and after and before == _I.get(tongue.code):
        return _HEART[tongue.code]
    if (
        tongue.emoji
        and before
        and (before in tongue.determiners or (before.isdecimal() and len(before) < _COUNT_DIGITS))
    ):
        return emoji_names(core, line.language)
    return ""


def _is_picture(char: str) -> bool:
    """Emoji, dingbats and what varies or joins them; not the signs for degrees and numbers."""
    if char in "°№©®":
        return False
    return (
        unicodedata.category(char) == "So"
        or "\ufe00" <= char <= "\ufe0f"
        or char in "\u200d\u20e3"
        or ("\U0001f3fb" <= char <= "\U0001f3ff")
    )
