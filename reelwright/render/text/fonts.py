"""The faces text is drawn with, all from wheels that come with the install, and which face draws what.

A grapheme cluster (what a reader calls a character: UAX #29, by `regex`'s `\\X`) is never divided. It is drawn in the
face of its script; where that one lacks a glyph, in the first of the others that has it; an emoji in colour (see
`emoji`). Faces that a style prefers (see `preferred`) are tried before all of them. What nothing can draw is left out
of the picture and stays in the subtitle files; `undrawable` returns it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module, metadata
from itertools import groupby
from pathlib import Path

import fontpkg
import regex  # type: ignore[import-untyped, unused-ignore]
from PIL import ImageFont, features

from reelwright.domain.errors import InvalidInput
from reelwright.openmoji import drawing_of

from .emoji import is_emoji

FAMILY = "Noto Sans"
BOLD = 750
SEMIBOLD = 600
MAX_CLUSTER = 6
"""The most marks on a letter; further ones are left out, so that it stays in its line."""

# A noncharacter: no font maps it, so it is drawn with the font's "missing glyph" box.
_NO_GLYPH = "\U0010ffff"
# Joiners, direction marks and variation selectors steer shaping and have no picture of their own.
_STEERING = frozenset("\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\ufeff")
DIRECTION_MARKS = frozenset("\u061c\u200e\u200f")
"""They have no picture, but they decide the order of what stands beside them."""
_CLUSTER = regex.compile(r"\X")


@dataclass(frozen=True)
class Face:
    """A typeface: which `package` brings it, where its file is, and a pattern of the characters for which it is tried
    first.

    `scale` evens out how large the scripts look beside each other. Two with the same name are the same typeface.
    """

    name: str
    package: str
    path: Callable[[], Path] = field(compare=False)
    script: str
    scale: float = 1.0


Faces = tuple[Face, ...]
"""Those that a style prefers, in its order."""


def _family(name: str) -> Callable[[], Path]:
    return lambda: Path(fontpkg.path(name))


def _hebrew() -> Path:
    return Path(import_module("pylopdf_fonts_he").sans_path())


def _cjk() -> Path:
    return Path(str(import_module("noto_cjk_sans_jp_bold").FONT_PATH))


FACES = (
    Face(FAMILY, "fontpkg-noto-sans", _family(FAMILY), r"[\p{sc=Latn}\p{sc=Cyrl}\p{sc=Grek}]"),
    Face("Noto Sans Arabic", "fontpkg-noto-sans-arabic", _family("Noto Sans Arabic"), r"\p{sc=Arab}", 1.06),
    Face("Noto Sans Hebrew", "pylopdf-fonts-he", _hebrew, r"\p{sc=Hebr}", 1.04),
    Face("Noto Sans Devanagari", "fontpkg-noto-sans-devanagari", _family("Noto Sans Devanagari"), r"\p{sc=Deva}", 1.04),
    Face("Noto Sans Thai", "fontpkg-noto-sans-thai", _family("Noto Sans Thai"), r"\p{sc=Thai}"),
    # One file for all of East Asia: which regional form of a sign is drawn follows the language (OpenType `locl`).
    Face(
        "Noto Sans CJK",
        "noto-cjk-sans-jp-bold",
        _cjk,
        r"[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Bopo}\u3000-\u303f\uff00-\uffef]",
        0.96,
    ),
)
PACKAGES = (
    "fontpkg",
    *(face.package for face in FACES),
    "emosvg",
    "resvg-py",
    "python-bidi",
    "budoux",
    "icu4py",
    "regex",
)
"""The wheels whose versions decide, beside Pillow's, how text looks and breaks. The emoji ones may be absent."""
SHAPERS = ("freetype2", "raqm", "harfbuzz", "fribidi")
"""The libraries inside Pillow that lay out and draw glyphs: which ones it was built with is not in its own version."""
_SCRIPTS = tuple((regex.compile(face.script), face) for face in FACES)


def text_versions() -> dict[str, str]:
    """The version of everything that decides how text looks and breaks, by name; empty for what is not there."""
    wheels = {package: _version(package) for package in PACKAGES}
    shapers = {name: features.version(name) or "" for name in SHAPERS}
    return {**wheels, **shapers, "unicode": unicodedata.unidata_version}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


@lru_cache(maxsize=96)
def font(size: int, weight: int, face: Face = FACES[0]) -> ImageFont.FreeTypeFont:
    """A face at `size` pixels and, if its weight can vary, a weight of 100 to 900. Raises `InvalidInput` (field
    `fonts`) naming the package if the face is not installed."""
    loaded = ImageFont.truetype(str(_file(face)), max(size * face.scale, 1.0))
    try:
        axes = loaded.get_variation_axes()
    except OSError:  # not a variable font: the Bold file is what there is
        return loaded
    values = [_within(weight, axis) if axis["name"] == b"Weight" else axis["default"] or 0 for axis in axes]
    loaded.set_variation_by_axes([float(value) for value in values])
    return loaded


def _within(weight: int, axis: ImageFont.Axis) -> int:
    """The nearest weight that the axis of a font offers."""
    return int(min(max(weight, axis["minimum"] or weight), axis["maximum"] or weight))


def _file(face: Face) -> Path:
    try:
        path = face.path()
    except (fontpkg.FontpkgError, ImportError) as error:
        raise _missing(face) from error
    if not path.is_file():
        raise _missing(face)
    return path


