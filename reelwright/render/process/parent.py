"""The parent's side of a child process: start it, follow it, and never leave it behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import reelwright
from reelwright.domain.errors import RenderFailed
from reelwright.domain.ports.rendering import Progress

from .jobs import AnyJob, ChildLine
from .trouble import out_of_space

GRACE_S = 1.0
"""What a child gets to clean up after its stdin closes, before it is killed."""
IDLE_S = 30.0
"""How long a process waits for its next job."""
MAX_JOBS = 64
"""Then a new one takes its place, so that no library's small leaks add up."""
_TUNABLES = {
    # Memory that was given back is kept for the next frame: each page that is new to a process is cleared first, which
    # was up to a twentieth of all CPU time.
    "glibc.malloc.mmap_threshold": 1 << 28,
    "glibc.malloc.trim_threshold": 1 << 28,
    "glibc.malloc.top_pad": 1 << 24,
    # And in large pages, where the system offers them.
    "glibc.malloc.hugetlb": 1,
}
"""For the GNU C library (its manual, "Memory Allocation Tunables"); others take no notice."""
MEMORY = {"GLIBC_TUNABLES": ":".join(f"{name}={value}" for name, value in _TUNABLES.items())}
"""The environment variables that request them."""
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


class Children:
    """Runs jobs, each in a process that has no other.

    Starting a process costs about 0.4 CPU-seconds of imports, as much as a few dozen frames. So while `keep` is on, a
    process that ended a job well waits a while for the next; `close` ends those that wait.
    """

    def __init__(self) -> None:
        self.keep = False
        self._idle: list[_Child] = []

    async def run(self, job: AnyJob, progress: Progress) -> dict[str, Any]:
        """Runs one job and returns its result; the scratch folder is gone afterwards.

        Raises what the child raised. When cancelled, the child and anything it started have ended before this
        returns.
        """
        child: _Child | None = None
        try:
            child = self._take() or await _Child.start(job)
            result = await child.do(job, progress)
            if self.keep and child.jobs < MAX_JOBS:
                self._put_back(child)
                child = None
            return result
        finally:
            try:
                if child is not None:
                    await child.end()
            finally:
                shutil.rmtree(job.scratch, ignore_errors=True)

    async def close(self) -> None:
        """Ends the processes that wait."""
        self.keep = False
        while self._idle:
            await self._idle.pop().end()

    def _take(self) -> _Child | None:
        while self._idle:
            child = self._idle.pop()
            if child.leave is not None:
                child.leave.cancel()
            if child.process.returncode is None:
                return child
        return None

    def _put_back(self, child: _Child) -> None:
        # Closing its stdin is enough: it ends by itself, having nothing to do.
        child.leave = asyncio.get_running_loop().call_later(IDLE_S, self._dismiss, child)
        self._idle.append(child)

    def _dismiss(self, child: _Child) -> None:
        if child in self._idle:
            self._idle.remove(child)
            child.dismiss()


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
        **MEMORY,
    }


class _Child:
    """A process and its three pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.jobs = 0
        self.leave: asyncio.TimerHandle | None = None
        self._told = b""
        self._stderr = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, job: AnyJob) -> _Child:
        """A new process, set up for its first job."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            # -P: a file in the working folder can never be taken for a module.
            "-P",
            "-m",
            "reelwright.render.process.child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=job.workdir,
            env=_environment(job.scratch),
            start_new_session=True,
            limit=_LINE_LIMIT,
        )
        return cls(process)

    async def do(self, job: AnyJob, progress: Progress) -> dict[str, Any]:
        """One job's result, or what the child raised."""
        process = self.process
        assert process.stdin is not None and process.stdout is not None
        self.jobs += 1
        with contextlib.suppress(ConnectionError):
            process.stdin.write(job.model_dump_json().encode() + b"\n")
            await process.stdin.drain()
        while line := await process.stdout.readline():
            told = ChildLine.model_validate_json(line)
            if told.error is not None:
                raise told.error.error()
            if told.result is not None:
                progress(1.0)
                return told.result
            progress(told.progress or 0.0)
        code = await process.wait()
        await self._stderr
        raise _died(code, self._told.decode("utf-8", "replace"))

    def dismiss(self) -> None:
        """Lets an idle process end by itself."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    async def end(self) -> None:
        """Ends the process and everything it started, by force where it takes long."""
        if self.leave is not None:
            self.leave.cancel()
        self.dismiss()
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), GRACE_S)
        finally:
            # The whole group: an FFmpeg the child was running goes with it. Also after an orderly end, when the group
            # is normally empty.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()
            self._stderr.cancel()

    async def _listen(self) -> None:
        assert self.process.stderr is not None
        while piece := await self.process.stderr.read(4096):
            self._told = (self._told + piece)[-_STDERR_KEPT:]


def _died(code: int, stderr: str) -> RenderFailed:
    if code < 0:
        name = signal.Signals(-code).name
        remedy = "see that there is enough memory" if -code == signal.SIGKILL else "try again"
        return RenderFailed(f"the render process was ended by {name}", field="render", remedy=remedy)
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    last = lines[-1][:300] if lines else f"exit code {code}"
    return RenderFailed(f"the render process failed: {last}", field="render", remedy="see the log of this worker")
