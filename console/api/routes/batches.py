"""Batches: many contents started, or one thing done to a selection. A batch outlives the request that began it."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Path, Query

from control import batches
from control.batches import BatchRefused
from reelwright.domain.batches import BATCH_ID, BatchAction, BatchSummary, ItemState
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role

from ..calls import Call, Called
from ..models.batches import Act, BatchList, BatchShown, NewBatch
from ..models.common import Done
from ..parameters import ROWS, After, Limit
from ..problems import ErrorAt, Refused, pointer
from ..routing import operation

TAG = "Batches"
BODY_BYTES = 20_000_000
"""A thousand requests with a script each."""
BatchPath = Annotated[str, Path(pattern=f"^{BATCH_ID}$", description="the batch's id")]


@operation("GET", "/v1/batches", needs=Role.VIEWER, tag=TAG, answers=BatchList)
async def list_batches(call: Called, limit: Limit = ROWS) -> BatchList:
    """The newest ones."""
    return BatchList(items=tuple(await batches.batches(call.books, limit=limit)))


@operation(
    "POST", "/v1/batches", needs=Role.OPERATOR, tag=TAG, answers=BatchSummary, status=202, once="required",
    limit=BODY_BYTES,
)  # fmt: skip
async def start_batch(call: Called, body: NewBatch) -> BatchSummary:
    """Starts a content for each request, a few at a time. If one is refused none is started, and `errors` has all."""
    wanted = [(item.id, item.request()) for item in body.items]
    try:
        return await batches.start_requests(call.studio, call.books, wanted, call.parts.policies, key=_key(call))
    except BatchRefused as refused:
        places = tuple(
            ErrorAt(pointer=pointer(["items", str(one.line - 1), *one.field.split(".")]), detail=one.message)
            for one in refused.problems
        )
        raise Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY, refused.message, field="items", remedy=refused.remedy, errors=places
        ) from refused


@operation("POST", "/v1/batches/act", needs=Role.OPERATOR, tag=TAG, answers=BatchSummary, status=202, once="required")
async def act_on_contents(call: Called, body: Act) -> BatchSummary:
    """Cancels each of these contents, or tries its failed posts again. Each has an outcome of its own."""
    return await batches.act(call.studio, call.books, BatchAction(body.action), body.ids, key=_key(call))


@operation("GET", "/v1/batches/{id}", needs=Role.VIEWER, tag=TAG, answers=BatchShown)
async def get_batch(
    call: Called,
    id: BatchPath,
    state: Annotated[ItemState | None, Query(description="only items in this state")] = None,
    limit: Limit = ROWS,
    after: After = None,
) -> BatchShown:
    """A batch and what has become of its items."""
    place = call.after(f"batch {id}", after)
    shown, items = await batches.batch(call.books, id, limit=limit + 1, after=int(place or 0), state=state)
    following = str(items[limit - 1].number) if len(items) > limit else None
    return BatchShown(batch=shown, items=tuple(items[:limit]), next=call.next(f"batch {id}", following))


@operation("POST", "/v1/batches/{id}/{signal}", needs=Role.OPERATOR, tag=TAG, answers=Done, status=202)
async def tell_batch(call: Called, id: BatchPath, signal: Literal["pause", "go_on", "stop"]) -> Done:
    """Holds a running batch, lets it go on, or stops it: what is started goes on, the rest is left out."""
    await batches.tell(call.studio, call.books, id, signal)
    return Done(done=f"{id}: {signal}")


def _key(call: Call) -> str:
    """The batch's id, which the caller's key always leads to."""
    if not call.key:
        raise InvalidInput("it is missing", field="Idempotency-Key")
    return hashlib.sha256(f"batch {call.caller.id}\n{call.key}".encode()).hexdigest()[:32]


OPERATIONS = [list_batches, start_batch, act_on_contents, get_batch, tell_batch]
