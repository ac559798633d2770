"""Batches: many contents started from a table, or one thing done to a selection. A batch is a workflow: it outlives the
page that began it. Everything is checked before anything starts: one that is refused starts nothing."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from reelwright.domain.batches import ITEMS, BatchAction, BatchItem, BatchOrder, BatchProgress, BatchSummary, ItemState
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ids import content_id_of_key
from reelwright.domain.people import Role
from reelwright.domain.ports.channels import PolicyShelf
from reelwright.domain.text.incoming import cut, one_line
from workflows.queues import MAIN_QUEUE

from .access import allowed
from .contents import title_of, unknown_is_told
from .requests import Wishes
from .starting import checked, prepared
from .studio import Books, Studio
from .temporal.port import Start

WORKFLOW = "Batch"
COLUMNS = ("topic", "script", "feed", "title", "channel", "language", "platforms", "formats", "publish_at", "max_usd")
"""What a table may have; its first line names its columns. Several platforms or formats stand with blanks between."""
SEVERAL = ("platforms", "formats")
TABLE_BYTES = 2_000_000
PROBLEMS = 50
"""Problems that are told at once."""


@dataclass(frozen=True)
class RowProblem:
    """What is wrong in one line of a table, which counts from 1 below its head."""

    line: int
    field: str
    message: str


class BatchRefused(InvalidInput):
    """Something is wrong in the table; nothing was started. `problems` are all of it, up to `PROBLEMS`."""

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        first = problems[0]
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(
            f"line {first.line}: {first.field}: {first.message}{more}",
            field="table",
            remedy="mend it; nothing was started",
        )
        self.problems = tuple(problems[:PROBLEMS])


@allowed(Role.OPERATOR)
async def start_table(studio: Studio, books: Books, table: str, policies: PolicyShelf, *, key: str) -> BatchSummary:
    """Starts a content for each line of a table in CSV or with tabs. `key` is the sender's: the same again is the same
    batch. Raises `BatchRefused` with everything that is wrong."""
    rows, problems, items = rows_of(table), [], list[BatchItem]()
    for number, row in enumerate(rows, 1):
        try:
            content_id, request, _ = await prepared(studio, books, _wishes(row, f"{key}-{number}"), policies)
            items.append(_item(number, content_id, request))
        except InvalidInput as error:
            problems.append(RowProblem(number, error.field, f"{error.message}; {error.remedy}".rstrip("; ")))
    if problems:
        raise BatchRefused(problems)
    return await _begin(studio, books, BatchAction.START, items, key=key)


@allowed(Role.OPERATOR)
async def start_requests(
    studio: Studio,
    books: Books,
    wanted: Sequence[tuple[str | None, ContentRequest]],
    policies: PolicyShelf,
    *,
    key: str,
) -> BatchSummary:
    """Starts a content for each of these requests, with its id, if it is given one. As `start_table` otherwise."""
    _few(len(wanted))
    problems, items = list[RowProblem](), list[BatchItem]()
    for number, (id, request) in enumerate(wanted, 1):
        content_id = id or content_id_of_key(request.request_key or f"{key}-{number}")
        if any(item.content_id == content_id for item in items):
            problems.append(RowProblem(number, "id", "another item has it, too; choose another one"))
        try:
            await checked(studio, books, request, policies)
            items.append(_item(number, content_id, request))
        except InvalidInput as error:
            problems.append(RowProblem(number, error.field, f"{error.message}; {error.remedy}".rstrip("; ")))
    if problems:
        raise BatchRefused(problems)
    return await _begin(studio, books, BatchAction.START, items, key=key)


@allowed(Role.OPERATOR)
async def act(
    studio: Studio, books: Books, action: BatchAction, content_ids: Sequence[str], *, key: str
) -> BatchSummary:
    """Does one thing to each of these contents. What is refused is refused one by one, on record."""
    if action is BatchAction.START:
        raise InvalidInput("contents are started from a table", field="action", remedy="choose cancel or retry")
    wanted = list(dict.fromkeys(content_ids))
    if not wanted:
        raise InvalidInput("no content is chosen", field="ids", remedy="tick at least one")
    _few(len(wanted))
    items = [BatchItem(number=number, content_id=id) for number, id in enumerate(wanted, 1)]
    return await _begin(studio, books, action, items, key=key)


@allowed(Role.VIEWER)
async def batches(books: Books, *, limit: int = 100, before: str | None = None) -> list[BatchSummary]:
    """The newest ones."""
    return await books.batches.page(limit, before=before)


@allowed(Role.VIEWER)
async def batch(
    books: Books, id: str, *, limit: int = 100, after: int = 0, state: ItemState | None = None
) -> tuple[BatchSummary, list[BatchItem]]:
    """One of them with some of its items. Raises `NotFound`."""
    return await books.batches.batch(id), await books.batches.items(id, limit, after=after, state=state)


@allowed(Role.OPERATOR)
async def tell(studio: Studio, books: Books, id: str, signal: str) -> None:
    """`pause`, `go_on` or `stop` a running batch."""
    if signal not in ("pause", "go_on", "stop"):
        raise InvalidInput(f"{signal[:20]!r} is none of pause, go_on and stop", field="signal", remedy="choose one")
    await books.batches.batch(id)
    handle = studio.client.handle(_workflow_id(id), BatchProgress)
    with unknown_is_told(handle):  # it has ended
        await handle.signal(signal)


def rows_of(table: str) -> list[dict[str, str]]:
    """The lines of a table by the names of its columns. Raises `InvalidInput` naming the column or the line."""
    if len(table.encode()) > TABLE_BYTES:
        raise InvalidInput("it is too long", field="table", remedy=f"send at most {TABLE_BYTES:,} bytes")
    head, _, _ = table.lstrip("\ufeff\r\n").partition("\n")
    delimiter = "\t" if "\t" in head else ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(table.lstrip("\ufeff\r\n"), newline=""), delimiter=delimiter, strict=True)
    try:
        lines = [line for line in reader if any(cell.strip() for cell in line)]
    except csv.Error as error:
        raise InvalidInput(
            f"line {reader.line_num} cannot be read ({error})", field="table", remedy="quote texts with commas"
        ) from error
    names = [name.strip().lower() for name in lines[0]] if lines else []
    unknown = [name for name in names if name not in COLUMNS]
    if not names or unknown or len(set(names)) < len(names):
        what = f"there is no column {unknown[0][:40]!r}" if unknown else "its first line does not name its columns"
        raise InvalidInput(what, field="table", remedy=f"name each once, of {', '.join(COLUMNS)}")
    if len(lines) == 1:
        raise InvalidInput("it has no line below its columns", field="table", remedy="add one for each content")
    _few(len(lines) - 1)
    for number, line in enumerate(lines[1:], 1):
        if len(line) > len(names):
            raise InvalidInput(
                f"line {number} has {len(line)} cells, and there are {len(names)} columns", field="table",
                remedy="quote texts with commas",
            )  # fmt: skip
    return [dict(zip(names, (cell.strip() for cell in line), strict=False)) for line in lines[1:]]


def _wishes(row: dict[str, str], key: str) -> Wishes:
    known = {one.name for one in fields(Wishes)}
    given: dict[str, Any] = {name: value for name, value in row.items() if value and name in known}
    given |= {name: value.split() for name, value in given.items() if name in SEVERAL}
    if "max_usd" in given:
        try:
            given["max_usd"] = float(given["max_usd"])
        except ValueError:
            raise InvalidInput(
                f"{given['max_usd'][:20]!r} is no amount", field="max_usd", remedy="write US dollars as 1.50"
            ) from None
    return Wishes(**given, key=key)


def _item(number: int, content_id: str, request: ContentRequest) -> BatchItem:
    data = request.model_dump(mode="json", exclude_unset=True)
    return BatchItem(number=number, content_id=content_id, title=cut(one_line(title_of(request)), 200), request=data)


async def _begin(
    studio: Studio, books: Books, action: BatchAction, items: Sequence[BatchItem], *, key: str
) -> BatchSummary:
    """Files the batch, then starts its workflow: one that was filed and not started is started by the same key."""
    id = key.lower()
    order = BatchOrder(id=id)  # raises for a key that is no id, before anything is filed
    if not await books.batches.known(id):
        await books.batches.add(id, action, items, by=books.caller.name)
    how = Start(id=_workflow_id(id), task_queue=MAIN_QUEUE, summary=f"{action.value} {len(items)} contents")
    await studio.client.start(WORKFLOW, order, how, result_type=BatchProgress)
    return await books.batches.batch(id)


def new_key() -> str:
    """For a form: what makes two sendings of it one batch."""
    return secrets.token_hex(8)


def _workflow_id(id: str) -> str:
    return f"batch-{id}"


def _few(count: int) -> None:
    if count > ITEMS:
        raise InvalidInput(
            f"it has {count:,} items", field="table", remedy=f"a batch has at most {ITEMS:,}: send several"
        )
