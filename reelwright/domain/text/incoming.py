"""Text from outside is data. These are the only ways it comes in."""

import re
import unicodedata

from ..errors import InvalidInput
from ..redaction import redact

SHOWN_CHARS = 200
READ_CHARS = 6_000
"""Of a longer foreign text only the beginning is read."""
CUT_MARGIN = 2_000
"""What stands this near to the cut is left out: a secret that was cut in two is not recognised."""
_SPACES = re.compile(r"[^\S\n]+")
# Two signs of Chinese or Japanese, three of Thai and its neighbours (with their vowels and tones) take as long to speak
# as a word: measured with espeak-ng, as were 188 to 231 such words a minute in all of these.
_COUNTED = re.compile(
    "[\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f]{1,2}"
    "|[\u0e01-\u0e5b\u0e81-\u0edf\u1000-\u109f\u1780-\u17d3]{1,3}"
)
_LETTER = re.compile(r"[^\W_]")
"""A letter or a digit, as `str.isalnum` knows them."""
_MANY_NEWLINES = re.compile(r"\n{3,}")
# Bidirectional overrides and isolates can make a line read as something it is not; marks (LRM, RLM) are harmless
# and right-to-left text needs them.
_BIDI_CONTROLS = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
# Soft hyphens, zero-width spaces and byte order marks are hints for a line's end: silent, and no letters.
_HINTS = frozenset("\u00ad\u200b\u2060\ufeff")


def clean(text: str) -> str:
    """Text fit to store, show and speak: NFC, `\\n` line ends, no control characters, no bidi
    overrides, no soft hyphens.

    Letters, emoji, quotes and right-to-left text come through unchanged.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    # A text has few different characters: looking at each of them once is much faster than at the whole text.
    if unwanted := {ord(char) for char in set(text) if not char.isprintable() and _is_unwanted(char)}:
        text = text.translate(dict.fromkeys(unwanted))
    text = "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return _MANY_NEWLINES.sub("\n\n", text).strip()


def _is_unwanted(char: str) -> bool:
    if char in _BIDI_CONTROLS or char in _HINTS:
        return True
    return char not in "\n\t" and unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn")


def one_line(text: str) -> str:
    """`clean`, on one line."""
    return " ".join(clean(text).split())


def foreign(text: str, limit: int = SHOWN_CHARS) -> str:
    """A foreign text as one plain line to show: no secrets, no control characters, at most `limit` characters."""
    room = max(READ_CHARS, 2 * limit)
    if len(text) > room:
        text = redact(text[:room])[:-CUT_MARGIN]
    # Once more when it is clean: what is invisible may have stood inside a secret.
    line = redact(one_line(redact(text)))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def words(text: str) -> list[str]:
    """The spoken words: whitespace tokens that hold at least one letter or digit. Chinese, Japanese and Thai set no
    spaces between words; there, two signs (of Thai three) count as one, and other writing between them as one each."""
    return [piece for token in text.split() if _LETTER.search(token) for piece in _counted(token)]


def _counted(token: str) -> list[str]:
    if token.isascii() or not _COUNTED.search(token):
        return [token]
    pieces, at = [], 0
    for start, end in [*(found.span() for found in _COUNTED.finditer(token)), (len(token), len(token))]:
        between = token[at:start]
        if _LETTER.search(between):
            pieces.append(between)
        if start < end:
            pieces.append(token[start:end])
        at = end
    return pieces


def decode(data: bytes, *, field: str, limit: int) -> str:
    """The text of a file's bytes, or `InvalidInput` naming `field`: too large, binary, or not Unicode.

    `limit` is in bytes. UTF-8 needs no byte order mark, UTF-16 and UTF-32 do; the mark is dropped. Text that was
    decoded wrongly before (`Ã©`) is repaired or refused.
    """
    if len(data) > limit:
        raise InvalidInput(
            f"{len(data):,} bytes is more than the limit of {limit:,}",
            field=field,
            remedy="shorten it or split it up",
        )
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in data and not marked and not data.startswith(b"\0\0\xfe\xff"):
        raise InvalidInput(
            "this is a binary file, not text", field=field, remedy="give plain text or Markdown in UTF-8"
        )
    if data.isascii() and b"\x1b" not in data and b"~{" not in data:
        return data.decode("ascii")
    # Imported here, since it is seldom needed and not light.
    from .decoding import Undecodable, decoded
    from .mojibake import repaired

    try:
        if not marked and b"\0" not in data:
            data.decode("utf-8")
        return repaired(decoded(data))
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"not UTF-8 text (byte {error.start})", field=field, remedy="save it as UTF-8 and try again"
        ) from error
    except Undecodable as error:
        raise InvalidInput(
            f"not readable text: {error}", field=field, remedy="save it as UTF-8 and try again"
        ) from error


def cut(text: str, limit: int) -> str:
    """`one_line` of foreign text, at most `limit` characters; what is left out shows as `…`."""
    line = one_line(text[: 4 * limit])
    return line if len(line) <= limit and len(text) <= 4 * limit else line[: limit - 1] + "…"
