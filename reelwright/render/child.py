"""The process that does the heavy work: `python -m reelwright.render.child`, one job on stdin, lines on stdout.

stdin stays open as the parent's sign of life: when it closes, because the parent gave up or died, the child removes
its scratch folder and ends at once. Files get their final name only when they are complete.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from reelwright.domain.errors import ReelwrightError, RenderFailed

from .compose import Composer
from .encode import encode_pictures, encode_sound, join
from .inspection import inspect
from .jobs import ChildJob, ChildLine, ErrorLine
from .sound import mix
from .thumbnail import make_thumbnail
from .trouble import out_of_space, writing

PICTURES_SHARE = 0.95
"""The part of a render's time that goes into pictures."""


class _Reporter:
    """Writes lines to the parent; progress at most ten times a second."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._last = 0.0

    def progress(self, share: float) -> None:
        now = time.monotonic()
        if now - self._last >= 0.1:
            self._last = now
            self.line(ChildLine(progress=min(max(share, 0.0), 1.0)))

    def line(self, line: ChildLine) -> None:
        self._out.write(line.model_dump_json(exclude_none=True) + "\n")
        self._out.flush()


def _mix(job: ChildJob, progress: Callable[[float], None]) -> dict[str, Any]:
    mixed = mix(job.plan, job.files, job.scratch, job.workdir, progress)
    return {
        "path": str(mixed.path),
        "duration_s": mixed.duration_s,
        "integrated_lufs": mixed.integrated_lufs,
        "true_peak_dbtp": mixed.true_peak_dbtp,
    }


def _video(job: ChildJob, progress: Callable[[float], None]) -> dict[str, Any]:
    assert job.format is not None and job.soundtrack is not None
    sound = job.files.get(job.soundtrack.audio.sha256)
    if sound is None:
        raise RenderFailed("the file was not handed over", field="soundtrack.audio", remedy="fetch it before rendering")
    composer = Composer(job.plan, job.format, job.files)
    frames = composer.timeline.frames
    pictures, voice, whole = (job.scratch / name for name in ("pictures.mp4", "sound.mp4", "whole.mp4"))
    final = job.workdir / f"{job.format.slug}.mp4"
    with writing(job.workdir, "encoding the video"):
        encode_pictures(
            composer.draw,
            range(frames),
            job.format.size,
            pictures,
            job.settings,
            lambda share: progress(PICTURES_SHARE * share),
        )
        encode_sound(sound, voice)
        join([(pictures, frames)], voice, whole)
        whole.replace(final)
    return {"path": str(final), "frames": frames}


def _thumbnail(job: ChildJob, progress: Callable[[float], None]) -> dict[str, Any]:
    assert job.format is not None
    return {"path": str(make_thumbnail(job.plan, job.format, job.files, job.scratch, job.workdir))}


def _inspect(job: ChildJob, progress: Callable[[float], None]) -> dict[str, Any]:
    assert job.format is not None and job.soundtrack is not None and job.video is not None
    return inspect(job.plan, job.format, job.soundtrack, job.video).model_dump(mode="json")


_TASKS = {"mix": _mix, "video": _video, "thumbnail": _thumbnail, "inspect": _inspect}


def _end_with_parent(scratch: Path) -> None:
    """Waits for stdin to close, then ends this process and the FFmpeg it may be running."""
    while os.read(0, 4096):
        continue
    # Twice: the main thread may still have been writing into it.
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.rmtree(scratch, ignore_errors=True)
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def main() -> int:
    """Does the job and says how it went; the exit code is 0 whenever that could be said."""
    job = ChildJob.model_validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, args=(job.scratch,), daemon=True).start()
    # The lines go to the real stdout; anything a library prints goes to stderr.
    reporter = _Reporter(os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(2, 1)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            result = _TASKS[job.task](job, reporter.progress)
    except ReelwrightError as error:
        reporter.line(ChildLine(error=ErrorLine.of(error)))
    except OSError as error:
        full = out_of_space(error, job.workdir)
        if full is None:
            raise
        reporter.line(ChildLine(error=ErrorLine.of(full)))
    except MemoryError:
        failed = RenderFailed("there is not enough memory", field="render", remedy="run fewer renders at once")
        reporter.line(ChildLine(error=ErrorLine.of(failed)))
    else:
        reporter.line(ChildLine(result=result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
