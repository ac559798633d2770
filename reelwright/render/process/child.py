"""The process that does the heavy work: `python -m reelwright.render.process.child`, one job per line
on stdin, lines on stdout.

stdin stays open while the parent runs: when it closes, because the parent gave up or ended, the child removes its
scratch folder and ends at once. Files get their final name only when they are complete.

A task imports what only it needs: most processes only make segments.
"""

from __future__ import annotations

import contextlib
import gc
import os
import queue
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from reelwright.domain.content.video import RenderJob, RenderPlan, Segment
from reelwright.domain.errors import ReelwrightError, RenderFailed
from reelwright.domain.formats import VideoFormat
from reelwright.domain.ports.rendering import Progress

from ..encode.findings import SegmentWatch, look_again
from ..encode.mp4 import encode_pictures, encode_sound, is_delivered, join
from ..picture.compose import Composer
from ..picture.pictures import Shelf
from .jobs import ANY_JOB, AnyJob, ChildJob, ChildLine, ErrorLine, FinishJob
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


def _look(job: ChildJob, progress: Progress) -> dict[str, Any]:
    from ..plan.preflight import look_over

    return {"notes": look_over(job.plan, job.files, progress)}


class _Seen:
    """Results of earlier jobs that the next one may reuse. A video's segments come one after the other and its formats
    too: their captions have the same layout and they show the same pictures."""

    def __init__(self) -> None:
        self._shelf = Shelf()
        self._plan: tuple[RenderPlan, VideoFormat] | None = None
        self._composer: Composer | None = None

    def composer(self, plan: RenderPlan, canvas: VideoFormat, files: dict[str, Path]) -> Composer:
        """The composer of the job before where plan and format are the same, else a new one."""
        if self._composer is None or self._plan != (plan, canvas):
            # The old one's pictures first: two would be in memory otherwise.
            self._plan = self._composer = None
            self._composer, self._plan = Composer(plan, canvas, files, shelf=self._shelf), (plan, canvas)
        self._composer.use(files)
        return self._composer


_SEEN = _Seen()


def _mix(job: ChildJob, progress: Progress) -> dict[str, Any]:
    from ..sound.mixing import mix

    mixed = mix(job.plan, job.files, job.scratch, job.workdir, progress)
    return {
        "found": mixed.found.model_dump(mode="json") if mixed.found else None,
        "path": str(mixed.path),
        "encoded": str(mixed.encoded),
        "duration_s": mixed.duration_s,
        "integrated_lufs": mixed.integrated_lufs,
        "true_peak_dbtp": mixed.true_peak_dbtp,
        "notes": mixed.notes,
    }


def _segments(job: ChildJob, progress: Progress) -> dict[str, Any]:
    """Encodes each segment into a file of its own, named by its digest, and writes what was found on it beside it."""
    assert job.format is not None
    size, fps = job.plan.canvas(job.format).size, job.settings.fps
    watches = [SegmentWatch(segment, size, fps, job.settings) for segment in job.segments]
    made = _encode(job, job.segments, progress, watches)
    paths = {}
    for watch, (path, _) in zip(watches, made, strict=True):
        digest = watch.segment.digest
        found = watch.finish(path)
        # The findings first: a segment that is there has its findings.
        beside = job.scratch / "findings.json"
        beside.write_text(found.model_dump_json(), "utf-8")
        beside.replace(job.workdir / f"{digest}.json")
        paths[digest] = str(path.replace(job.workdir / f"{digest}.mp4"))
    return {"paths": paths, "inspecting_s": sum(watch.cpu_s for watch in watches)}


