"""`reelwright evidence`: prints what is on record about a content's assets and decisions, or writes it to a file."""

from __future__ import annotations

from pathlib import Path

from control import evidence as control
from reelwright.domain.errors import InvalidInput
from reelwright.domain.evidence import EvidenceDocument, EvidenceRow, told

from .books import books
from .console import EXIT_OK, plain, print_json, say
from .tables import Record, count, local, print_records


async def show(content_id: str, *, output: Path | None, as_json: bool) -> int:
    """A line for each asset and decision."""
    async with books() as opened:
        document = await control.evidence(opened, content_id)
    if output is not None:
        _write(document, output)
        say(f"{count(len(document.rows), 'row')} of {plain(document.content_id)} in {plain(output)}")
    if as_json:
        print_json(document.model_dump(mode="json"))
    elif output is None:
        altered = set(document.altered)
        print_records(
            ("what", "by", "licence", "sha256", "cost", "made"),
            [Record(_cells(row), _lines(row, altered=number in altered)) for number, row in enumerate(document.rows)],
            nothing="nothing is on record about it"
            + ("" if document.required else ": an earlier release has opened it, and it is posted without"),
        )
    for number in document.altered:
        say(f"[bold red]altered[/] {plain(told(document.rows[number]))}, row {number + 1}")
    return EXIT_OK


def _write(document: EvidenceDocument, output: Path) -> None:
    try:
        output.write_text(document.model_dump_json(indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise InvalidInput(
            f"{output} cannot be written ({error.strerror})", field="output", remedy="name a file in a folder of yours"
        ) from error


def _cells(row: EvidenceRow) -> tuple[str, ...]:
    usd = f"${row.usd:.4f}" if row.usd else "-"
    return told(row), row.provider, row.licence or "-", row.sha256[:12] or "-", usd, local(row.made_at)


def _lines(row: EvidenceRow, *, altered: bool) -> tuple[str, ...]:
    decided = row.details or {}
    return (
        "altered after it was written" if altered else "",
        ": ".join(filter(None, (str(decided.get("decision", "")), str(decided.get("note", ""))))),
        f"expires {local(row.expires_at)}" if row.expires_at else "",
    )
