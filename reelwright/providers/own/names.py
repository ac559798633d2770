"""Whether a local file is called what it is."""

from __future__ import annotations

from pathlib import PurePath

from reelwright.domain.content.taken import MediaKind
from reelwright.domain.errors import InvalidInput

_PICTURES = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "image/png": (".png", ".apng"),
    "image/webp": (".webp",),
    "image/gif": (".gif",),
    "image/avif": (".avif", ".avifs"),
    "image/heic": (".heic", ".heif", ".hif"),
    "image/tiff": (".tif", ".tiff"),
    "image/bmp": (".bmp", ".dib"),
}
_CLIPS = frozenset(
    {".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".flv", ".wmv"}
    | {".asf", ".3gp", ".3g2", ".ogv"}
)
_SOUND = frozenset(
    {".wav", ".mp3", ".m4a", ".m4b", ".flac", ".aac", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".caf", ".amr"}
    | {".wma", ".mka", ".weba"}
)
_BOTH = frozenset({".mp4", ".mov", ".webm", ".mkv", ".ogg", ".3gp", ".asf", ".mpeg", ".mpg", ".ts"})
"""Endings of files that hold clips as often as sound alone."""
MEDIA_ENDINGS = frozenset({ending for endings in _PICTURES.values() for ending in endings}) | _CLIPS | _SOUND


def check_name(name: str, kind: MediaKind, media_type: str, *, field: str) -> None:
    """Raises `InvalidInput` for a file whose ending is of something else than it is. Other endings say nothing."""
    ending = PurePath(name).suffix.lower()
    if ending not in MEDIA_ENDINGS or ending in _fitting(kind, media_type):
        return
    raise InvalidInput(
        f"{name} is of the type {media_type}, which its name does not say",
        field=field,
        remedy="name it after what it is, or give the file that its name says",
    )


def _fitting(kind: MediaKind, media_type: str) -> frozenset[str]:
    if media_type in _PICTURES:
        return frozenset(_PICTURES[media_type])
    return _CLIPS if kind == "clip" else _SOUND | _BOTH
