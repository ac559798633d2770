"""Bytes from outside to text: decoded right, or refused, so that no mojibake is ever spoken.

In this order: a byte order mark; UTF-16 and UTF-32 by their NULs; ISO-2022 by its escapes; UTF-8 where the bytes are
valid UTF-8, whatever was declared, since no other text is by chance; UTF-8 with a few broken places; what was declared,
if the result looks like language; what the bytes themselves look like.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from itertools import islice

from .plausible import MAX_ODD, oddness

SAMPLE_BYTES = 20_000
"""How much of a document decides about its encoding."""
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Browsers read these labels as the larger sets (https://encoding.spec.whatwg.org/#names-and-labels).
_LARGER = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932", "euc_jp": "euc_jp",
    "big5": "big5hkscs",
}  # fmt: skip
_ESCAPES = re.compile(rb"\x1b(?:\$[@B(]|\([BIJ])")
_KOREAN_ESCAPE = b"\x1b$)C"
_HZ = re.compile(rb"~\{(?:[!-}][!-~]){1,200}?~\}")
_UTF7 = re.compile(rb"\+[A-Za-z0-9/]{3,}-")
_TAGS = re.compile(rb"<[!-;=?-~\s]{0,2000}>")
_VALID_UTF8 = re.compile(  # RFC 3629, 4
    rb"(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"
    rb"|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+"
)
_WIDE_SAMPLE = 400
# The Windows code pages of languages in Latin letters; for the others the bytes are more reliable.
_BY_LANGUAGE = {
    **dict.fromkeys(("cs", "hr", "hu", "pl", "ro", "sk", "sl", "bs", "sq"), "cp1250"),
    **dict.fromkeys(("tr", "az"), "cp1254"),
    **dict.fromkeys(("et", "lt", "lv"), "cp1257"),
    "vi": "cp1258",
}
_FAMILIES = (("cp1252",), ("cp1250", "iso8859-2"), ("cp1254",), ("cp1257", "iso8859-13"), ("cp1258",))
_LETTERS = {
    "cs": "áčďéěíňóřšťúůýž", "hr": "čćđšž", "hu": "áéíóöőúüű", "pl": "ąćęłńóśźż", "ro": "ăâîșțşţ", "sl": "čšž",
    "sk": "áäčďéíĺľňóôŕšťúýž", "et": "äõöüšž", "lt": "ąčęėįšųūž", "lv": "āčēģīķļņšūž", "tr": "âçğıîöşûüi̇",
}  # fmt: skip
_SIGN_BEFORE_LETTER = re.compile(r"[¢¤¥¦¨ª¬¯±²³´µ¶¸¹º¼½¾]+(?=[^\W\d_])")
_PUNCTUATION = frozenset(b"\x80\x82\x84\x85\x91\x92\x93\x94\x95\x96\x97\xa0\xa3\xa7\xa9\xab\xb0\xb4\xb7\xbb")


class Undecodable(ValueError):
    """The bytes cannot be decoded. The message is a short reason."""


def decoded(data: bytes, declared: Sequence[str] = ()) -> str:
    """The text of `data`. `declared` has the names of encodings that were given for it, the most reliable first.

    Raises `Undecodable`.
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _strict(data, codec)
    if wide := _wide_codec(data):
        return _strict(data, wide)
    codecs_declared = [codec for name in declared if (codec := _codec(name))]
    if seven := _seven_bit(data, codecs_declared):
        return seven
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _nearly_utf8(data, codecs_declared) or _legacy(data, codecs_declared)


def _codec(name: str) -> str:
    """Python's name for a declared encoding, the larger set where there is one; empty when it is unknown."""
    name = name.strip().strip("\"'").lower()
    if not 2 <= len(name) <= 40 or not name.isascii():
        return ""
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    if not getattr(info, "_is_text_encoding", True) or info.name in ("idna", "punycode", "raw_unicode_escape"):
        return ""
    return _LARGER.get(info.name, info.name)


