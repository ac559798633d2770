"""A speech process: started at the first text, kept while there are more, ended when idle."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from reelwright.domain.errors import InvalidInput, ProviderRefused, ProviderUnavailable

from .piper_worker import BAD_VOICE

_PACKAGE_ROOT = Path(__file__).resolve().parents[3]
# What a Python interpreter may need to start at all. No keys, no tokens, no home.
_INHERITED = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
_LINE_BYTES = 16 * 2**20
"""Phonemes of the longest scene there may be, as JSON, several times over."""


def environment() -> dict[str, str]:
    """Of this process's environment what a speaking child is given."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**inherited, "PYTHONPATH": str(_PACKAGE_ROOT), "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"}


def last_line(errors: bytes) -> str:
    """The last line of a process's error output, without file system paths, to be added to an error message."""
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    return f": {re.sub(r'/[^ :]+/', '', lines[-1])[:200]}" if lines else ""


class SpeakingChild:
    """One `piper_worker` with one voice. Requests wait for each other. One that is cancelled or takes too long ends the
    process, since its answer would be taken for the next one's."""

    def __init__(self, model: Path, *, timeout_s: float, idle_s: float) -> None:
        self._model = model
        self._timeout_s = timeout_s
        self._idle_s = idle_s
        self._lock = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._errors: asyncio.Task[bytes] | None = None
        self._idle: asyncio.TimerHandle | None = None

    async def ask(self, request: dict[str, Any] | None, *, more_s: float = 0.0) -> tuple[dict[str, Any], bytes]:
        """The answer's header and its samples; without a request the voice is only loaded. It may take `more_s` longer
        than usual. Raises `InvalidInput` for a file that is no voice, `ProviderRefused` for what the voice cannot
        speak, `ProviderUnavailable` when the process fails or takes too long.
        """
        async with self._lock:
            if self._idle is not None:
                self._idle.cancel()
            done = False
            try:
                async with asyncio.timeout(self._timeout_s + more_s):
                    answer = await self._answered(request)
                done = True
                return answer
            except TimeoutError as error:
                raise ProviderUnavailable(
                    f"Piper took longer than {self._timeout_s:g} s",
                    field="speech",
                    remedy="it is tried again; if it stays, the machine is overloaded",
                ) from error
            except (OSError, EOFError, ValueError) as error:
                raise await self._failed(error) from error
            finally:
                if done:
                    self._idle = asyncio.get_running_loop().call_later(self._idle_s, self._let_go)
                else:
                    await self.close()

    async def close(self) -> None:
        """Ends the process; the next request starts another."""
        process, self._process = self._process, None
        if self._idle is not None:
            self._idle.cancel()
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._errors is not None:
            self._errors.cancel()
            self._errors = None

    def _let_go(self) -> None:
        """Ends of itself: its standard input is closed."""
        if self._process is not None and self._process.stdin is not None and not self._lock.locked():
            self._process.stdin.close()

    async def _answered(self, request: dict[str, Any] | None) -> tuple[dict[str, Any], bytes]:
        process = await self._running()
        assert process.stdin is not None and process.stdout is not None
        if request is None:
            return {}, b""
        process.stdin.write(json.dumps(request).encode() + b"\n")
        await process.stdin.drain()
        header = json.loads(await _line(process.stdout))
        if "error" in header:
            # The process works, and would give the same answer again.
            raise ProviderRefused(
                f"{self._model.name} cannot speak this: {header['error']}", field="voice", remedy="choose another voice"
            )
        return header, await process.stdout.readexactly(int(header["bytes"]))

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            if self._process.stdin is not None and not self._process.stdin.is_closing():
                return self._process
            await self.close()
        process = self._process = await asyncio.create_subprocess_exec(
            *_command(self._model),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment(),
            limit=_LINE_BYTES,
        )
        assert process.stdout is not None and process.stderr is not None
        # Read continuously: a full pipe blocks its writer.
        self._errors = asyncio.ensure_future(process.stderr.read())
        json.loads(await _line(process.stdout))
        return process

    async def _failed(self, error: Exception) -> Exception:
        """The error, from the process's last output."""
        process, said = self._process, b""
        if process is not None and self._errors is not None:
            with suppress(ProcessLookupError):
                if not isinstance(error, EOFError):
                    process.kill()
            await process.wait()
            said = await self._errors
        code = process.returncode if process is not None else None
        if code == BAD_VOICE:
            return InvalidInput(
                f"{self._model.name} cannot be loaded{last_line(said)}",
                field="voice",
                remedy="download the voice again, or choose another",
            )
        return ProviderUnavailable(
            f"Piper ended with code {code}{last_line(said)}",
            field="speech",
            remedy="it is tried again; if it stays, reinstall piper-tts",
        )


def _command(model: Path) -> Sequence[str]:
    return (sys.executable, "-s", "-P", "-m", "reelwright.providers.speech.piper_worker", str(model))


async def _line(stream: asyncio.StreamReader) -> bytes:
    line = await stream.readline()
    if not line.endswith(b"\n"):
        raise EOFError("the process ended")
    return line
