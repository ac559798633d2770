"""Files that a person names, read with a limit of bytes and a limit of time.

A name may be anything: a pipe such as `<(command)`, an endless device, a FIFO without a writer.
"""

from __future__ import annotations

import os
import select
import stat
import time
from pathlib import Path

from reelwright.domain.errors import InvalidInput
from reelwright.domain.text.incoming import one_line

STANDARD_INPUT = "-"
IDLE_S = 20.0
"""A pipe from which nothing comes for this long is given up."""
WHOLE_S = 120.0
"""And one that has not come to its end by then."""
BLOCK = 1 << 16
NAME_CHARS = 200
_KINDS = ((stat.S_ISBLK, "a disk"), (stat.S_ISSOCK, "a socket"))


def read_limited(path: Path, *, field: str, limit: int) -> bytes:
    """All bytes of a file, a pipe or (`-`) the standard input, at most `limit`.

    Raises `InvalidInput` naming `field`: not there, not readable, no file, too long, or nothing comes.
    """
    descriptor = _open(path, field)
    try:
        return _read(descriptor, named(path), field, limit)
    except OSError as error:
        raise unreadable(named(path), error, field) from error
    finally:
        os.close(descriptor)


def read_inside(folder: Path, name: str, *, field: str, limit: int) -> bytes:
    """All bytes of a regular file that really lies in `folder` or below it, wherever its name or a link points.

    It is opened once, and the checks are made on the opened file. Raises `InvalidInput` naming `field`.
    """
    descriptor, _ = open_inside(
        folder, name, field=field, where="the style's folder", remedy="put a copy beside the style"
    )
    try:
        return _read(descriptor, named(name), field, limit)
    except OSError as error:
        raise unreadable(named(name), error, field) from error
    finally:
        os.close(descriptor)


def open_inside(folder: Path, name: str, *, field: str, where: str, remedy: str) -> tuple[int, Path]:
    """A descriptor of a regular file that really lies in `folder` or below it, and its path without links. `where` is
    what the folder is called, `remedy` what to do about a file outside. Raises `InvalidInput` naming `field`."""
    try:
        base = folder.resolve(strict=True)
        real = (base / name).resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: links in a circle
        raise InvalidInput(f"{named(name)} is missing", field=field, remedy="check the file") from error
    if not real.is_relative_to(base) or real == base:
        raise InvalidInput(f"{named(name)} lies outside {where}", field=field, remedy=remedy)
    try:
        descriptor = _open_below(base, real.relative_to(base))
    except OSError as error:
        raise unreadable(named(name), error, field) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise InvalidInput(f"{named(name)} is not a plain file", field=field, remedy="name another file")
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, real


def named(path: Path | str) -> str:
    """A file's name for a message: one line without control characters, not too long."""
    name = one_line(str(path)) or "the file"
    return name if len(name) <= NAME_CHARS else f"{name[: NAME_CHARS // 2]}…{name[-NAME_CHARS // 2 :]}"


def unreadable(name: str, error: OSError, field: str) -> InvalidInput:
    """The error for a file that the system does not open."""
    return InvalidInput(
        f"{name!r} cannot be read ({error.strerror or type(error).__name__})", field=field, remedy="check the path"
    )


def _open(path: Path, field: str) -> int:
    if str(path) == STANDARD_INPUT:
        return os.dup(0)
    try:
        # Without waiting: opening a FIFO would block until it has a writer.
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        raise unreadable(named(path), error, field) from error
    except ValueError as error:  # a NUL in the path
        raise InvalidInput("not a file name", field=field, remedy="check the path") from error


def _open_below(base: Path, inner: Path) -> int:
    """Opens step by step without following a link: the path was resolved, and may have been changed since."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    folder = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in inner.parts[:-1]:
        try:
            below = os.open(part, flags | os.O_DIRECTORY, dir_fd=folder)
        finally:
            os.close(folder)
        folder = below
    try:
        return os.open(inner.name, flags, dir_fd=folder)
    finally:
        os.close(folder)


def _read(descriptor: int, name: str, field: str, limit: int) -> bytes:
    found = os.fstat(descriptor)
    for is_kind, kind in _KINDS:
        if is_kind(found.st_mode):
            raise InvalidInput(f"{name} is {kind}, not a file", field=field, remedy="name a text file")
    if stat.S_ISREG(found.st_mode) and found.st_size > limit:
        raise InvalidInput(
            f"{name} has {found.st_size:,} bytes, more than the limit of {limit:,}",
            field=field,
            remedy="shorten it or split it up",
        )
    data = bytearray()
    end = time.monotonic() + WHOLE_S
    while len(data) <= limit:
        block = _next(descriptor, min(BLOCK, limit + 1 - len(data)), name, field, end)
        if not block:
            return bytes(data)
        data += block
    raise InvalidInput(
        f"{name} goes on after the limit of {limit:,} bytes", field=field, remedy="shorten it or split it up"
    )


def _next(descriptor: int, size: int, name: str, field: str, end: float) -> bytes:
    """The next bytes, none at the end."""
    patience = min(IDLE_S, end - time.monotonic())
    ready = select.poll()
    ready.register(descriptor, select.POLLIN)
    # A plain file is always ready, but for some of the kernel's own.
    waits = not stat.S_ISREG(os.fstat(descriptor).st_mode)
    while patience > 0:
        since = time.monotonic()
        if not waits or ready.poll(patience * 1_000):
            try:
                return os.read(descriptor, size)
            except BlockingIOError:
                waits = True
                time.sleep(0.05)
        patience -= time.monotonic() - since
    waited = "is not at its end" if end - time.monotonic() <= 0 else f"has given nothing for {IDLE_S:.0f} seconds"
    raise InvalidInput(
        f"{name} {waited}, and is not waited for", field=field, remedy="check what writes to it, or name a file"
    )
