"""The parent's side of a child process: start it, follow it, and never leave it behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import reelwright
from reelwright.domain.errors import RenderFailed
from reelwright.domain.ports import Progress

from .jobs import ChildJob, ChildLine
from .trouble import out_of_space

GRACE_S = 1.0
"""What a child gets to clean up after its stdin closes, before it is killed."""
_LINE_LIMIT = 1 << 20
_STDERR_KEPT = 8_192


def make_scratch(workdir: Path) -> Path:
    """A new folder in `workdir` for unfinished files. Raises `OutOfSpace` when nothing can be written there."""
    try:
        return Path(tempfile.mkdtemp(prefix=".render-", dir=workdir))
    except OSError as error:
        full = out_of_space(error, workdir)
        if full is None:
            raise
        raise full from error


async def run_child(job: ChildJob, progress: Progress) -> dict[str, Any]:
    """Runs one job in a process of its own and returns its result; the scratch folder is gone afterwards.

    Raises what the child raised. When cancelled, the child and anything it started have ended before this returns.
    """
    try:
        async with _child(job) as process:
            return await _follow(process, job, progress)
    finally:
        shutil.rmtree(job.scratch, ignore_errors=True)


def _environment(scratch: Path) -> dict[str, str]:
    """Only what a render needs: no keys, no settings of the worker get there."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "IMAGEIO_FFMPEG_EXE") if name in os.environ}
    return {
        **kept,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(Path(reelwright.__file__).resolve().parents[1]),
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(scratch),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


@contextlib.asynccontextmanager
async def _child(job: ChildJob) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        # -P: a file in the working folder can never be taken for a module.
        "-P",
        "-m",
        "reelwright.render.child",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=job.workdir,
        env=_environment(job.scratch),
        start_new_session=True,
        limit=_LINE_LIMIT,
    )
    try:
        yield process
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), GRACE_S)
    finally:
        # The whole group: an FFmpeg the child was running goes with it. Also after an orderly end, when the group is
        # normally empty.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _follow(process: asyncio.subprocess.Process, job: ChildJob, progress: Progress) -> dict[str, Any]:
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    stderr = asyncio.create_task(_tail(process.stderr))
    try:
        with contextlib.suppress(ConnectionError):
            process.stdin.write(job.model_dump_json().encode() + b"\n")
            await process.stdin.drain()
        async for line in process.stdout:
            told = ChildLine.model_validate_json(line)
            if told.error is not None:
                raise told.error.error()
            if told.result is not None:
                progress(1.0)
                return told.result
            progress(told.progress or 0.0)
        raise _died(await process.wait(), await stderr)
    finally:
        stderr.cancel()


async def _tail(stream: asyncio.StreamReader) -> str:
    kept = b""
    while piece := await stream.read(4096):
        kept = (kept + piece)[-_STDERR_KEPT:]
    return kept.decode("utf-8", "replace")


def _died(code: int, stderr: str) -> RenderFailed:
    if code < 0:
        name = signal.Signals(-code).name
        remedy = "see that there is enough memory" if -code == signal.SIGKILL else "try again"
        return RenderFailed(f"the render process was ended by {name}", field="render", remedy=remedy)
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    last = lines[-1][:300] if lines else f"exit code {code}"
    return RenderFailed(f"the render process failed: {last}", field="render", remedy="see the log of this worker")
