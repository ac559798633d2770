"""Secrets are removed from foreign text where it enters (`domain.text.foreign`), and again where it leaves.

Two kinds are removed: every secret registered in this process (`know`), in any encoding in which a server may quote it,
and everything in the format of a secret (`secret_shapes`).

A quoted secret may be escaped (percent, JSON, HTML, once or several times), in base64 or hex, or cut off. So the text
is read several times: unchanged, and with one more layer of escapes decoded each time. Each reading keeps the positions
of its bytes in the text, and what is found there is removed from the text. Runs of base64 and hex are decoded and read
in the same way; a run that holds a secret is removed as a whole.
"""

from __future__ import annotations

import base64
import binascii
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import BaseModel, SecretStr

from .secret_shapes import SIGNS, shapes

MARK = "[redacted]"
SHORTEST = 4
"""A shorter secret would strike parts of ordinary words. It is left to the patterns (`password=abc`)."""
_AFTER_A_SIGN, _WHOLE_WORD = 6, 12
"""Up to these lengths a secret must stand behind `=`, `:` or a quote, or by itself, to be taken for one."""
COMMON_WORDS = frozenset(
    b"admin default demo example minioadmin password postgres reelwright sandbox secret temporal test token".split()
)
"""Well-known passwords from examples that are also words of our own messages: removed only behind `=` or `:`, as in an
address."""
_QUOTED_PART = 16
"""A cut-off quote of a secret is recognised by this many characters of its beginning or its end."""
_LAYERS, _DEPTH = 3, 3
_MOST_KNOWN = 4_000

_ESCAPE = re.compile(
    rb"%[0-9A-Fa-f]{2}"
    rb"|\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}"
    rb"|\\[\\/\"'bfnrt]"
    rb"|&#[0-9]{1,7};|&#[xX][0-9A-Fa-f]{1,6};|&(?:amp|lt|gt|quot|apos);"
    rb"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xe2\x80[\x8b-\x8f]|\xef\xbb\xbf|\xc2\xad"  # invisible: nothing at all
)
_NAMED = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}
_SHORT = {b"b": b"", b"f": b"", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}(?:\r?\n[ \t]*[A-Za-z0-9+/_-]+)*={0,2}")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}){4,}")
_KEY_NAME = re.compile(r"token|secret|sig|key|passw|upload_?id|credential|auth|^ut$|^st$", re.IGNORECASE)
_WORD = re.compile(rb"[A-Za-z0-9]")

Span = tuple[int, int]
ValueT = TypeVar("ValueT")


@dataclass(frozen=True)
class _Reading:
    """The text with some escapes undone. Byte `i` stands at `at[i]` up to `end[i]` of the text; without the two it is
    the text itself."""

    data: bytes
    at: list[int] | None = None
    end: list[int] | None = None

    def span(self, start: int, stop: int) -> Span:
        """Where a part of the reading stands in the text."""
        if self.at is None or self.end is None:
            return start, stop
        return self.at[start], self.end[stop - 1]

    def unescaped(self) -> _Reading | None:
        """The next reading, or None when there is nothing left to undo."""
        if not _ESCAPE.search(self.data):
            return None
        data = bytearray()
        at: list[int] = []
        end: list[int] = []
        done = 0
        for found in _ESCAPE.finditer(self.data):
            self._copy(done, found.start(), at, end)
            data += self.data[done : found.start()]
            meant = _meaning(found[0])
            start, stop = self.span(found.start(), found.end())
            at += [start] * len(meant)
            end += [stop] * len(meant)
            data += meant
            done = found.end()
        self._copy(done, len(self.data), at, end)
        return _Reading(bytes(data + self.data[done:]), at, end)

    def _copy(self, start: int, stop: int, at: list[int], end: list[int]) -> None:
        """Appends where each byte of a part stands in the text."""
        if self.at is None or self.end is None:
            at.extend(range(start, stop))
            end.extend(range(start + 1, stop + 1))
        else:
            at.extend(self.at[start:stop])
            end.extend(self.end[start:stop])


def _meaning(escape: bytes) -> bytes:
    """What an escape stands for, as UTF-8; nothing for an invisible character."""
    if escape[:1] == b"%":
        return bytes([int(escape[1:], 16)])
    if escape[:2] == b"\\u":
        text = b"".join(bytes.fromhex(part.decode()) for part in escape.split(b"\\u")[1:]).decode("utf-16-be", "ignore")
        return text.encode()
    if escape[:2] == b"\\x":
        return bytes([int(escape[2:], 16)])
    if escape[:1] == b"\\":
        return _SHORT.get(escape[1:], escape[1:])
    if escape[:2] == b"&#":
        number = int(escape[3:-1], 16) if escape[2:3] in b"xX" else int(escape[2:-1])
        return chr(number).encode("utf-8", "ignore") if number < 0x110000 else b""
    return _NAMED.get(escape[1:-1], b"")


