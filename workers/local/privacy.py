"""The state folder is readable by its owner only: it holds media before review, logs and databases."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_STORES = re.compile(r"[0-9a-f]{2}|\.incoming")
OTHERS = stat.S_IRWXG | stat.S_IRWXO


@contextmanager
def private_files() -> Iterator[None]:
    """What this process makes meanwhile is for its owner only (umask 077)."""
    before = os.umask(OTHERS)
    try:
        yield
    finally:
        os.umask(before)


def tighten_media(folder: Path) -> None:
    """The same for a media folder outside the state folder. The folder itself is a person's; what a store has put into
    it is ours."""
    for entry in folder.iterdir() if folder.is_dir() else ():
        if _STORES.fullmatch(entry.name) and entry.is_dir() and not entry.is_symlink():
            tighten(entry)


def tighten(folder: Path, *, leave: Sequence[str] = ()) -> None:
    """Takes from everybody but the owner what an earlier version left open: folders become 0700, files 0600 (0700 where
    they can be run). Links are not followed; `leave` names what others manage themselves."""
    for entry in os.scandir(folder):
        if entry.is_symlink() or entry.name in leave:
            continue
        if entry.is_dir():
            tighten(Path(entry.path))
        else:
            _close(entry.path, entry.stat().st_mode)
    _close(folder, folder.stat().st_mode)


def _close(path: str | Path, mode: int) -> None:
    mode = stat.S_IMODE(mode)
    if mode & OTHERS:
        os.chmod(path, mode & ~OTHERS)
