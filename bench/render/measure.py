"""What a command costs: user and system time of its whole process tree, wall time, the largest process's memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from reelwright.render.process.parent import MEMORY

ROOT = Path(__file__).parents[2]
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""NumPy's threads wait for work by turning in circles, which would be measured."""


@dataclass(frozen=True)
class Cost:
    """`cpu_s` is user and system time of the process and of all it waited for; `rss_mb` the largest single one's."""

    cpu_s: float
    wall_s: float
    rss_mb: float


def mean(runs: Sequence[Cost]) -> Cost:
    """The mean of several runs of the same, and the most memory."""
    cpu_s, wall_s = (sum(each) / len(runs) for each in zip(*((run.cpu_s, run.wall_s) for run in runs), strict=True))
    return Cost(cpu_s, wall_s, max(run.rss_mb for run in runs))


def cost_of(
    command: Sequence[str], log: Path, *, end_when: Callable[[], bool] | None = None, cwd: Path | None = None
) -> Cost:
    """Runs a command to its end, or kills it and all it started (SIGKILL) as soon as `end_when` returns true.

    All that is measured, peers too, gets the engine's own settings of memory and of NumPy's threads: their savings are
    not composition.
    """
    begun = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=cwd or ROOT,
            env={**os.environ, **MEMORY, **_ONE_THREAD},
            start_new_session=True,
        )
        ended = 0
        try:
            while True:
                # wait4 gives the resources of this process and of those it has waited for, and of no other.
                ended, status, usage = os.wait4(process.pid, 0 if end_when is None else os.WNOHANG)
                if ended:
                    break
                if end_when is not None and end_when():
                    _kill(process.pid)
                    end_when = None
                time.sleep(0.02)
        finally:
            if not ended:
                _kill(process.pid)
                os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, -signal.SIGKILL):
        raise RuntimeError(f"{command[:4]} failed, see {log}:\n{log.read_text(errors='replace')[-2000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - begun, usage.ru_maxrss / 1024)


def _kill(pid: int) -> None:
    try:
        tree = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in tree:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def task(name: str, work: Path, *args: str) -> list[str]:
    """The command for one of `tasks`' own."""
    return [sys.executable, "-m", "bench.render.tasks", name, str(work), *args]