class _Index:
    """Needles by four bytes that a text must hold for each to stand in it: of its beginning, and of the part of its end
    that a cut-off quote is recognised by. A text is looked through once, however many secrets are known."""

    def __init__(self, needles: Iterable[bytes]) -> None:
        self._by_key: dict[bytes, list[bytes]] = {}
        for needle in needles:
            small = needle.lower()
            for key in {small[:SHORTEST], small[-_QUOTED_PART:][:SHORTEST]}:
                self._by_key.setdefault(key, []).append(needle)

    def __bool__(self) -> bool:
        return bool(self._by_key)

    def candidates(self, lowered: bytes) -> list[bytes]:
        """The needles that may stand in a text, given in lower case."""
        keys = {lowered[at : at + SHORTEST] for at in range(len(lowered) - SHORTEST + 1)} & self._by_key.keys()
        return list(dict.fromkeys(needle for key in keys for needle in self._by_key[key]))


class KnownSecrets:
    """The secrets that this process works with. Safe to use from any thread.

    Lasting ones (settings) stay; of the others (tokens, upload addresses) the latest 4,000 are kept.
    """

    def __init__(self) -> None:
        self._lasting: dict[bytes, None] = {}
        self._passing: OrderedDict[bytes, None] = OrderedDict()
        self._index: _Index | None = None
        self._lock = threading.Lock()

    def add(self, secrets: Iterable[str], *, lasting: bool = False) -> None:
        """Remembers them. Those shorter than `SHORTEST` characters are passed over."""
        with self._lock:
            self._index = None
            for needle in (form.encode("utf-8", "replace") for secret in secrets for form in _spellings(secret)):
                if needle in self._lasting:
                    continue
                if lasting:
                    self._lasting[needle] = None
                    continue
                self._passing[needle] = None
                self._passing.move_to_end(needle)
                while len(self._passing) > _MOST_KNOWN:
                    self._passing.popitem(last=False)

    def index(self) -> _Index:
        """All of them as bytes."""
        with self._lock:
            if self._index is None:
                self._index = _Index([*self._lasting, *self._passing])
            return self._index


def _spellings(secret: str) -> Iterator[str]:
    """The secret as it may be written without any escapes: with a plus for each blank, or without blanks."""
    secret = secret.strip()
    for form in dict.fromkeys((secret, secret.replace(" ", "+"), secret.replace(" ", ""))):
        if len(form) >= SHORTEST:
            yield form


KNOWN = KnownSecrets()


def know(*secrets: str | SecretStr | None, lasting: bool = False) -> None:
    """From now on these are struck wherever foreign text passes. Empty and very short ones are passed over."""
    plain = (secret.get_secret_value() if isinstance(secret, SecretStr) else secret for secret in secrets)
    KNOWN.add((secret for secret in plain if secret), lasting=lasting)


