"""What the local stack stores between runs, and the lock that separates two of them."""

from __future__ import annotations

import contextlib
import json
import os
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from pydantic import Field

from reelwright.domain.base import Model
from reelwright.domain.errors import ReelwrightError

if TYPE_CHECKING:
    from filelock import FileLock


class AlreadyUp(ReelwrightError):
    """Another `up` holds this state directory."""


class ProcessRef(Model):
    """A process; its creation time distinguishes it from a later one with the same pid."""

    pid: int = Field(ge=1, le=2**31 - 1)
    created: float

    @staticmethod
    def of(pid: int) -> ProcessRef | None:
        """The reference to a running process."""
        try:
            return ProcessRef(pid=pid, created=psutil.Process(pid).create_time())
        except psutil.NoSuchProcess:
            return None

    def process(self) -> psutil.Process | None:
        """The process, if it is still the same one and alive."""
        try:
            process = psutil.Process(self.pid)
            alive = abs(process.create_time() - self.created) < 1 and process.status() != psutil.STATUS_ZOMBIE
            return process if alive else None
        except psutil.NoSuchProcess:
            return None


class StackState(Model):
    """Where everything is. `env` is what a worker or a client of this stack needs in its environment; it holds the
    local database's password, so the file is readable by its owner only."""

    supervisor: ProcessRef | None = None
    since: str = ""
    ready: bool = False
    ports: dict[str, int] = Field(default_factory=dict)
    env: dict[str, str] = Field(default_factory=dict)
    children: dict[str, ProcessRef] = Field(default_factory=dict)

    @property
    def live(self) -> bool:
        """Whether its supervisor is running."""
        return self.supervisor is not None and self.supervisor.process() is not None


class StateFile:
    """`<state dir>/stack.json`, and the lock beside it that a live supervisor holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.path = self.folder / "stack.json"

    @cached_property
    def _lock(self) -> FileLock:
        """Imported where it is taken: a command that only reads the stack's addresses needs no lock."""
        from filelock import FileLock

        return FileLock(self.folder / "lock", mode=0o600)

    def read(self) -> StackState:
        """The last state written; empty when there is none or it cannot be read."""
        try:
            return StackState.model_validate_json(self.path.read_text())
        except (FileNotFoundError, ValueError):  # no text, no JSON, or not of this shape
            return StackState()

    def write(self, state: StackState) -> None:
        """Whole or not at all, mode 0600."""
        temporary = self.path.with_suffix(".new")
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(state.model_dump(mode="json"), file, indent=2)
        temporary.replace(self.path)

    def secret_key(self) -> str:
        """The key that seals tokens in this studio's own database, made on first use; mode 0600."""
        from reelwright.storage.vault import Vault

        path = self.folder / "secret.key"
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(Vault.new_key())
        return path.read_text().strip()

    def take(self) -> StackState:
        """Becomes the one supervisor of this directory; `AlreadyUp` names the other one."""
        from filelock import Timeout

        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            other = self.read()
            who = f"pid {other.supervisor.pid}, since {other.since}" if other.supervisor else "starting just now"
            raise AlreadyUp(
                f"a stack is already up here ({who})",
                field=str(self.folder),
                remedy="use it, or stop it with `reelwright down`",
            ) from error
        return self.read()

    def taken(self) -> bool:
        """Whether a supervisor holds the directory now, be it ready or still coming up."""
        from filelock import Timeout

        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with self._lock.acquire(timeout=0):
                return False
        except Timeout:
            return True

    def release(self) -> None:
        """Lets go."""
        self._lock.release()


def find_live_stack(folder: Path) -> StackState | None:
    """The state of a running stack in `folder`, if there is one and it is ready."""
    state = StateFile(folder).read()
    return state if state.live and state.ready else None


def now() -> str:
    """UTC, to the second, for people."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