def _encode(
    job: ChildJob, segments: Sequence[Segment], progress: Progress, watches: Sequence[SegmentWatch] = ()
) -> list[tuple[Path, int]]:
    assert job.format is not None
    canvas = job.plan.canvas(job.format)
    composer = _SEEN.composer(job.plan, canvas, job.files)
    total, done = sum(segment.frames for segment in segments), 0
    parts: list[tuple[Path, int]] = []
    with writing(job.workdir, "encoding the pictures"):
        for number, segment in enumerate(segments):
            path = job.scratch / f"segment-{number}.mp4"
            frames = range(segment.first, segment.first + segment.frames)
            before, share = done / total, segment.frames / total

            def told(value: float, before: float = before, share: float = share) -> None:
                progress(before + share * value)

            draw = watches[number].over(composer) if watches else composer.draw
            encode_pictures(draw, frames, canvas.size, path, job.settings, told, segment.digest)
            parts.append((path, segment.frames))
            done += segment.frames
    composer.close_clips()
    return parts


def _join(job: ChildJob, progress: Progress) -> dict[str, Any]:
    assert job.sound is not None
    return _finish(job, job.parts, job.sound)


def _finish(job: ChildJob, parts: Sequence[tuple[Path, int]], sound: Path) -> dict[str, Any]:
    assert job.format is not None
    voice, whole = job.scratch / "sound.mp4", job.scratch / "whole.mp4"
    final = job.workdir / f"{job.format.slug}.mp4"
    with writing(job.workdir, "putting the video together"):
        if not is_delivered(sound):
            encode_sound(sound, voice)
            sound = voice
        join(parts, sound, whole, job.settings.fps)
        whole.replace(final)
    return {"path": str(final), "frames": sum(frames for _, frames in parts)}


def _video(job: ChildJob, progress: Progress) -> dict[str, Any]:
    """All of a format's segments one after the other, joined: the same bytes as when they are made apart."""
    assert job.soundtrack is not None
    sound = job.files.get(job.soundtrack.delivered.sha256)
    if sound is None:
        raise RenderFailed("the file was not handed over", field="soundtrack.audio", remedy="fetch it before rendering")
    parts = _encode(job, job.segments, lambda share: progress(PICTURES_SHARE * share))
    return _finish(job, parts, sound)


def _thumbnails(job: ChildJob, progress: Progress) -> dict[str, Any]:
    from ..picture.thumbnail import draw_thumbnails

    assert job.format is not None
    made = draw_thumbnails(job.plan, job.format, job.files, job.scratch, job.workdir)
    return {variant: str(path) for variant, path in made.items()}


def _pictures(job: ChildJob, progress: Progress) -> dict[str, Any]:
    from ..picture.post_pictures import draw_pictures

    assert job.format is not None
    made = draw_pictures(
        job.plan, job.format, job.scenes, job.own, job.files, job.scratch, job.workdir, most_bytes=job.most_bytes
    )
    return {"files": [str(path) for path in made]}


def _hls(job: ChildJob, progress: Progress) -> dict[str, Any]:
    from ..encode.dash import add_dash, check_dash
    from ..encode.hls import make_hls
    from ..encode.hls_check import check_hls

    assert job.video is not None
    package = make_hls(job.video, job.workdir / "hls", job.scratch, lambda share: progress(0.8 * share))
    check_hls(package, job.video, job.scratch, lambda share: progress(0.8 + 0.1 * share))
    if job.plan.style.dash:
        package = add_dash(package, job.video)
        check_dash(package, job.video, job.scratch, lambda share: progress(0.9 + 0.1 * share))
    return {"files": [str(path) for path in package.files], "master": package.master.name, "sizes": package.sizes}


def _inspect(job: ChildJob, progress: Progress) -> dict[str, Any]:
    from ..encode.inspection import inspect

    assert job.format is not None and job.soundtrack is not None and job.video is not None
    begun = _cpu_s()
    render = RenderJob(plan=job.plan, format=job.plan.canvas(job.format), soundtrack=job.soundtrack)
    made = inspect(render, job.video, job.scratch, progress, job.findings)
    return {"inspection": made.model_dump(mode="json"), "inspecting_s": _cpu_s() - begun}


