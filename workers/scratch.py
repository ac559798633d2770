"""A folder for unfinished files, one per process, so that files of a killed process can be recognized and removed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import psutil


def own_scratch(root: Path) -> Path:
    """`root/<our pid>`, empty. Folders of processes that are gone are removed on the way."""
    root.mkdir(parents=True, exist_ok=True)
    for folder in root.iterdir():
        if folder.name == str(os.getpid()) or (folder.name.isdigit() and not psutil.pid_exists(int(folder.name))):
            shutil.rmtree(folder, ignore_errors=True)
    mine = root / str(os.getpid())
    mine.mkdir()
    return mine
