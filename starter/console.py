"""The command line's output: text for people on standard error, data for programs on standard output."""

from __future__ import annotations

import json
import os
import re
import sys
import traceback
from collections.abc import Callable, Coroutine
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

if TYPE_CHECKING:  # imported by the first printed line: `--version` and completion print none
    from rich.console import Console

EXIT_OK, EXIT_FAILURE, EXIT_INPUT, EXIT_INTERRUPTED, EXIT_BROKEN_PIPE = 0, 1, 2, 130, 141
DEBUG = "REELWRIGHT_DEBUG"
_MARKUP = re.compile(r"(\\*)\[([a-z#/@][^\[]*?)\]|\\\[")
"""A tag of Rich's markup with the backslashes before it, of which an odd number makes it text; or another bracket that
is written as text."""
_TERMINAL_TO_RICH = ("FORCE_COLOR", "TTY_COMPATIBLE", "JUPYTER_COLUMNS", "JUPYTER_LINES")


@cache
def out() -> Console:
    """Standard output, as Rich writes to it."""
    from rich.console import Console

    return Console(soft_wrap=True, highlight=False, emoji=False)


@cache
def err() -> Console:
    """Standard error, as Rich writes to it."""
    from rich.console import Console

    return Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)


def is_piped() -> bool:
    """Whether standard output is surely no terminal to Rich, told without loading it: programs read most of the output,
    and need none of its colours."""
    return _is_piped(sys.stdout)


def _is_piped(stream: TextIO) -> bool:
    return not stream.isatty() and not any(name in os.environ for name in _TERMINAL_TO_RICH)


def say(text: str) -> None:
    """A line for people. Outside text must be passed through `plain` by the caller."""
    if _is_piped(sys.stderr):
        print(unmarked(text), file=sys.stderr)
    else:
        err().print(text)


def put(text: str) -> None:
    """The same on standard output."""
    if is_piped():
        print(unmarked(text))
    else:
        out().print(text)


def unmarked(text: str) -> str:
    """The text as Rich prints it where there are no colours: without its tags. Rich itself takes a tenth of a command's
    start-up."""

    def plainly(found: re.Match[str]) -> str:
        slashes, tag = found.groups()
        if tag is None:
            return "["
        return "\\" * (len(slashes) // 2) + (f"[{tag}]" if len(slashes) % 2 else "")

    return _MARKUP.sub(plainly, text)


def printable(text: object) -> str:
    """Outside text on one line, without control characters: a terminal must not take it for commands."""
    return "".join(char if char.isprintable() else " " for char in str(text))


def plain(text: object) -> str:
    """Outside text, ready for `say`: on one line, and none of it is markup."""
    words = printable(text)
    if "[" not in words and "\\" not in words:
        return words
    from rich.markup import escape

    return escape(words)


def complain(error: BaseException, *, as_json: bool = False) -> int:
    """The error's one line; returns the exit code it stands for. The traceback is printed before it only when
    REELWRIGHT_DEBUG is set."""
    from control.failures import explained
    from reelwright.domain.errors import InvalidInput

    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    told = explained(error)
    line = printable(" ".join(str(told).split()))
    _print_error(line)
    if as_json:
        print_json({"status": "error", "field": told.field, "error": line})
    return EXIT_INPUT if isinstance(told, InvalidInput) else EXIT_FAILURE


def _print_error(line: str) -> None:
    """In Typer's colours, which are loaded already: Rich would cost a refused command a tenth of its start-up."""
    import typer

    typer.secho("error", err=True, nl=False, bold=True, fg=typer.colors.RED)
    typer.echo(f" {line}", err=True)


def run(work: Coroutine[Any, Any, int] | Callable[[], Coroutine[Any, Any, int]], *, as_json: bool = False) -> None:
    """Runs a command to its exit code and exits; a function is called first, for what is refused without waiting. An
    error is one line, never a traceback; with `as_json` it is also one object on standard output."""
    if callable(work):
        try:
            work = work()
        except Exception as error:  # noqa: BLE001 - every error is shown as one line
            end(complain(error, as_json=as_json))
    import asyncio

    try:
        code = asyncio.run(work)
    except (KeyboardInterrupt, asyncio.CancelledError):
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        code = EXIT_BROKEN_PIPE
    except SystemExit as ended:  # raised by Rich when its output pipe is closed
        code = ended.code if isinstance(ended.code, int) else EXIT_FAILURE
    except Exception as error:  # noqa: BLE001 - every error is shown as one line
        code = complain(error, as_json=as_json)
    end(code)


def end(code: int) -> NoReturn:
    """Flushes what was printed and ends the process. A reader that has gone is no error worth a line; a full disk is.

    Temporal's SDK can crash the interpreter on its way out after all work is done (sdk-python #300: 10 to 23 % of
    runs), so the way out is not taken."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = EXIT_BROKEN_PIPE
    except OSError as error:
        code = EXIT_FAILURE
        print(f"error standard output: {error.strerror}; what was printed is not complete", file=sys.stderr)
    try:
        sys.stderr.flush()
    except OSError:
        code = code or EXIT_FAILURE
    os._exit(code)


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on one line of standard output."""
    print(json.dumps(value, ensure_ascii=False))


def tolerate_any_text() -> None:
    """Text that a stream's encoding has no sign for is printed with escapes, instead of ending the command: file names
    that are no UTF-8, or any language on an ASCII terminal."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
