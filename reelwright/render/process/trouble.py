"""Maps errors of the operating system and of FFmpeg to our own errors."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av

from reelwright.domain.errors import OutOfSpace, RenderFailed

_NO_ROOM = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the limit for the size of a file is reached",
}
_NO_WRITE = {
    errno.EROFS: "is read-only",
    errno.EACCES: "may not be written to",
    errno.EPERM: "may not be written to",
    errno.ENOENT: "does not exist",
    errno.ENOTDIR: "is not a folder",
}


def out_of_space(error: OSError, workdir: Path) -> OutOfSpace | None:
    """The error to raise instead, if `error` means that nothing (more) can be written to `workdir`."""
    if error.errno in _NO_ROOM:
        return OutOfSpace(_NO_ROOM[error.errno], field="workdir", remedy="free some space or name another folder")
    if error.errno in _NO_WRITE:
        return OutOfSpace(f"{workdir} {_NO_WRITE[error.errno]}", field="workdir", remedy="name a writable folder")
    return None


def reason(error: Exception) -> str:
    """What went wrong, short and without the file's path."""
    told = error.strerror if isinstance(error, (OSError, av.FFmpegError)) and error.strerror else str(error)
    return told[:120]


@contextmanager
def writing(workdir: Path, what: str) -> Iterator[None]:
    """Around code that writes files into `workdir` or lets FFmpeg's libraries do so: their errors come out as
    `OutOfSpace` or as `RenderFailed` saying that `what` failed."""
    try:
        yield
    except (OSError, av.FFmpegError) as error:
        full = out_of_space(error, workdir) if isinstance(error, OSError) else None
        raise full or RenderFailed(
            f"{what} failed: {reason(error)}", field="render", remedy="see the log of this render"
        ) from error


def ffmpeg_failed(what: str, stderr: str, workdir: Path) -> OutOfSpace | RenderFailed:
    """FFmpeg's own last error line, as our error."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    if any("No space left on device" in line or "Disk quota exceeded" in line for line in lines):
        return OutOfSpace("the disk is full", field="workdir", remedy="free some space or name another folder")
    if any("Permission denied" in line or "Read-only file system" in line for line in lines):
        return OutOfSpace(f"{workdir} may not be written to", field="workdir", remedy="name a writable folder")
    last = lines[-1][:300] if lines else "it said nothing"
    return RenderFailed(f"{what} failed: {last}", field="render", remedy="check the input files")
