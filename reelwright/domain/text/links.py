"""Where X sees links in a text, as twitter-text finds them (docs/platforms/x.md#post): a link there has a weight and a
price of its own. The top-level domains come from a library that is kept."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

import regex

_LABEL = r"[^\s!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$\"`\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\ufeff\uffff]"
_PLAIN = r"[A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]"
_PATH = r"[\p{Latin}\p{Cyrillic}\p{N}!*';:=+,.$/%#\[\]\-\u2013_~@|&]"
_PATH_END = r"[\p{Latin}\p{Cyrillic}\p{N}+\-=_#/]"
_BALANCED = rf"\({_PATH}+\)"
# A label of a domain has at most 63 characters (RFC 1035, 2.3.4). Without this limit a long word would be read to its
# end from each of its letters.
_URL = regex.compile(
    rf"""(?<![A-Za-z0-9@＠$\#＃])
    (?:(?P<protocol>https?://)(?P<domain>(?:{_LABEL}(?:[-_]|{_LABEL})*\.)+{_LABEL}+)
      |(?<![-_./])(?P<bare>(?:{_PLAIN}(?:(?:{_PLAIN}|[_-]){{0,61}}{_PLAIN})?\.)+[A-Za-z]+))
    (?::\d+)?
    (?:/(?:(?:{_PATH}|{_BALANCED})*(?:{_PATH_END}|{_BALANCED}))?)?
    (?:\?[a-zA-Z0-9!?*'@();:&=+$/%\#\[\]\-_.,~|]*[a-zA-Z0-9\-_&=\#/])?""",
    regex.VERBOSE | regex.IGNORECASE,
)
_TLD_CHARS = 24
"""The longest top-level domain has 24 characters."""
_GOES_ON = re.compile(r"[0-9A-Za-z@+\-]")
_TCO = re.compile(r"https?://t\.co/[A-Za-z0-9]{1,40}")


def has_link(text: str) -> bool:
    """Whether X would make a link of any part of the text."""
    return any(url_spans(unicodedata.normalize("NFC", text)))


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
        if found := top_level_domain(labels[count - 1]):
            return ".".join([*labels[: count - 1], found])
    return ""


def top_level_domain(label: str) -> str:
    """The top-level domain that a label is, or begins with where other writing follows: `com` of `com这个文档`. Empty
    when there is none."""
    label = label[:_TLD_CHARS]
    for end in range(len(label), 1, -1):
        # A domain goes on with any of these; with other letters a text begins.
        if (end == len(label) or not _GOES_ON.match(label[end])) and _exists(label[:end].lower()):
            return label[:end]
    return ""


@functools.lru_cache(4_096)
def _exists(label: str) -> bool:
    from tld import get_tld  # brings an HTTP client along, and most processes meet no domain

    return get_tld(f"http://a.b.{label}", fail_silently=True, search_private=False) is not None
