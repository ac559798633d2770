"""Looks at a file in a process of its own."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.ports.rendering import Progress
from reelwright.domain.redaction import redact

from ..speech.child import environment, last_line
from .limits import Limits
from .looked import Looked

_LINE_BYTES = 1 << 20
_BROKEN = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGXCPU, signal.SIGSYS)
"""Signals a decoder ends by that a file breaks. Others come from outside: the machine's memory, a shutdown."""


async def look(path: Path, *, name: str, field: str, workdir: Path, limits: Limits, progress: Progress) -> Looked:
    """What the file is; what was made of it lies in `workdir`. Raises `InvalidInput` naming the field and the file."""
    answer = await _asked(path, name, field, workdir, limits, progress)
    return Looked.model_validate(answer["looked"])


async def still(path: Path, start_s: float, *, name: str, field: str, workdir: Path, limits: Limits) -> Path:
    """The still, in `workdir`, of a clip that begins at `start_s`. Raises `InvalidInput`."""
    answer = await _asked(path, name, field, workdir, limits, lambda share: None, str(start_s))
    return Path(answer["still"])


async def frames(
    path: Path, at_s: Sequence[float], *, name: str, field: str, workdir: Path, limits: Limits
) -> list[Path]:
    """Small pictures, in `workdir`, of what a clip shows at two or more moments. Raises `InvalidInput`."""
    answer = await _asked(path, name, field, workdir, limits, lambda share: None, *map(str, at_s))
    return [Path(frame) for frame in answer["frames"]]


async def _asked(
    path: Path, name: str, field: str, workdir: Path, limits: Limits, progress: Progress, *starts: str
) -> dict[str, Any]:
    """What the looking process answers."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-s", "-P", "-m", "reelwright.providers.own.look_worker"),
        *(str(path.absolute()), str(workdir.absolute()), limits.model_dump_json(), *starts),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(),
        limit=_LINE_BYTES,
    )
    try:
        async with asyncio.timeout(limits.look_s):
            answer, said = await asyncio.gather(_answer(process, progress), _errors(process))
            code = await process.wait()
    except TimeoutError as error:
        raise InvalidInput(
            f"{name} takes more than {limits.look_s:,.0f} s to decode", field=field, remedy="cut it, or save it smaller"
        ) from error
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if "bad" in answer:
        reason, remedy = answer["bad"]
        raise InvalidInput(f"{name}: {reason}", field=field, remedy=remedy)
    if answer.keys() & {"looked", "still", "frames"}:
        return dict(answer)
    if -code in _BROKEN:
        raise InvalidInput(f"{name} breaks its decoder (signal {-code})", field=field, remedy="save or export it again")
    raise ProviderUnavailable(
        f"looking at {name} ended with code {code}{redact(last_line(said))}",
        field=field,
        remedy="it is tried again; if it stays, the installation is broken",
    )


async def _answer(process: asyncio.subprocess.Process, progress: Progress) -> dict[str, Any]:
    """The last line that is no progress."""
    answer: dict[str, Any] = {}
    assert process.stdout is not None
    async for line in process.stdout:
        told = json.loads(line)
        if "share" in told:
            progress(float(told["share"]))
        else:
            answer = told
    return answer


async def _errors(process: asyncio.subprocess.Process) -> bytes:
    """The end of what it writes to its standard error."""
    kept = b""
    assert process.stderr is not None
    while block := await process.stderr.read(1 << 16):
        kept = (kept + block)[-4_096:]
    return kept
