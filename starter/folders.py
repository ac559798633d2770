"""Folders that a command is about to write to."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from reelwright.domain.errors import InvalidInput, OutOfSpace

FREE_BYTES = 300_000_000
"""Three formats of a ten-minute video and the working files of two of them, with room to spare."""


def need_space(*folders: Path) -> None:
    """`OutOfSpace` when a folder that is about to be written to has less free than a video needs."""
    for folder in folders:
        existing = existing_above(folder)
        free = shutil.disk_usage(existing).free
        if free < FREE_BYTES:
            raise OutOfSpace(
                f"only {free // 1_000_000} MB are free in {existing}, {FREE_BYTES // 1_000_000} MB are needed",
                field="disk",
                remedy="free some space, or use another folder (--out, REELWRIGHT_STATE_DIR)",
            )


def need_writable(folder: Path, *, field: str = "out") -> None:
    """`InvalidInput` when `folder` cannot be made or written to. It only checks, and leaves no file."""
    existing = existing_above(folder)
    if not existing.is_dir():
        trouble = f"{existing} is a file"
    elif not os.access(existing, os.W_OK | os.X_OK):
        trouble = f"{existing} is not ours to write to"
    else:
        return
    raise InvalidInput(f"{folder} cannot be written to: {trouble}", field=field, remedy="name another folder")


def existing_above(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists())
