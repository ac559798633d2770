"""Starts child processes in order, restarts those that end, and stops them in reverse order."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt

from reelwright.domain.errors import ReelwrightError

from .child_env import child_env
from .state import ProcessRef

log = logging.getLogger(__name__)

LEASH = Path(__file__).with_name("leash.py")
LOG_BYTES = 10_000_000
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
STEADY_AFTER_S = 60.0
"""A child that lived this long has recovered: its next restart is quick again."""


STARTS = 3
"""Temporal's server and PostgreSQL choose some of their ports themselves, and another process may take one of these
before they listen."""
LINE_CHARS, LINE_HEAD_CHARS = 300, 60
"""Limits, in characters, of a quoted log line and of its beginning; the rest is its end, where the cause is."""


class ChildFailed(ReelwrightError):
    """A child process does not come up."""


class PortTaken(ChildFailed):
    """It does not come up because another process has one of its ports."""


async def _nothing() -> None:
    return


@dataclass(frozen=True)
class ChildSpec:
    """One child: its command, its readiness check, and how it is stopped.

    `env` are variables for all pools, of which the child gets those that it needs (`child_env`); `own_env` are its own.
    `before` runs before every start (cleaning up, preparing folders), `ready` until the child can be used.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    own_env: Mapping[str, str] = field(default_factory=dict)
    popen: Mapping[str, Any] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 15.0
    ready_timeout_s: float = 60.0
    before: Callable[[], Awaitable[None]] = _nothing
    ready: Callable[[], Awaitable[None]] = _nothing


class Child:
    """A supervised process. `keep` watches it until it is stopped."""

    def __init__(self, spec: ChildSpec, logs: Path, on_change: Callable[[], None]) -> None:
        self.spec = spec
        self.log_path = logs / f"{spec.name}.log"
        self.restarts = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = False
        self._log_start = 0
        self._on_change = on_change

    @property
    def ref(self) -> ProcessRef | None:
        """The running process."""
        return ProcessRef.of(self._process.pid) if self._process and self._process.poll() is None else None

    async def start(self) -> None:
        """Starts it and waits until it is ready; `ChildFailed` shows the end of its log otherwise."""
        tries = AsyncRetrying(stop=stop_after_attempt(STARTS), retry=retry_if_exception_type(PortTaken), reraise=True)
        await tries(self._start_once)

    async def _start_once(self) -> None:
        await self.spec.before()
        self._spawn()
        try:
            await asyncio.wait_for(self._ready_or_dead(), self.spec.ready_timeout_s)
        except TimeoutError as error:
            raise self._failed(f"is not ready after {self.spec.ready_timeout_s:.0f} s") from error

    async def keep(self) -> None:
        """Restarts it whenever it ends, with growing pauses, for as long as this runs."""
        pause, loop = FIRST_PAUSE_S, asyncio.get_running_loop()
        while not self._stopping:
            started = loop.time()
            await self._ended()
            if self._stopping:
                return
            code = self._process.returncode if self._process else None
            pause = FIRST_PAUSE_S if loop.time() - started > STEADY_AFTER_S else min(pause * 2, LONGEST_PAUSE_S)
            log.warning("%s ended (code %s); starting it again in %.1f s", self.spec.name, code, pause)
            await asyncio.sleep(pause)
            self.restarts += 1
            try:
                await self.start()
                log.warning("%s is back (restart %d)", self.spec.name, self.restarts)
            except (ReelwrightError, OSError) as error:
                log.error("%s", error)
                self._kill()

    async def stop(self) -> None:
        """Requests its end, and kills it when it does not end."""
        self._stopping = True
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(self.spec.stop_signal)
        for _ in range(int(self.spec.grace_s * 10)):
            if self._process.poll() is not None:
                return
            await asyncio.sleep(0.1)
        log.warning("%s did not end in %.0f s and is killed", self.spec.name, self.spec.grace_s)
        self._kill()

    def _spawn(self) -> None:
        if self.log_path.exists() and self.log_path.stat().st_size > LOG_BYTES:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        self._log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
        leash = [sys.executable, str(LEASH), str(int(self.spec.stop_signal)), str(os.getpid())]
        options: dict[str, Any] = {"stdin": subprocess.DEVNULL, **self.spec.popen}
        options["env"] = {**child_env(self.spec.name, os.environ, self.spec.env), **self.spec.own_env}
        with self.log_path.open("ab") as output:
            # Ctrl-C at the terminal reaches the supervisor alone, which stops its children in order.
            self._process = subprocess.Popen(
                [*leash, *self.spec.command],
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **options,
            )
        self._on_change()

    async def _ready_or_dead(self) -> None:
        ready = asyncio.create_task(_wait(self.spec.ready()))
        try:
            while not ready.done():
                if self._process is None or self._process.poll() is not None:
                    raise self._failed("ended before it was ready")
                await asyncio.sleep(0.05)
            await ready
        finally:
            ready.cancel()

    def _failed(self, what: str) -> ChildFailed:
        """With the last line written since this start; what an earlier start wrote is not about this one."""
        with self.log_path.open("rb") as written:
            written.seek(self._log_start)
            lines = written.read().decode(errors="replace").strip().splitlines()
        tail = lines[-1] if lines else "it wrote nothing"
        kind = PortTaken if any("address already in use" in line.lower() for line in lines) else ChildFailed
        return kind(f"{what}: {_shortened(tail)}", field=self.spec.name, remedy=f"see {self.log_path.name}")

    async def _ended(self) -> None:
        """Polls rather than waits: a thread per child would outlive its cancellation."""
        while self._process is not None and self._process.poll() is None:
            await asyncio.sleep(0.2)

    def _kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def _shortened(line: str) -> str:
    """A line without its middle."""
    if len(line) <= LINE_CHARS:
        return line
    return f"{line[:LINE_HEAD_CHARS]} … {line[LINE_HEAD_CHARS - LINE_CHARS :]}"


async def _wait(work: Awaitable[None]) -> None:
    await work