def know_address(address: str, *, lasting: bool = False) -> None:
    """The secret parts of a URL: password, keys in its query, and the whole of an address that has such keys. What is
    only a number stays: it is an id."""
    try:
        parts = urlsplit(address)
        password = parts.password
    except ValueError:
        return
    query = parse_qsl(parts.query)
    values = [value for name, value in query if _KEY_NAME.search(name) and len(value) > 6 and not value.isdigit()]
    know(password, unquote(password or ""), *values, *([address] if values else []), lasting=lasting)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without secrets: those given, those registered in this process, and what has the format of one."""
    return _struck(text, secrets, shapes=True)


def redact_known(text: str) -> str:
    """The text without the secrets that are registered in this process. For texts that people or models write, in which
    something that only looks like a secret must stay."""
    return _struck(text, (), shapes=False)


def redact_values(value: ValueT) -> ValueT:
    """A result with `redact_known` applied to every text in it: models, dicts, lists and tuples. What holds no secret
    comes back as the same object."""
    return _walk(value)  # type: ignore[no-any-return]


def _walk(value: Any) -> Any:
    if isinstance(value, str):
        struck = redact_known(value)
        return value if struck == value else struck
    if isinstance(value, BaseModel):
        own = {name: getattr(value, name) for name in type(value).model_fields}
        changed = {name: new for name, old in own.items() if (new := _walk(old)) is not old}
        return value.model_copy(update=changed) if changed else value
    if isinstance(value, dict):
        walked = {key: _walk(item) for key, item in value.items()}
        return value if all(walked[key] is value[key] for key in value) else walked
    if type(value) in (list, tuple):
        items = [_walk(item) for item in value]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else type(value)(items)
    return value


def _struck(text: str, secrets: Iterable[str], *, shapes: bool) -> str:
    own = KnownSecrets()
    own.add(secrets)
    needles = [index for index in (own.index(), KNOWN.index()) if index]
    if not text or (not needles and not shapes):
        return text
    raw = text.encode("utf-8", "surrogatepass")
    spans = sorted(set(_found(raw, _Search(needles, shapes), depth=0)))
    if not spans:
        return text
    pieces, done = [], 0
    for start, stop in spans:
        if start >= done:
            pieces += [raw[done:start], MARK.encode()]
        done = max(done, stop)
    return b"".join([*pieces, raw[done:]]).decode("utf-8", "replace")


@dataclass
class _Search:
    """What is looked for in one text, and what has been found out on the way: the readings of a text share most runs of
    base64, and each run is looked into once."""

    needles: list[_Index]
    shapes: bool
    holds: dict[tuple[bytes, int], bool] = field(default_factory=dict)

    def encoded(self, run: bytes, depth: int) -> bool:
        """Whether a secret stands in what the run is the base64 or hex of."""
        known = self.holds.get((run, depth))
        if known is None:
            inside = (next(_found(decoded, self, depth=depth + 1), None) for decoded in _decoded(run))
            known = self.holds[run, depth] = any(span is not None for span in inside)
        return known


def _found(raw: bytes, search: _Search, *, depth: int) -> Iterator[Span]:
    """Where secrets stand in the text, in any spelling."""
    reading: _Reading | None = _Reading(raw)
    for _ in range(_LAYERS + 1):
        if reading is None:
            return
        for start, stop in _in_reading(reading.data, search, depth=depth):
            yield reading.span(start, stop)
        reading = reading.unescaped()


def _in_reading(data: bytes, search: _Search, *, depth: int) -> Iterator[Span]:
    lowered = data.lower()
    for index in search.needles:
        for needle in index.candidates(lowered):
            yield from _occurrences(data, lowered, needle)
    if search.shapes and SIGNS.search(lowered):
        for shape in shapes():
            for match in shape.finditer(data):
                yield match.span("v" if "v" in shape.groupindex else 0)
    if depth >= _DEPTH:
        return
    for run in (*_BASE64.finditer(data), *_HEX.finditer(data)):
        if search.encoded(run[0], depth):
            yield run.span()


def _occurrences(data: bytes, lowered: bytes, needle: bytes) -> Iterator[Span]:
    size, small = len(needle), needle.lower()
    start = lowered.find(small)
    while start >= 0:
        if (size >= _WHOLE_WORD and small not in COMMON_WORDS) or _stands_alone(data, start, start + size, small):
            yield start, start + size
        start = lowered.find(small, start + 1)
    if size < _QUOTED_PART * 3 // 2 or b"://" in needle:
        return
    for part in (needle[:_QUOTED_PART], needle[-_QUOTED_PART:]):
        start = data.find(part)
        while start >= 0:
            yield _longest(data, needle, start, needle.find(part))
            start = data.find(part, start + 1)


def _longest(data: bytes, needle: bytes, start: int, offset: int) -> Span:
    """As much of the needle as stands around the part of it that was found at `start`."""
    stop, last = start + _QUOTED_PART, offset + _QUOTED_PART
    while stop < len(data) and last < len(needle) and data[stop] == needle[last]:
        stop, last = stop + 1, last + 1
    while start > 0 and offset > 0 and data[start - 1] == needle[offset - 1]:
        start, offset = start - 1, offset - 1
    return start, stop


def _stands_alone(data: bytes, start: int, stop: int, secret: bytes) -> bool:
    """Whether a short secret is a word of its own there, and not part of another; a very short or common one must
    stand where a value does."""
    before, after = data[max(0, start - 1) : start], data[stop : stop + 1]
    if _WORD.match(after) or _WORD.match(before):
        return False
    signs = b"=:" if secret in COMMON_WORDS else b"=:\"'" if len(secret) < _AFTER_A_SIGN else b""
    return not signs or (before != b"" and before in signs)


def _decoded(run: bytes) -> Iterator[bytes]:
    """What a run may be the base64 or hex of, wherever in it the encoding began."""
    text = re.sub(rb"[\s=]", b"", run)
    if re.fullmatch(rb"[0-9A-Fa-f]+", text):
        for shift in (0, 1):
            digits = text[shift:]
            yield bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
    standard = text.replace(b"-", b"+").replace(b"_", b"/")
    for shift in range(4):
        piece = standard[shift:]
        piece = piece[:-1] if len(piece) % 4 == 1 else piece
        try:
            yield base64.b64decode(piece + b"=" * (-len(piece) % 4), validate=True)
        except (binascii.Error, ValueError):
            continue  # not base64 from there on
