"""Runs the FFmpeg program on long work and follows it frame by frame."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from reelwright.domain.ports.rendering import Progress

from .trouble import ffmpeg_failed


@dataclass(frozen=True)
class Followed:
    """What FFmpeg wrote to stderr, and how many frames went through its first output."""

    log: str
    frames: int


def follow(args: Sequence[str], *, what: str, folder: Path, frames: int, progress: Progress) -> Followed:
    """Runs FFmpeg in `folder` and reports its progress, of `frames` in all. Raises `RenderFailed`, `OutOfSpace`.

    No time limit: the caller watches the progress.
    """
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-nostats", "-progress", "pipe:1", *args]
    done = 0
    # Its messages go to a file: two pipes that are read one after the other could fill up and stand still.
    with tempfile.TemporaryFile(dir=folder) as messages:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=messages, cwd=folder, text=True
        )
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if found := re.match(r"frame=\s*(\d+)", line):
                    done = int(found[1])
                    progress(min(done / max(frames, 1), 1.0))
            code = process.wait()
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        messages.seek(0)
        log = messages.read().decode("utf-8", "replace")
    if code != 0:
        raise ffmpeg_failed(what, log, folder)
    return Followed(log, done)
