"""Web and mail addresses in running text, each ending where a person sees it end.

Chinese, Japanese, Thai and others set no space behind an address, Korean writes its particles on to it, and full-width
punctuation ends it: none of that belongs to the address. Where it is in doubt the address ends, since what lies behind
it is spoken and counted as text, and text must never be lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .links import top_level_domain
from .marks import HANGUL, UNSPACED

MAX_CHARS = 2_000
"""A run of characters longer than this is cut here: no browser and no platform takes a longer address."""

_BEGIN = re.compile(r"(?<![A-Za-z0-9])(?:(?P<scheme>https?://)|(?P<www>www\.)(?=[^\W_]))", re.IGNORECASE)
# What no address holds unescaped (RFC 3986, 3987), and punctuation that is only ever written behind one: dashes,
# ellipsis, typographic quotation marks, full-width forms, the full stops and commas of other scripts.
_NEVER = re.compile(
    r"[\s<>\"`{}|\\^\[\]\u00a0\u00ab\u00ad\u00bb\u00b7\u037e\u0387\u055a-\u055f\u0589\u05be\u05c0\u05c3\u05f3\u05f4"
    r"\u060c\u061b-\u061f\u066a-\u066d\u06d4\u0964\u0965\u0e2f\u0e46\u0e4f\u0e5a\u0e5b\u104a-\u104f\u1361-\u1368"
    r"\u17d4-\u17da\u2000-\u206f\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u303d\u30fb\ufe10-\ufe1f\ufe30-\ufe6f"
    r"\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\U0001f000-\U0001faff\u2600-\u27bf\ufeff\ufffc\ufffd]"
    r"|(?<![/=:])https?://",
    re.IGNORECASE,
)
_FOREIGN = re.compile(f"[{UNSPACED}{HANGUL}]")
# `/wiki/東京/歴史?page=2`: what goes on as an address behind a few signs of such a script was one all along.
_GOES_ON = re.compile(
    f"(?<=[/=_-])[{UNSPACED}{HANGUL}]{{1,30}}(?=[/?=&#%_])[/?=&#%_]+(?=[A-Za-z0-9{UNSPACED}{HANGUL}])"
)
_HOST = re.compile(r"\[[0-9A-Fa-f:.]{2,45}\]|[^\W_](?:[\w\u0300-\u036f\u0900-\u0dff.-]*\w)?", re.UNICODE)
_USER = re.compile(r"[A-Za-z0-9._~%!$&'()*+,;=:-]{1,100}@")
_PORT = re.compile(r":\d{1,5}(?!\d)")
_TRAILING = ".,;:!?*~'\u2019&"
_BRACKETS = {")": "(", "]": "["}
_MAIL = re.compile(
    r"(?<![A-Za-z0-9._%+@/:-])[A-Za-z0-9._%+-]{1,64}@(?=[^\W_])(?P<host>(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,6}[^\W_][\w-]{1,30})"
)


@dataclass(frozen=True)
class Address:
    """Where an address stands in a text, `[start, end)`, and its host as written, without `www.`; `mail` if it is a
    mail address."""

    start: int
    end: int
    host: str
    mail: bool = False


def addresses(text: str) -> Iterator[Address]:
    """The addresses in a text, in order and not overlapping: `https://`, `http://`, `www.` and mail addresses."""
    mails = _mails(text) if "@" in text else iter(())
    mail = next(mails, None)
    at = 0
    while begin := _BEGIN.search(text, at):
        found = _web_address(text, begin)
        at = found.end if found else begin.end()
        if found is None:
            continue
        while mail and mail.start < found.start:
            if mail.end <= found.start:
                yield mail
            mail = next(mails, None)
        while mail and mail.start < found.end:
            mail = next(mails, None)
        yield found
    while mail:
        yield mail
        mail = next(mails, None)


def without_addresses(text: str) -> str:
    """The text with a space in the place of each address."""
    return _without(text, addresses(text))


def without_web_addresses(text: str) -> str:
    """The text with a space in the place of each web address; mail addresses stay."""
    return _without(text, (address for address in addresses(text) if not address.mail))


def _without(text: str, unwanted: Iterable[Address]) -> str:
    pieces, at = [], 0
    for address in unwanted:
        pieces += [text[at : address.start], " "]
        at = address.end
    return "".join([*pieces, text[at:]])


def _web_address(text: str, begin: re.Match[str]) -> Address | None:
    limit = min(len(text), begin.start() + MAX_CHARS)
    user = _USER.match(text, begin.end(), limit)
    host = _HOST.match(text, user.end() if user else begin.end(), limit)
    name = _host_name(host.group()) if host else ""
    if host is None or not name:
        return None
    end = host.start() + len(name)
    if end == host.end():
        if port := _PORT.match(text, end, limit):
            end = port.end()
        if text[end : end + 1] in ("/", "?", "#"):
            end = _path_end(text, end, limit)
    return Address(begin.start(), end, name.rstrip("."))


def _host_name(run: str) -> str:
    """The beginning of a run of letters, digits, dots and hyphens that is a host: up to the longest end that is a
    top-level domain; without one (`localhost`, `intranet`, an IP address), up to where the kind of writing changes."""
    if run.startswith("["):
        return run
    labels = run.split(".")
    if len(labels) > 1:
        for count in range(len(labels), 1, -1):
            if domain := top_level_domain(labels[count - 1]):
                return ".".join([*labels[: count - 1], domain])
    plain = re.match(r"[A-Za-z0-9.-]+", run) or re.match(f"[^{UNSPACED}{HANGUL}]+", run)
    return plain.group().rstrip(".-") if plain else ""


def _path_end(text: str, start: int, limit: int) -> int:
    never = _NEVER.search(text, start, limit)
    end = never.start() if never else limit
    at = start
    while foreign := _FOREIGN.search(text, at, end):
        goes_on = _GOES_ON.match(text, foreign.start(), end)
        if goes_on is None:
            end = foreign.start()
            break
        at = goes_on.end()
    return _without_trailing(text, start, end)


def _without_trailing(text: str, start: int, end: int) -> int:
    """Without punctuation of the sentence around it; a closing bracket stays where the address opened it."""
    while end > start:
        last = text[end - 1]
        opener = _BRACKETS.get(last)
        if last not in _TRAILING and (opener is None or text.count(opener, start, end) >= text.count(last, start, end)):
            break
        end -= 1
    return end


def _mails(text: str) -> Iterator[Address]:
    for match in _MAIL.finditer(text):
        host = match["host"]
        name = _host_name(host)
        if "." in name and len(name) >= 4:
            yield Address(match.start(), match.start("host") + len(name), name, mail=True)