def _strict(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise Undecodable(f"it begins as {codec.removesuffix('-sig').upper()}, but is damaged") from error


def _wide_codec(data: bytes) -> str:
    """UTF-16 or UTF-32 without a mark: the NULs of its ASCII signs stand in every second place, or three of four."""
    head = data[: _WIDE_SAMPLE - _WIDE_SAMPLE % 4]
    if b"\0" not in head or len(data) % 2:
        return ""
    nulls = [sum(1 for byte in head[offset::4] if byte == 0) * 4 / len(head) for offset in range(4)]
    if nulls[0] > 0.8 and nulls[1] > 0.8 and nulls[3] < 0.3:
        return "utf-32-be"
    if nulls[3] > 0.8 and nulls[2] > 0.8 and nulls[0] < 0.3:
        return "utf-32-le"
    even, odd = (nulls[0] + nulls[2]) / 2, (nulls[1] + nulls[3]) / 2
    if max(even, odd) > 0.2 and min(even, odd) < max(even, odd) / 4:
        return "utf-16-be" if even > odd else "utf-16-le"
    return ""


def _seven_bit(data: bytes, declared: Sequence[str]) -> str:
    """Text in an encoding that uses ASCII's bytes only, and so is valid UTF-8 of nonsense; empty if it is none."""
    candidates: list[str] = []
    if _KOREAN_ESCAPE in data:
        candidates.append("iso2022_kr")
    if _ESCAPES.search(data):
        candidates += ["iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2"]
    if len(_HZ.findall(data[:SAMPLE_BYTES])) > ("hz" not in declared):
        candidates.append("hz")
    if "utf-7" in declared and _UTF7.search(data):
        candidates.append("utf-7")
    for codec in candidates:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return ""


# --- UTF-8 with broken places -----------------------------------------------------------------------------------


def _nearly_utf8(data: bytes, declared: Sequence[str]) -> str:
    """UTF-8 in which few places are broken, put right where a single byte of Windows-1252 makes a word whole, left out
    where a sequence was cut off. Empty when it is another encoding."""
    good = len(data.decode("utf-8", "ignore")) - sum(1 for byte in data if byte < 0x80)
    broken = list(islice(_broken(data), good + 1))
    if not good or sum(end - start for start, end in broken) > good:
        return ""
    single = next((codec for codec in declared if codec.startswith(("cp125", "iso8859"))), "cp1252")
    pieces: list[str] = []
    at = dropped = 0
    for start, end in broken:
        pieces.append(data[at:start].decode("utf-8"))
        put = _single_byte(data, start, end, single)
        dropped += not put
        pieces.append(put)
        at = end
    if dropped > max(2, good // 50):
        raise Undecodable(f"it is UTF-8 with {dropped} broken places")
    return "".join([*pieces, data[at:].decode("utf-8")])


def _broken(data: bytes) -> Iterator[tuple[int, int]]:
    """What stands between the valid sequences. (A decoder's own errors each carry a copy of all the data.)"""
    at = 0
    for valid in _VALID_UTF8.finditer(data):
        if at < valid.start():
            yield at, valid.start()
        at = valid.end()
    if at < len(data):
        yield at, len(data)


def _single_byte(data: bytes, start: int, end: int, codec: str) -> str:
    if end - start != 1:
        return ""
    char = data[start:end].decode(codec, "ignore")
    before = data[max(0, start - 8) : start].decode("utf-8", "ignore")[-1:]
    after = data[end : end + 8].decode("utf-8", "ignore")[:1]
    if data[start] in _PUNCTUATION:
        return char
    beside = before if before.isalpha() else after
    if not char.isalpha() or not beside.isalpha() or beside > "\u024f":
        return ""
    # In the middle of a word a capital is the first byte of a sequence that was cut off: Ã, Â, Ð.
    return char if char.islower() or not before.isalpha() else ""


# --- what is not Unicode ----------------------------------------------------------------------------------------


def _legacy(data: bytes, declared: Sequence[str]) -> str:
    sample = _sample(data)
    found: list[tuple[float, int, str]] = []
    named = [codec for codec in declared if not codec.startswith("utf")]
    latin = _latin_codecs(sample)
    if latin and (not named or named[0] == "cp1252"):  # the label that servers put on everything
        named.insert(0, latin[0])
    for rank, codec in enumerate(dict.fromkeys([*named, *_guesses(sample), *latin, "cp1252"])):
        odd = _read_oddness(sample, codec)
        if odd is not None:
            # What was declared is believed unless it reads clearly worse.
            found.append((odd + (0.0 if codec in named else 0.05), rank, codec))
    for odd, _, codec in sorted(found):
        if odd > MAX_ODD:
            break
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            patched = data.decode(codec, "replace")
            if patched.count("\ufffd") <= max(1, len(patched) // 2_000):
                return patched.replace("\ufffd", "")
    raise Undecodable("its encoding cannot be told")


def _read_oddness(sample: bytes, codec: str) -> float | None:
    try:
        text = sample.decode(codec, "ignore" if codec in _WIDTH_TWO else "strict")
    except (UnicodeDecodeError, LookupError):
        return None
    kana = sum(1 for char in text if "\u3041" <= char <= "\u30ff")
    if codec == "gb18030" and kana > 0.15 * sum(1 for char in text if char > "\x7f"):
        return oddness(text) + 0.2  # Japanese, whose kana have the same bytes in both
    return oddness(text)


_WIDTH_TWO = frozenset({"gb18030", "big5hkscs", "cp932", "euc_jp", "cp949", "big5"})


def _sample(data: bytes) -> bytes:
    """The lines that hold more than ASCII, without tags."""
    plain = _TAGS.sub(b"\n", data[: 50 * SAMPLE_BYTES])
    telling = [line for line in plain.splitlines() if not line.isascii()]
    return b"\n".join(telling)[:SAMPLE_BYTES] or data[:SAMPLE_BYTES]


def _guesses(sample: bytes) -> list[str]:
    """What the bytes look like: the scripts that are not Latin."""
    from charset_normalizer import from_bytes

    guesses = [_LARGER.get(match.encoding, match.encoding) for match in from_bytes(sample, enable_fallback=False)][:4]
    telling = [codec for codec in guesses if _is_foreign(sample, codec)]
    # charset-normalizer distinguishes Korean and Russian, except in a few short texts.
    others = ["cp1251", "koi8_u", "cp949", "gb18030", "cp932", "euc_jp", "big5hkscs", "cp1253", "cp1255", "cp1256"]
    return [*telling, *(codec for codec in others if _is_foreign(sample, codec))]


def _is_foreign(sample: bytes, codec: str) -> bool:
    """Whether most of what is beyond ASCII is of another script than Latin, so read."""
    try:
        text = sample.decode(codec, "ignore" if codec in _WIDTH_TWO else "strict")
    except (UnicodeDecodeError, LookupError):
        return False
    beyond = [char for char in text if char > "\x7f" and char.isalpha()]
    high = sum(1 for byte in sample if byte > 0x7F)
    return sum(1 for char in beyond if char > "\u024f") > max(0.9 * len(beyond), 0.4 * high)


def _latin_codecs(sample: bytes) -> list[str]:
    """The code pages that, so read, give a text in one of the languages they were made for; the best first."""
    from .languages import detected

    found: list[tuple[float, str]] = []
    for family in _FAMILIES:
        language = detected(sample.decode(family[0], "replace"))
        if not language or _BY_LANGUAGE.get(language, "cp1252") != family[0]:
            continue
        for codec in family:
            text = sample.decode(codec, "replace")
            letters = [char for char in text.lower() if char > "\x7f" and char.isalpha()]
            strange = sum(1 for char in letters if char not in _LETTERS.get(language, char))
            strange += len(_SIGN_BEFORE_LETTER.findall(text))
            found.append((oddness(text) + strange / max(1, len(letters)), codec))
    return [codec for _, codec in sorted(found, key=lambda pair: pair[0])]
