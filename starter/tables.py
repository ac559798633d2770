"""Records and fields on standard output: aligned for a person at a terminal, one whole line a record for a program.

Nothing is ever cut or folded: a line that is longer than the terminal is wrapped by the terminal, so that addresses can
be taken from it whole. In a pipe each record is one line, its values separated by tabs, without a heading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .console import is_piped, out, printable, say

if TYPE_CHECKING:
    from rich.console import Console

GAP = "  "
INDENT = "    "


@dataclass(frozen=True)
class Record:
    """`cells` are short values in columns; `lines` are long ones (addresses, reasons): at a terminal each has a line of
    its own under them, left out where it is empty."""

    cells: tuple[str, ...]
    lines: tuple[str, ...] = ()


def print_records(
    columns: Sequence[str], records: Sequence[Record], *, nothing: str, to: Console | None = None
) -> None:
    """Prints records, on standard output by default; `columns` name the cells. Without records, `nothing` is printed on
    standard error."""
    if not records:
        say(nothing)
        return
    if to is None and is_piped():
        for record in records:
            print("\t".join(printable(value) for value in (*record.cells, *record.lines)))
        return
    to = to or out()
    rows = [[printable(cell) for cell in record.cells] for record in records]
    if not to.is_terminal:
        for record, row in zip(records, rows, strict=True):
            _line(to, "\t".join([*row, *(printable(line) for line in record.lines)]))
        return
    widths = [max(map(_cells, column)) for column in zip(columns, *rows, strict=True)]
    to.print(_aligned(columns, widths), style="dim", markup=False, soft_wrap=True)
    for record, row in zip(records, rows, strict=True):
        _line(to, _aligned(row, widths))
        for line in filter(None, record.lines):
            _line(to, INDENT + printable(line))


def print_fields(fields: Sequence[tuple[str, str]], *, to: Console | None = None) -> None:
    """Prints named values, a line each, on standard output if nothing else is named."""
    if to is None and is_piped():
        for name, value in fields:
            print(f"{printable(name)}\t{printable(value)}")
        return
    to = to or out()
    width = max((_cells(name) for name, _ in fields), default=0)
    for name, value in fields:
        gap = " " * (width - _cells(name)) + GAP if to.is_terminal else "\t"
        _line(to, f"{printable(name)}{gap}{printable(value)}")


def say_more(next_cursor: str | None) -> None:
    """At a terminal, prints how to get the rest of a list; programs find it in `--json`."""
    if next_cursor and not is_piped() and out().is_terminal:
        say(f"[dim]there are more: --cursor {next_cursor}[/]")


def local(moment: datetime | None, *, none: str = "-") -> str:
    """A moment on this machine's clock, to the minute, with its zone."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M %Z}" if moment else none


def count(number: int, what: str) -> str:
    """`1 video`, `2 videos`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _cells(text: str) -> int:
    """The columns of a terminal that a text takes."""
    from rich.cells import cell_len

    return cell_len(text)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell + " " * (width - _cells(cell)) for cell, width in zip(cells, widths, strict=True)]
    return GAP.join(padded).rstrip()


def _line(to: Console, text: str) -> None:
    if to.is_terminal:
        to.print(text, markup=False, soft_wrap=True)
    else:  # Rich would turn the tabs into blanks
        print(text, file=to.file)
