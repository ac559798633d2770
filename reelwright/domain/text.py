"""Text from outside is data. These are the only ways it comes in."""

import re
import unicodedata

from .errors import InvalidInput
from .redaction import redact

SHOWN_CHARS = 200
READ_CHARS = 6_000
"""Of a longer foreign text only the beginning is read."""
CUT_MARGIN = 2_000
"""What stands this near to the cut is left out: a secret that was cut in two is not recognised."""
_SPACES = re.compile(r"[^\S\n]+")
_UNSPACED = re.compile("[\u0e01-\u0e5b\u3041-\u30ff\u3400-\u9fff]{1,2}")
_MANY_NEWLINES = re.compile(r"\n{3,}")
# Bidirectional overrides and isolates can make a line read as something it is not; marks (LRM, RLM) are harmless
# and right-to-left text needs them.
_BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def clean(text: str) -> str:
    """Text fit to store, show and speak: NFC, `\\n` line ends, no control characters, no bidi overrides.

    Letters, emoji, quotes and right-to-left text come through unchanged.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).translate(_BIDI_CONTROLS)
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))
    text = "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return _MANY_NEWLINES.sub("\n\n", text).strip()


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
    """The spoken words: whitespace tokens that hold at least one letter or digit. Thai, Chinese and Japanese set no
    spaces between words; there, two signs count as one."""
    spoken = [token for token in text.split() if any(c.isalnum() for c in token)]
    return [piece for token in spoken for piece in (_UNSPACED.findall(token) or [token])]


def decode(data: bytes, *, field: str, limit: int) -> str:
    """The text of a file's bytes, or `InvalidInput` naming `field`: too large, binary, or not UTF-8.

    `limit` is in bytes. A UTF-8 byte order mark is dropped.
    """
    if len(data) > limit:
        raise InvalidInput(
            f"{len(data):,} bytes is more than the limit of {limit:,}",
            field=field,
            remedy="shorten it or split it up",
        )
    if b"\0" in data:
        raise InvalidInput(
            "this is a binary file, not text", field=field, remedy="give plain text or Markdown in UTF-8"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"not UTF-8 text (byte {error.start})", field=field, remedy="save it as UTF-8 and try again"
        ) from error
