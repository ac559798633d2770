"""A workflow's current details in Temporal's UI: one small Markdown page of a heading, a table and notes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from temporalio import workflow

CELL_CHARS = 300
PAGE_BYTES = 18_000
"""Temporal refuses details of more than 20,000 bytes."""
_ADDRESS = re.compile(r"https?://[^\s<>|\\`]+")


def show(
    heading: str, columns: tuple[str, str], rows: Iterable[tuple[str, str]], notes: Iterable[str], *last: str
) -> None:
    """Shows the page. Cells and notes may hold outside text; `heading` and `last` are Markdown of our own, in which
    outside text has gone through `plain`."""
    lines = [heading, "", f"| {columns[0]} | {columns[1]} |", "|---|---|"]
    lines += [f"| {plain(name)} | {_cell(value)} |" for name, value in rows]
    lines += ["", *(f"- {_cell(note)}" for note in notes), "", *last]
    workflow.set_current_details("\n".join(lines).encode()[:PAGE_BYTES].decode(errors="ignore"))


def plain(text: str) -> str:
    """Outside text on one line, of which nothing is Markdown or HTML."""
    line = " ".join(text.split())[:CELL_CHARS]
    return "".join("\\" + char if char in "\\`*_[]<>|#&" else char for char in line)


def _cell(text: str) -> str:
    """An address alone is a link, anything else plain text."""
    return f"<{text}>" if len(text) <= CELL_CHARS and _ADDRESS.fullmatch(text) else plain(text)
