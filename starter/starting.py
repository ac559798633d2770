"""`run` and `start` up to a valid request. What talks to a studio is loaded after that: the Temporal client alone takes
0.4 s of CPU, which a request that is refused need not wait for."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from .folders import need_space, need_writable
from .inputs import Asked, request_of


def run(asked: Asked, *, out: Path | None, as_json: bool) -> Coroutine[Any, Any, int]:
    """Start, watch, deliver. Raises `InvalidInput` at once, before there is anything to await."""
    content_id, request = request_of(asked)
    folder = out or Path("out") / content_id
    need_writable(folder)
    need_space(folder)
    from . import commands

    return commands.run(asked, content_id, request, folder=folder, as_json=as_json)


def start(asked: Asked, *, as_json: bool) -> Coroutine[Any, Any, int]:
    """Start and return; the stack stays up. Raises `InvalidInput` at once."""
    content_id, request = request_of(asked)
    from . import commands

    return commands.start(asked, content_id, request, as_json=as_json)
