"""From an id as a person types it to the one content it stands for.

An id may be a content id (`tides`), the content's workflow id (`content-tides`, `my-video-7`, one that a schedule
made), or the workflow id of one of its children. Temporal and the database are both read: a workflow that has
no row yet is only in Temporal, a content that ended long ago only in the database.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from reelwright.domain.errors import InvalidInput, NotFound
from reelwright.domain.ids import CONTENT_ID, content_id_of_workflow, content_workflow_id
from reelwright.storage.contents import FiledContent, PostgresContents

from .temporal.port import CallFailed, Client, Code, Run

PIPELINE = "ContentPipeline"
MEMO_REQUEST, MEMO_TITLE = "request_sha256", "title"
"""In the memo of a content's run."""
AS_WORKFLOW, AS_CONTENT = "workflow:", "content:"
"""Prefixes of an id that select its kind where both are possible."""
ID_CHARS = 1_000
SAME_ID = 20
_CHILD = re.compile(r"content-(.+)/(?:render|publish/[a-z]+/[^/]+)")


@dataclass(frozen=True)
class Content:
    """One content: its ids, its newest run (None when Temporal has none, or no longer), and its row in the database
    (None when there is none, or no database)."""

    content_id: str
    workflow_id: str
    run: Run | None = None
    row: FiledContent | None = None


async def resolve(client: Client, filed: PostgresContents | None, id: str) -> Content:
    """The content that `id` stands for. Raises `InvalidInput` when there is none, or when it could be two."""
    found = await _candidates(client, filed, id)
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound(f"there is no content {id[:80]!r}", field="id", remedy="see `reelwright list`")
    plain = id.removeprefix(AS_WORKFLOW).removeprefix(AS_CONTENT)
    names = " and ".join(f"{c.content_id!r} (workflow {c.workflow_id!r})" for c in found)
    raise InvalidInput(
        f"{plain[:80]!r} could be {names}",
        field="id",
        remedy=f"say '{AS_WORKFLOW}{plain}' for the workflow id or '{AS_CONTENT}{plain}' for the content id",
    )


async def _candidates(client: Client, filed: PostgresContents | None, id: str) -> list[Content]:
    """Every content that `id` may name; the whole text first, then the text without the prefix of its kind."""
    for prefix, kinds in (("", "workflow content"), (AS_WORKFLOW, "workflow"), (AS_CONTENT, "content")):
        given = id.removeprefix(prefix)
        if not id.startswith(prefix) or not 0 < len(given) <= ID_CHARS or not given.isprintable():
            continue
        rows = await filed.find(given) if filed else []
        found: dict[str, Content] = {}
        if "workflow" in kinds:
            found |= await _by_workflow(client, filed, given, rows)
        if "content" in kinds:
            found |= await _by_content(client, given, rows)
        if found:
            return list(found.values())
    return []


async def _by_workflow(
    client: Client, filed: PostgresContents | None, id: str, rows: list[FiledContent]
) -> dict[str, Content]:
    run = await described(client, id)
    if run is not None and run.workflow_type != PIPELINE:
        child = _CHILD.fullmatch(id)
        owner = child[1] if child else _attribute(run, "ReelContentId")
        if not owner:
            raise InvalidInput(
                f"{id[:80]!r} is a {run.workflow_type}, not a content", field="id", remedy="see `reelwright list`"
            )
        rows = await filed.find(owner) if filed else []
        return await _by_content(client, owner, rows)
    row = next((row for row in rows if row.workflow_id == id), None)
    if run is None and row is None:
        return {}
    content_id = row.content_id if row else content_id_of(run)
    return {id: Content(content_id, id, run, row)}


async def _by_content(client: Client, id: str, rows: list[FiledContent]) -> dict[str, Content]:
    """By content id. Where the database has it, its row names the content's own workflow: another workflow
    under the same content id was refused."""
    if not re.fullmatch(CONTENT_ID, id):
        return {}
    row = next((row for row in rows if row.content_id == id), None)
    if row is not None:
        return {row.workflow_id: Content(id, row.workflow_id, await described(client, row.workflow_id), row)}
    workflow_ids = {content_workflow_id(id)}
    query = f"WorkflowType = '{PIPELINE}' AND ReelContentId = '{id}'"
    async for run in client.runs(query, limit=SAME_ID):
        workflow_ids.add(run.id)
    runs = await asyncio.gather(*(described(client, workflow_id) for workflow_id in sorted(workflow_ids)))
    return {
        run.id: Content(id, run.id, run)
        for run in runs
        if run is not None and run.workflow_type == PIPELINE and content_id_of(run) == id
    }


async def described(client: Client, workflow_id: str) -> Run | None:
    """The newest run under a workflow id; None when Temporal has none."""
    try:
        return await client.handle(workflow_id, object).describe()
    except CallFailed as error:
        if error.code is Code.NOT_FOUND:
            return None
        raise


def content_id_of(run: Run | None) -> str:
    """The content id of a ContentPipeline's run."""
    return "" if run is None else _attribute(run, "ReelContentId") or content_id_of_workflow(run.id)


def _attribute(run: Run, name: str) -> str:
    return str(run.attributes.get(name, ""))
