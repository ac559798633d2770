"""Batches: start many contents from a table, do one thing to a selection, and watch what becomes of each item."""

from __future__ import annotations

from starlette.responses import Response

from control import batches as control
from control.batches import TABLE_BYTES, BatchRefused
from reelwright.domain.batches import BatchAction, ItemState
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role

from ..forms import form_of, text_of, texts_of
from ..problems import Problem, problem_of
from ..routing import PageRequest, page, to
from ..templating import render

ROWS = 100
SELECTED = 100
"""A page of a list has no more rows to tick."""


@page("/batches", needs=Role.VIEWER)
async def batches(request: PageRequest) -> Response:
    """The newest ones."""
    before = request.query_params.get("after") or None
    rows = await control.batches(request.books, limit=ROWS + 1, before=before)
    following = rows[ROWS - 1].id if len(rows) > ROWS else None
    return render(request, "batches.html", rows=rows[:ROWS], cursor=before, next_cursor=following)


@page("/batches/new", needs=Role.OPERATOR)
async def new_batch(request: PageRequest) -> Response:
    """The form for a table."""
    return _form(request, "", control.new_key())


@page("/batches", needs=Role.OPERATOR, methods=("POST",), name="start_batch")
async def start_batch(request: PageRequest) -> Response:
    """Checks every line, then starts all of them; what is wrong is shown by line, and then none is started."""
    form = await form_of(request, 4 * TABLE_BYTES)  # as it is coded in a form
    table, key = text_of(form, "table", most=TABLE_BYTES), text_of(form, "key", most=40)
    try:
        begun = await control.start_table(request.studio, request.books, table, request.parts.policies, key=key)
    except InvalidInput as error:
        return _form(request, table, key, problem_of(error), error)
    return to(request, "batch", id=begun.id)


@page("/batches/act", needs=Role.OPERATOR, methods=("POST",), name="act_on_selection")
async def act_on_selection(request: PageRequest) -> Response:
    """Does one thing to the contents that were ticked in a list."""
    form = await form_of(request)
    named = text_of(form, "action", most=20)
    try:
        action = BatchAction(named)
    except ValueError:
        raise InvalidInput(f"there is no action {named!r}", field="action", remedy="choose cancel or retry") from None
    ids = texts_of(form, "ids", most=SELECTED)
    key = text_of(form, "key", most=40)
    begun = await control.act(request.studio, request.books, action, ids, key=key)
    return to(request, "batch", id=begun.id)


@page("/batches/{id}", needs=Role.VIEWER)
async def batch(request: PageRequest) -> Response:
    """One of them, item by item."""
    query = request.query_params
    after = int(query["after"]) if query.get("after", "").isdecimal() else 0
    state = ItemState(query["state"]) if query.get("state") in list(ItemState) else None
    id = request.path_params["id"]
    shown, items = await control.batch(request.books, id, limit=ROWS + 1, after=min(after, 10_000), state=state)
    following = items[ROWS - 1].number if len(items) > ROWS else None
    return render(
        request, "batch.html", batch=shown, items=items[:ROWS], state_wanted=state, states=tuple(ItemState),
        cursor=after or None, next_cursor=following,
    )  # fmt: skip


@page("/batches/{id}/{signal}", needs=Role.OPERATOR, methods=("POST",))
async def tell_batch(request: PageRequest) -> Response:
    """`pause`, `go_on` or `stop`."""
    id = request.path_params["id"]
    await control.tell(request.studio, request.books, id, request.path_params["signal"])
    return to(request, "batch", id=id)


def _form(
    request: PageRequest, table: str, key: str, problem: Problem | None = None, error: InvalidInput | None = None
) -> Response:
    return render(
        request,
        "batch_form.html",
        status=422 if problem else 200,
        table=table,
        key=key,
        problem=problem,
        problems=error.problems if isinstance(error, BatchRefused) else (),
        columns=control.COLUMNS,
    )


ROUTES = [batches, new_batch, start_batch, act_on_selection, batch, tell_batch]
