"""Finds the studio to connect to: the server that the environment names, a running local stack, or a new one."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from control.studio import NoStudio
from reelwright.domain.base import Model
from reelwright.domain.errors import ProviderUnavailable
from workers.local.ports import answers
from workers.local.state import StackState, StateFile, find_live_stack
from workers.settings import Settings, load_settings
from workers.targets import plain_target

from .console import say
from .ticking import regular_lines

if TYPE_CHECKING:
    from control.temporal.http import HttpClient
    from control.temporal.sdk import SdkClient

UP_LOG, UP_SAID = "up.log", "up.json"
"""In the folder of logs: the output of a background `up` for people, and its error when it fails."""
UP_TIMEOUT_S = 150.0
TEMPORAL_HTTP = "REELWRIGHT_TEMPORAL_HTTP"
DOWN_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Found:
    """A connection, its settings, and its stack, if that is a local one. `stops`: the stack was started for this
    command, and is stopped at its end."""

    client: HttpClient | SdkClient
    settings: Settings
    stack: StackState | None = None
    stops: bool = False


@asynccontextmanager
async def studio(*, start: bool = False, keep: bool = False) -> AsyncIterator[Found]:
    """A reachable studio. With `start`, a local stack is started when there is none, and stopped again on the way
    out unless `keep`. Raises `NoStudio`, or `ProviderUnavailable` for a server that is named and does not answer."""
    found = await _reachable()
    if found:
        yield found
        return
    if not start:
        raise NoStudio(field="TEMPORAL_ADDRESS")
    say("starting a local studio …")
    async with regular_lines(lambda: "waiting for the local studio"):
        state, ours = await start_stack(load_settings())
    try:
        yield replace(await _join(state), stops=ours and not keep)
    finally:
        if ours and not keep:
            await stop_stack(load_settings())


async def _reachable() -> Found | None:
    settings = load_settings()
    state = find_live_stack(settings.state_dir)
    address = _named()
    if state and address in ("", state.env.get("TEMPORAL_ADDRESS", "")):
        return await _join(state)
    if address:
        host, _, port = address.rpartition(":")
        if host in ("127.0.0.1", "localhost") and port.isdigit() and not answers(int(port)):
            return None  # no server listens there: a local stack may
        return Found(await _client(), settings)
    return None


def _named() -> str:
    """The address that the environment names, or an empty string."""
    target = plain_target()
    if target is not None:
        return target.address
    from workers.connect import configured_target

    return str(configured_target().get("target_host") or "")


async def _client() -> HttpClient | SdkClient:
    """The server's HTTP API where its address is known and nothing is needed but that; else the SDK's connection."""
    target, http = plain_target(), load_settings().temporal_http
    if target is None or not http:
        return await _sdk()
    from control.temporal.http import HttpClient

    return HttpClient(http, target.namespace, _sdk)


async def _sdk() -> SdkClient:
    from control.temporal.sdk import SdkClient
    from workers.connect import connect

    return SdkClient(await connect(for_workers=False))


async def _join(state: StackState) -> Found:
    """Takes over the stack's environment, where the person has not set something else."""
    # Keys, TLS and the HTTP API of another server are not for this one, nor where this one's is not known.
    for name, value in {TEMPORAL_HTTP: "", **state.env}.items():
        if name.startswith("TEMPORAL_") or name == TEMPORAL_HTTP:
            os.environ[name] = value
        os.environ.setdefault(name, value)
    load_settings.cache_clear()
    return Found(await _client(), load_settings(), state)


async def start_stack(settings: Settings) -> tuple[StackState, bool]:
    """`reelwright up` in the background, or one that is starting already: (its state when it is ready, whether it was
    started here). Raises with its last output when it does not become ready."""
    file = StateFile(settings.state_dir)
    if file.taken():
        return await _ready(file, None), False
    logs = file.folder / "logs"
    logs.mkdir(mode=0o700, exist_ok=True)
    with _emptied(logs / UP_SAID) as said, _emptied(logs / UP_LOG) as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "starter.cli", "up", "--json"],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=log,
            start_new_session=True,
        )
    return await _ready(file, process), True


async def _ready(file: StateFile, process: subprocess.Popen[bytes] | None) -> StackState:
    for _ in range(int(UP_TIMEOUT_S * 5)):
        if state := find_live_stack(file.folder):
            return state
        if process is not None and process.poll() is not None:
            raise ProviderUnavailable(
                f"the local studio did not start: {_reason(file.folder / 'logs')}",
                remedy="see what `reelwright doctor` says",
            )
        if process is None and not file.taken():
            # Started by another process: its output is where it was started, and up.log is of another start.
            raise ProviderUnavailable(
                "the local studio that was just starting has ended", remedy="see what `reelwright doctor` says"
            )
        await asyncio.sleep(0.2)
    if process is not None:
        process.terminate()
    raise ProviderUnavailable(
        f"the local studio is not ready after {UP_TIMEOUT_S:.0f} s", remedy=f"see the logs in {file.folder / 'logs'}"
    )


def _emptied(path: Path) -> BinaryIO:
    """A file of this start alone, for its owner only."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


class _Failure(Model):
    """The output of `up --json` for a start that failed (`console.complain`)."""

    error: str


def _reason(logs: Path) -> str:
    """The reason that `up` wrote for its end; of one that was killed before, the last line it wrote."""
    try:
        return _Failure.model_validate_json((logs / UP_SAID).read_bytes()).error
    except ValueError:  # it wrote nothing
        lines = (logs / UP_LOG).read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"


async def stop_stack(settings: Settings) -> bool:
    """Stops the running stack by its supervisor's pid; False when there is none."""
    state = StateFile(settings.state_dir).read()
    process = state.supervisor.process() if state.supervisor else None
    if process is None:
        return False
    process.send_signal(signal.SIGTERM)
    for _ in range(int(DOWN_TIMEOUT_S * 10)):
        if state.supervisor is None or state.supervisor.process() is None:
            return True
        await asyncio.sleep(0.1)
    raise ProviderUnavailable(f"the stack (pid {process.pid}) does not stop", remedy="kill it; its data is safe")