def _inspect_segment(job: ChildJob, progress: Progress) -> dict[str, Any]:
    assert job.format is not None and job.video is not None
    begun = _cpu_s()
    [segment] = job.segments
    size, fps = job.plan.canvas(job.format).size, job.plan.style.fps
    found = look_again(job.video, segment.digest, size, fps, segment.frames)
    return {"findings": found.model_dump(mode="json"), "inspecting_s": _cpu_s() - begun}


def _finish_video(job: FinishJob, progress: Progress) -> dict[str, Any]:
    from ..finished.deliver import make_ready

    with writing(job.workdir, "making the video ready"):
        return make_ready(job, progress)


def _hear(job: FinishJob, progress: Progress) -> dict[str, Any]:
    from ..finished.deliver import hear

    part, final = job.scratch / "sound.wav", job.workdir / "sound.wav"
    with writing(job.workdir, "reading the sound"):
        hear(job.video, part, progress)
        part.replace(final)
    return {"path": str(final)}


def _cpu_s() -> float:
    """What this process and those it has waited for have used, in seconds of a processor."""
    return sum(os.times()[:4])


_TASKS: dict[str, Callable[[Any, Progress], dict[str, Any]]] = {
    "look": _look,
    "mix": _mix,
    "video": _video,
    "segments": _segments,
    "join": _join,
    "thumbnails": _thumbnails,
    "pictures": _pictures,
    "hls": _hls,
    "inspect": _inspect,
    "inspect segment": _inspect_segment,
    "finish": _finish_video,
    "hear": _hear,
}


class _Post:
    """The jobs from stdin, read by a separate thread so that its end is noticed at any time: then the parent has given
    up or ended, and this process and the FFmpeg that it may be running end at once."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[AnyJob | None] = queue.SimpleQueue()
        self._scratch: Path | None = None
        threading.Thread(target=self._read, daemon=True).start()

    def __iter__(self) -> Iterator[AnyJob]:
        while (job := self._jobs.get()) is not None:
            yield job
            self._scratch = None

    def _read(self) -> None:
        begun = b""
        try:
            while piece := os.read(0, 1 << 16):
                *lines, begun = (begun + piece).split(b"\n")
                for line in lines:
                    job = ANY_JOB.validate_json(line)
                    self._scratch = job.scratch
                    self._jobs.put(job)
        finally:
            self._end()

    def _end(self) -> None:
        scratch = self._scratch
        if scratch is None:
            self._jobs.put(None)
            return
        # Twice: the main thread may still have been writing into it.
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.rmtree(scratch, ignore_errors=True)
        if os.getpgrp() == os.getpid():
            os.killpg(os.getpgrp(), signal.SIGKILL)
        os._exit(1)


def main() -> int:
    """Does the jobs from stdin, one after the other, and writes each one's outcome, until stdin closes."""
    # The lines go to the real stdout; anything a library prints goes to stderr.
    reporter = _Reporter(os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(2, 1)
    # What is loaded stays: the collector need not look through it again and again.
    gc.freeze()
    for job in _Post():
        os.environ["TMPDIR"], tempfile.tempdir = str(job.scratch), None
        os.chdir(job.workdir)
        with contextlib.redirect_stdout(sys.stderr):
            line = _do(job, reporter.progress)
        os.chdir("/")
        reporter.line(line)
    return 0


def _do(job: AnyJob, progress: Progress) -> ChildLine:
    try:
        return ChildLine(result=_TASKS[job.task](job, progress))
    except ReelwrightError as error:
        return ChildLine(error=ErrorLine.of(error))
    except OSError as error:
        full = out_of_space(error, job.workdir)
        if full is None:
            raise
        return ChildLine(error=ErrorLine.of(full))
    except MemoryError:
        failed = RenderFailed("there is not enough memory", field="render", remedy="run fewer renders at once")
        return ChildLine(error=ErrorLine.of(failed))


if __name__ == "__main__":
    sys.exit(main())
