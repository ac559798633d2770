"""Consents, evidence, the audit."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from control import audit, consents, evidence
from reelwright.domain.consents import Consent
from reelwright.domain.evidence import EvidenceDocument
from reelwright.domain.people import Role

from ..calls import Called
from ..models.common import INTEGER
from ..models.house import ConsentList, NewConsent, Revoke
from ..models.money import AuditList, Broken, ChainState
from ..parameters import ROWS, After, ContentPath, Limit
from ..routing import operation

TAG = "Records"


@operation("GET", "/v1/consents", needs=Role.VIEWER, tag=TAG, answers=ConsentList)
async def list_consents(call: Called) -> ConsentList:
    """All consents, newest first."""
    return ConsentList(items=tuple(await consents.consents(call.books)))


@operation("POST", "/v1/consents", needs=Role.OPERATOR, tag=TAG, answers=Consent, status=201)
async def add_consent(call: Called, body: NewConsent) -> Consent:
    """Records a consent. The signed document stays with you; its sha256 is kept."""
    return await consents.add(
        call.books,
        person=body.person,
        use=body.use,
        document_sha256=body.document_sha256,
        voice=body.voice,
        given=body.given.isoformat() if body.given else None,
        expires=body.expires.isoformat() if body.expires else None,
        by=call.caller.name,
    )


@operation("POST", "/v1/consents/{id}/revoke", needs=Role.OPERATOR, tag=TAG, answers=Consent)
async def revoke_consent(call: Called, id: Annotated[int, Path(ge=1, le=INTEGER)], body: Revoke) -> Consent:
    """From now on nothing is posted that needs it."""
    return await consents.revoke(call.books, id, by=call.caller.name, note=body.note)


@operation("GET", "/v1/evidence/{id:path}", needs=Role.VIEWER, tag=TAG, answers=EvidenceDocument)
async def get_evidence(call: Called, id: ContentPath) -> EvidenceDocument:
    """All evidence of a content: docs/schemas/evidence.schema.json."""
    return await evidence.evidence(call.books, id)


@operation("GET", "/v1/audit", needs=Role.VIEWER, tag=TAG, answers=AuditList)
async def list_audit(
    call: Called,
    about: Annotated[str | None, Query(max_length=200, description="a content's id, `youtube/main`, a channel")] = None,
    limit: Limit = ROWS,
    after: After = None,
) -> AuditList:
    """Who decided or changed what, newest first."""
    page = await audit.audit(call.books, about, limit=limit, cursor=call.after("audit", after))
    return AuditList(items=page.rows, next=call.next("audit", page.next_cursor))


@operation("GET", "/v1/audit/verify", needs=Role.VIEWER, tag=TAG, answers=ChainState)
async def verify_audit(
    call: Called,
    expect: Annotated[
        str | None, Query(pattern="^[0-9a-f]{8,64}$", description="the beginning of a hash noted earlier")
    ] = None,
) -> ChainState:
    """Walks the whole chain of hashes."""
    found = await audit.verify(call.books, expect)
    broken = Broken.model_validate(found.broken) if found.broken else None
    return ChainState(rows=found.rows, head=found.head, broken=broken)


OPERATIONS = [list_consents, add_consent, revoke_consent, get_evidence, list_audit, verify_audit]
