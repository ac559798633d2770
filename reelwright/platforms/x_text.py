"""How X counts a text: the weights of twitter-text, configuration version 3 (platform_apis.md 5.2).

NFC first. A URL weighs 23 whatever its length, an emoji of however many code points 2, the scripts up to U+10FF and
some punctuation 1, everything else (CJK above all) 2. The only port on the package index (twitter-text-parser) has had
no release since 2023 and does not import without `pkg_resources`; the emoji and the top-level domains come from
libraries that are kept.
"""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from collections.abc import Iterator

import emoji
import regex
from tld import get_tld

URL_WEIGHT, EMOJI_WEIGHT, HEAVY_WEIGHT = 23, 2, 2
INVALID = "\ufffe\ufeff\uffff"
"""Characters that no text may hold."""
_LIGHT = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
"""Code points that weigh 1."""
_LABEL = r"[^\s!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$\"`\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\ufeff\uffff]"
_PLAIN = r"[A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]"
_PATH = r"[\p{Latin}\p{Cyrillic}\p{N}!*';:=+,.$/%#\[\]\-\u2013_~@|&]"
_PATH_END = r"[\p{Latin}\p{Cyrillic}\p{N}+\-=_#/]"
_BALANCED = rf"\({_PATH}+\)"
_URL = regex.compile(
    rf"""(?<![A-Za-z0-9@＠$\#＃])
    (?:(?P<protocol>https?://)(?P<domain>(?:{_LABEL}(?:[-_]|{_LABEL})*\.)+{_LABEL}+)
      |(?<![-_./])(?P<bare>(?:{_PLAIN}(?:(?:{_PLAIN}|[_-])*{_PLAIN})?\.)+[A-Za-z]+))
    (?::\d+)?
    (?:/(?:(?:{_PATH}|{_BALANCED})*(?:{_PATH_END}|{_BALANCED}))?)?
    (?:\?[a-zA-Z0-9!?*'@();:&=+$/%\#\[\]\-_.,~|]*[a-zA-Z0-9\-_&=\#/])?""",
    regex.VERBOSE | regex.IGNORECASE,
)
_TCO = re.compile(r"https?://t\.co/[A-Za-z0-9]{1,40}")


def weight(text: str) -> int:
    """The length of a text as X counts it."""
    text = unicodedata.normalize("NFC", text)
    spans = {start: (end, URL_WEIGHT) for start, end in url_spans(text)}
    for found in emoji.emoji_list(text):
        start, end = found["match_start"], found["match_end"]
        if end - start > 1:  # a single code point weighs the same by its range
            spans.setdefault(start, (end, EMOJI_WEIGHT))
    total = at = 0
    while at < len(text):
        end, added = spans.get(at) or (at + 1, _weight_of(text[at]))
        total, at = total + added, end
    return total


def _weight_of(char: str) -> int:
    return 1 if any(first <= ord(char) <= last for first, last in _LIGHT) else HEAVY_WEIGHT


def url_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where X sees links, as [start, end). Without `https://` only domains in Latin letters are links."""
    at = 0
    while found := _URL.search(text, at):
        part = "domain" if found["protocol"] else "bare"
        named = _named(found[part])
        at = found.end(part)
        if not named:
            continue
        end = found.end() if named == found[part] else found.start(part) + len(named)
        if found["protocol"] and (short := _TCO.match(text, found.start())):
            end = short.end()  # nothing belongs to a t.co link but its slug
        yield found.start(), end
        at = end


def _named(domain: str) -> str:
    """The longest beginning of a run of labels that ends in a top-level domain that exists."""
    labels = domain.split(".")
    for count in range(len(labels), 1, -1):
        if _exists(labels[count - 1].lower()):
            return ".".join(labels[:count])
    return ""


@functools.lru_cache(4_096)
def _exists(label: str) -> bool:
    return get_tld(f"http://a.b.{label}", fail_silently=True, search_private=False) is not None


def same_text(ours: str, listed: str) -> bool:
    """Whether a listed post says what we wrote: X escapes `&<>`, wraps every link in t.co, and appends one for the
    video."""
    bare = re.sub(r"\s*https?://t\.co/\w+\s*$", "", listed)
    return _comparable(ours) in (_comparable(listed), _comparable(bare))


def _comparable(text: str) -> str:
    text = unicodedata.normalize("NFC", html.unescape(text))
    pieces, at = [], 0
    for start, end in url_spans(text):
        pieces.append(text[at:start])
        at = end
    return " ".join("\0".join([*pieces, text[at:]]).split())


def fit(text: str, limit: int) -> str:
    """The text, or as many of its words as weigh no more than `limit` together with the ellipsis that follows them."""
    text = text.strip()
    if weight(text) <= limit:
        return text
    ends = [found.start() for found in re.finditer(r"\s+", text)]
    for end in reversed(ends):
        if weight(cut := text[:end].rstrip(" ,;:-\n\t") + "…") <= limit and cut != "…":
            return cut
    clusters: list[str] = regex.findall(r"\X", text)  # one long word, or a script without spaces
    low, high = 0, len(clusters)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if weight("".join(clusters[:middle]) + "…") <= limit else (low, middle - 1)
    return "".join(clusters[:low]) + "…" if low else ""
