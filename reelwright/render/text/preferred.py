"""The faces that a style prefers: families of installed wheels by name, and the user's own font files."""

from __future__ import annotations

import difflib
import hashlib
import os
import weakref
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import fontpkg

from reelwright.domain.content.style import RenderStyle
from reelwright.domain.errors import InvalidInput, RenderFailed

from .fonts import FACES, Face, Faces

NO_FILES: Mapping[str, Path] = MappingProxyType({})
"""For plans whose style names no font file."""
_BOLD = 700
_NEAREST = 3


def preferred_faces(style: RenderStyle, files: Mapping[str, Path]) -> Faces:
    """The faces of a style's `fonts`, in order; `files` has those that are files, by sha256. Raises `InvalidInput` for
    a family that is not installed, `RenderFailed` for a file that is not there (field `style.fonts`)."""
    return tuple(
        family_face(font, "style.fonts") if isinstance(font, str) else _own_face(font.sha256, files)
        for font in style.fonts
    )


def check_families(names: Sequence[str], field: str) -> None:
    """Raises `InvalidInput` for the first family that is not installed here."""
    for name in names:
        family_face(name, field)


def family_face(name: str, field: str) -> Face:
    """An installed family: its bold cut, or the variable file. Raises `InvalidInput` with the nearest names."""
    wanted = _slug(name)
    if ours := next((face for face in FACES if _slug(face.name) == wanted), None):
        return ours
    try:
        path = Path(fontpkg.path(wanted, weight=_BOLD, nearest=True))
    except fontpkg.FontpkgError as error:
        known = {_slug(family): family for family in known_families()}
        close = difflib.get_close_matches(wanted, known, _NEAREST, cutoff=0.3)
        nearest = ", ".join(known[slug] for slug in close) or "none"
        raise InvalidInput(
            f"there is no font family {name!r} (nearest: {nearest})",
            field=field,
            remedy=f"check the name, install it with every worker (pip install fontpkg-{wanted}), or name a font file",
        ) from error
    return Face(fontpkg.family(wanted).name, f"fontpkg-{wanted}", lambda: path, "")


def known_families() -> list[str]:
    """The names of all installed families."""
    return sorted({face.name for face in FACES} | {family.name for family in fontpkg.families().values()})


def family_digests(names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The named families with the sha256 of the file that each is drawn from: another release of a wheel draws
    otherwise. Raises `InvalidInput`."""
    return tuple((name, _digest(family_face(name, "style.fonts").path())) for name in names)


@lru_cache(maxsize=64)
def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _slug(name: str) -> str:
    return "-".join(name.lower().replace("_", " ").replace("-", " ").split())


class _OwnFile:
    """A font file that stays readable by its own descriptor. Faces are kept in caches, and opened in further sizes
    after the folder that the file was fetched into is removed."""

    def __init__(self, path: Path) -> None:
        number = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, number)
        self._path = Path(f"/dev/fd/{number}")

    def __call__(self) -> Path:
        return self._path


def _own_face(sha256: str, files: Mapping[str, Path]) -> Face:
    path = files.get(sha256)
    if path is None:
        raise RenderFailed("the font was not handed over", field="style.fonts", remedy="fetch it before rendering")
    return Face(sha256, "", _OwnFile(path), "")