def _missing(face: Face) -> InvalidInput:
    return InvalidInput(
        f"the font {face.name} is missing", field="fonts", remedy=f"install it: pip install {face.package}"
    )


@lru_cache(maxsize=16384)
def has_glyph(character: str, face: Face = FACES[0]) -> bool:
    """Whether a face draws this character as something other than its "missing glyph" box."""
    probe = _probe(face)
    return _bits(probe, character) != _bits(probe, _NO_GLYPH)


@lru_cache(maxsize=32)
def _probe(face: Face) -> ImageFont.FreeTypeFont:
    # The simple layout engine: one glyph per character, nothing dropped silently.
    return ImageFont.truetype(str(_file(face)), 24, layout_engine=ImageFont.Layout.BASIC)


def _bits(probe: ImageFont.FreeTypeFont, character: str) -> tuple[tuple[int, int], bytes]:
    mask = probe.getmask(character, mode="L")
    return mask.size, bytes(mask)


@dataclass(frozen=True)
class Drawn:
    """How a cluster is drawn: its text in a face; in colour where `face` is None."""

    text: str
    face: Face | None


def clusters(text: str) -> list[str]:
    """The grapheme clusters of a text."""
    return [match.group() for match in _CLUSTER.finditer(text)]


@lru_cache(maxsize=16384)
def resolve(cluster: str, preferred: Faces = ()) -> Drawn | None:
    """How to draw a grapheme cluster, or None where that cannot be done."""
    if is_emoji(cluster) and drawing_of(cluster):
        return Drawn(cluster, None)
    cluster = cluster[:MAX_CLUSTER]
    signs = [c for c in cluster if c not in _STEERING]
    if not signs or not all(c.isprintable() for c in signs):
        return None
    own = next((face for pattern, face in _SCRIPTS if pattern.match(signs[0])), None)
    for face in (*preferred, *sorted(FACES, key=lambda face: face is not own)):
        if (face is own or _installed(face)) and all(has_glyph(c, face) for c in signs):
            return Drawn(cluster, face)
    return Drawn(cluster, None) if drawing_of(cluster) else None


def resolved(text: str, preferred: Faces = ()) -> Iterator[tuple[str, Drawn | None]]:
    """The grapheme clusters of a text, and how each is drawn. Of a word, the letters of one script share a face: a
    preferred one that lacks some of them is not used for the others, nor for the marks and digits beside them."""
    if not preferred:
        yield from ((cluster, resolve(cluster)) for cluster in clusters(text))
        return
    for _, word in groupby(clusters(text), key=str.isspace):
        yield from _resolved_word(list(word), preferred)


def _resolved_word(word: Sequence[str], preferred: Faces) -> Iterator[tuple[str, Drawn | None]]:
    usual = {cluster: resolve(cluster) for cluster in word if any(c.isalpha() for c in cluster)}
    letters: dict[Face | None, list[str]] = {}
    for cluster, drawn in usual.items():
        letters.setdefault(drawn.face if drawn else None, []).append(cluster)
    usable = {own: tuple(face for face in preferred if _has_all(face, some)) for own, some in letters.items()}
    beside = tuple(face for face in preferred if any(face in faces for faces in usable.values()))
    for cluster in word:
        if cluster in usual:
            drawn = usual[cluster]
            yield cluster, resolve(cluster, usable[drawn.face] if drawn else preferred)
        else:
            yield cluster, resolve(cluster, beside if letters else preferred)


def _has_all(face: Face, some: Sequence[str]) -> bool:
    return all((drawn := resolve(cluster, (face,))) is not None and drawn.face == face for cluster in some)


@lru_cache(maxsize=32)
def _installed(face: Face) -> bool:
    try:
        _file(face)
    except InvalidInput:
        return False
    return True


def drawable(text: str, preferred: Faces = ()) -> str:
    """The part of `text` that can be drawn; empty when nothing visible is left.

    What no font has is left out; the subtitle files keep it.
    """
    kept = []
    visible = False
    for cluster in clusters(text):
        if cluster.isspace():
            kept.append(" ")
        elif cluster in DIRECTION_MARKS:
            kept.append(cluster)
        elif drawn := resolve(cluster, preferred):
            kept.append(drawn.text)
            visible = True
    return " ".join("".join(kept).split()) if visible else ""


def undrawable(text: str, preferred: Faces = ()) -> list[str]:
    """The clusters of `text` that `drawable` leaves out, each once, in order."""
    seen = (c for c in clusters(text) if not c.isspace() and not set(c) <= _STEERING)
    missing = (c for c in seen if resolve(c, preferred) is None)
    return list(dict.fromkeys(missing))


def require_letters(text: str, *, where: str, preferred: Faces = ()) -> None:
    """Raises `InvalidInput` (field `language`) if more than half of the letters in `text` cannot be drawn."""
    letters = [c for c in text if c.isalpha()]
    missing = [c for c in letters if resolve(c, preferred) is None]
    if len(missing) * 2 > len(letters):
        raise InvalidInput(
            f"{where} is in a script that no installed font can draw ({len(missing)} of {len(letters)} letters)",
            field="language",
            remedy="write it in a script of Europe, East Asia, Arabic, Hebrew, Devanagari or Thai",
        )
