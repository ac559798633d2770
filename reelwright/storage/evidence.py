"""The table `evidence`. `PostgresEvidence` implements `domain.ports.publishing.Evidence`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, get_args

from pydantic import ValidationError

from reelwright.domain.assets import AssetRef
from reelwright.domain.consents import voices_of
from reelwright.domain.evidence import (
    EvidenceDocument,
    EvidenceRow,
    Kind,
    Noted,
    Rights,
    check_consents,
    check_rights,
    need_evidence,
)
from reelwright.domain.licences import DECLARED
from reelwright.domain.redaction import redact_values

from .consents import consents_of, rights_of
from .database import transaction

_UNREADABLE = EvidenceRow(content_id="", kind="own", sha256="", provider="", made_at=datetime.fromtimestamp(0, UTC))
"""Stands for a row that was altered so that it cannot be read: it has no digest, and counts as altered."""


async def note(
    connection: Any, noted: Sequence[Noted], content_id: str, *, provider: str, usd: float, record: str
) -> None:
    """Adds the rows of what was made, in the transaction of its record. The first row has the cost of all."""
    if not noted:
        return
    at = await connection.fetchval("select clock_timestamp()")
    for number, one in enumerate(noted):
        own = EvidenceRow.of(
            redact_values(one), content_id, provider=provider, usd=0.0 if number else usd, record=record, at=at
        )
        await _add(connection, await _declared(connection, own) if own.kind == "own" else own)


async def note_decision(
    connection: Any, content_id: str, *, kind: str, decision: str, by: str, note: str, artifact: str, record: str
) -> None:
    """Adds the row of a decision, in the transaction of its record."""
    at = await connection.fetchval("select clock_timestamp()")
    await _add(
        connection,
        EvidenceRow.of_decision(
            content_id,
            kind=kind,
            decision=decision,
            by=by,
            note=redact_values(note),
            artifact=artifact,
            record=record,
            at=at,
        ),
    )


class PostgresEvidence:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def document(self, id: str) -> list[EvidenceDocument]:
        """The evidence of the contents with this id, or made by the workflow with this id."""
        if "\0" in id:
            return []
        async with transaction(self._pool) as connection:
            contents = await connection.fetch(
                "select id, workflow_id, opened_at, evidence from content where id = $1 or workflow_id = $1", id
            )
            documents = []
            for content in contents:
                rows = await _rows(connection, content["id"])
                documents.append(
                    EvidenceDocument(
                        content_id=content["id"],
                        workflow_id=content["workflow_id"],
                        opened_at=content["opened_at"],
                        required=content["evidence"],
                        rows=tuple(rows),
                        altered=tuple(number for number, row in enumerate(rows) if not row.whole),
                    )
                )
        return documents

    async def need(self, content_id: str, files: Sequence[tuple[str, AssetRef]]) -> None:
        """Returns when the evidence of all that these files are made of holds, and for contents that an earlier release
        has opened. Raises `PostRejected` (`evidence`) otherwise."""
        async with transaction(self._pool) as connection:
            if not await connection.fetchval("select evidence from content where id = $1", content_id):
                return
            rows = await _rows(connection, content_id)
            parts = need_evidence(content_id, rows, files)
            now = await connection.fetchval("select clock_timestamp()")
            declared = await rights_of(connection, parts)
            posted = {file.sha256 for _, file in files}
            used = [row for row in rows if row.kind != "decision" and row.sha256 in parts]
            numbers = [rights.consent for rights in declared.values() if rights.consent is not None]
            voices = [voice for row in used for voice in voices_of(row.provider)]
            consents = await consents_of(connection, numbers, voices)
        for row in used:
            rights = Rights(licence=row.licence, expires_at=row.expires_at)
            if row.kind == "own":
                rights = declared.get(row.sha256, rights)
            check_rights(content_id, row, rights, now, adapted=row.sha256 not in posted)
            check_consents(content_id, row, rights, consents, now)


async def _declared(connection: Any, row: EvidenceRow) -> EvidenceRow:
    """The row of a file of the user's own, with what was declared of it."""
    rights = (await rights_of(connection, [row.sha256])).get(row.sha256)
    if rights is None:
        return row.model_copy(update={"licence": DECLARED}).sealed()
    told = {
        "licence": rights.licence,
        "terms": rights.terms,
        "terms_read": rights.declared_at.date() if rights.declared_at else None,
        "expires_at": rights.expires_at,
    }
    return row.model_copy(update=told).sealed()


async def _add(connection: Any, row: EvidenceRow) -> None:
    await connection.execute(
        "insert into evidence (content_id, kind, sha256, row, prompt) values ($1, $2, $3, $4, $5)",
        row.content_id,
        row.kind,
        row.sha256,
        row.model_dump_json(exclude={"prompt"}),
        row.prompt,
    )


async def _rows(connection: Any, content_id: str) -> list[EvidenceRow]:
    """In the order in which they were written. What the columns say goes before what the JSON says, so that a change of
    either is a change of the row."""
    rows = await connection.fetch(
        "select content_id, kind, sha256, row, prompt from evidence where content_id = $1 order by id", content_id
    )
    told = []
    for row in rows:
        try:
            own = EvidenceRow.model_validate_json(row["row"])
        except ValidationError:
            own = _UNREADABLE
        columns = {name: row[name] for name in ("content_id", "sha256", "prompt")}
        columns["kind"] = row["kind"] if row["kind"] in get_args(Kind) else own.kind
        told.append(own.model_copy(update=columns))
    return told
