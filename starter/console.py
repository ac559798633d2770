"""How the command line speaks: people read standard error, programs read standard output."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from temporalio.service import RPCError

from reelwright.domain.errors import InvalidInput, ProviderUnavailable, ReelwrightError
from reelwright.domain.explain import explain
from workers.connect import leave

EXIT_OK, EXIT_FAILURE, EXIT_INPUT, EXIT_INTERRUPTED = 0, 1, 2, 130

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


def say(text: str) -> None:
    """A line for people. Outside text must be escaped by the caller."""
    err.print(text)


def complain(error: ReelwrightError, *, as_json: bool = False) -> int:
    """The error's one line; returns the exit code it stands for."""
    line = " ".join(str(error).split())
    err.print(f"[bold red]error[/] {escape(line)}")
    if as_json:
        print(json.dumps({"status": "error", "field": error.field, "error": line}, ensure_ascii=False))
    return EXIT_INPUT if isinstance(error, InvalidInput) else EXIT_FAILURE


def run(work: Coroutine[Any, Any, int], *, as_json: bool = False) -> None:
    """Runs a command to its exit code and leaves. What a person can act on is one line, never a traceback; with
    `as_json` the same is said in one object on standard output."""
    try:
        code = asyncio.run(work)
    except ReelwrightError as error:
        code = complain(error, as_json=as_json)
    except ValidationError as error:
        code = complain(explain(error), as_json=as_json)
    except RPCError as error:
        trouble = ProviderUnavailable(f"Temporal: {error.message}", remedy="is its server up, and are its workers?")
        code = complain(trouble, as_json=as_json)
    except (KeyboardInterrupt, asyncio.CancelledError):
        code = EXIT_INTERRUPTED
    leave(code)


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on one line of standard output."""
    print(json.dumps(value, ensure_ascii=False))
