"""What the commands do. Each returns its exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from rich.markup import escape
from rich.table import Table

from reelwright.domain.errors import InvalidInput, ReelwrightError
from reelwright.domain.ids import CONTENT_PREFIX
from reelwright.domain.request import ContentRequest, ReviewDecision
from reelwright.domain.status import ContentResult, PipelineStatus, Stage
from workers.media import media_store

from . import contents
from .console import EXIT_FAILURE, EXIT_INPUT, EXIT_OK, err, out, print_json, say
from .deliver import REPORT, deliver, failure_report, report_of
from .inputs import Asked, need_space, need_writable, read_script, request_of
from .publications import up_to_date
from .reach import Studio, studio
from .watch import Watch, overall_percent, rendering_of

STATUS_QUERY = "WorkflowType = 'ContentPipeline'"


async def run(asked: Asked, *, out: Path | None, as_json: bool) -> int:
    """Start, watch, deliver."""
    content_id, request = request_of(asked)
    folder = out or Path("out") / content_id
    need_writable(folder)
    need_space(folder)
    async with studio(start=True) as found:
        handle, new = await contents.start(found.client, content_id, await _with_files(asked, request, found))
        say(f"{'started' if new else 'already known:'} [bold]{escape(content_id)}[/] (workflow {escape(handle.id)})")
        if found.stack:
            say(f"watch it at http://127.0.0.1:{found.stack.ports['ui']}/namespaces/default/workflows/{handle.id}")
        try:
            await Watch(found.client, handle, content_id).until_closed()
        except BaseException:
            say(f"[yellow]{escape(content_id)} is kept[/]: it goes on while a studio is up (`reelwright up`)")
            raise
        return await _end(found, handle, content_id, folder, as_json=as_json)


async def _with_files(asked: Asked, request: ContentRequest, found: Studio) -> ContentRequest:
    """The files a style names travel through the media store, like everything that is made."""
    if asked.style is None:
        return request
    return await asked.look[1].attach(request, media_store(found.settings))


async def _end(found: Studio, handle: contents.Handle, content_id: str, folder: Path, *, as_json: bool) -> int:
    try:
        result = await contents.result_of(handle)
    except ReelwrightError as error:
        if as_json:
            print_json(failure_report(content_id, handle.id, Stage.FAILED.value, str(error)))
        err.print(f"[bold red]failed[/] {escape(str(error))}")
        return EXIT_INPUT if isinstance(error, InvalidInput) else EXIT_FAILURE
    result = await up_to_date(found.client, result)
    await deliver(result, media_store(found.settings), folder)
    _tell(result, folder)
    if as_json:
        print_json(report_of(result, base=folder))
    return EXIT_OK if result.status is Stage.DONE else EXIT_FAILURE


def _tell(result: ContentResult, folder: Path) -> None:
    colour = "green" if result.status is Stage.DONE else "red"
    say(
        f"[bold {colour}]{result.status.value}[/] {escape(result.title)}"
        + escape(f": {result.reason}" * bool(result.reason))
    )
    for note in result.notes:
        say(f"  [yellow]note[/] {escape(note)}")
    for post in result.posts:
        say(f"  {post.platform.value}: {escape(post.url or post.error)}")
    if result.videos:
        say(f"  {len(result.videos)} videos and {REPORT} in {escape(str(folder))}, cost ${result.cost.usd:.4f}")


async def start(asked: Asked, *, as_json: bool) -> int:
    """Start and return; the stack stays up."""
    content_id, request = request_of(asked)
    async with studio(start=True, keep=True) as found:
        handle, new = await contents.start(found.client, content_id, await _with_files(asked, request, found))
    say(f"{'started' if new else 'already known:'} [bold]{escape(content_id)}[/]; `reelwright status {content_id}`")
    if as_json:
        print_json({"content_id": content_id, "workflow_id": handle.id, "started": new})
    return EXIT_OK


async def status(id: str, *, as_json: bool) -> int:
    """The content's own answer; while it renders, with what the render tells."""
    async with studio() as found:
        answer = await contents.status_of(contents.handle_of(found.client, id))
        rendering = await rendering_of(found.client, id) if answer.stage is Stage.RENDERING else None
    answer = answer.model_copy(update={"percent": int(overall_percent(answer, rendering))})
    if as_json:
        print_json(answer.model_dump(mode="json"))
    else:
        out.print(_status_table(answer, rendering.doing if rendering else ""))
    return EXIT_OK


def _status_table(status: PipelineStatus, doing: str) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_row("content", escape(status.content_id))
    table.add_row("title", escape(status.title))
    table.add_row("stage", f"[bold]{status.stage.value}[/], {status.percent} %")
    if doing:
        table.add_row("doing", escape(doing))
    for name, state in status.steps.items():
        table.add_row(escape(name), escape(state))
    if status.review:
        table.add_row("[yellow]review[/]", f"wanted; `reelwright review show {escape(status.content_id)}`")
    for note in status.notes:
        table.add_row("[yellow]note[/]", escape(note))
    if status.error:
        table.add_row("[red]error[/]", escape(status.error))
    table.add_row("cost", f"${status.cost_usd:.4f}")
    return table


async def list_contents(*, stage: str | None, limit: int, as_json: bool) -> int:
    """From Temporal's visibility, newest first."""
    query = STATUS_QUERY
    if stage is not None:
        if stage not in [s.value for s in Stage]:
            raise InvalidInput(
                f"unknown stage {stage[:40]!r}",
                field="stage",
                remedy=f"choose from {', '.join(s.value for s in Stage)}",
            )
        query += f" AND ReelStage = '{stage}'"
    rows = await _rows(query, limit)
    if as_json:
        print_json({"contents": rows})
        return EXIT_OK
    table = Table(box=None, pad_edge=False)
    for column in ("content", "stage", "channel", "started", "cost"):
        table.add_column(column)
    for row in rows:
        table.add_row(
            *(escape(str(row[c])) for c in ("content_id", "stage", "channel", "started")), f"${row['usd']:.4f}"
        )
    out.print(table if rows else "no contents yet")
    return EXIT_OK


async def _rows(query: str, limit: int) -> list[dict[str, Any]]:
    rows = []
    async with studio() as found:
        async for workflow in found.client.list_workflows(query, limit=limit):
            attributes = {pair.key.name: pair.value for pair in workflow.typed_search_attributes}
            closed = workflow.status.name.lower() if workflow.status else "unknown"
            rows.append(
                {
                    "content_id": attributes.get("ReelContentId", workflow.id.removeprefix(CONTENT_PREFIX)),
                    "workflow_id": workflow.id,
                    "stage": attributes.get("ReelStage", closed),
                    "channel": attributes.get("ReelChannel", ""),
                    "review": attributes.get("ReelReview", ""),
                    "usd": attributes.get("ReelCostUsd", 0.0),
                    "started": workflow.start_time.strftime("%Y-%m-%d %H:%M:%S"),
                }
            )
    return rows


async def fetch(id: str, *, out: Path | None, as_json: bool) -> int:
    """The files of a content that has ended."""
    content_id = id.removeprefix(CONTENT_PREFIX)
    folder = out or Path("out") / content_id
    async with studio() as found:
        handle = contents.handle_of(found.client, id)
        if not (await contents.status_of(handle)).stage.final:
            raise InvalidInput(
                f"{content_id} is not finished", field="id", remedy=f"see `reelwright status {content_id}`"
            )
        return await _end(found, handle, content_id, folder, as_json=as_json)


async def cancel(id: str) -> int:
    """Asks; the content closes its books by itself."""
    async with studio() as found:
        await contents.cancel(contents.handle_of(found.client, id))
    say(f"{escape(id)} is asked to stop")
    return EXIT_OK


async def review_list(*, as_json: bool) -> int:
    """Running contents with an open question."""
    rows = await _rows(f"{STATUS_QUERY} AND ExecutionStatus = 'Running' AND ReelReview = 'wanted'", 1000)
    if as_json:
        print_json({"reviews": rows})
    elif not rows:
        out.print("nothing waits for a review")
    for row in [] if as_json else rows:
        out.print(
            f"{escape(row['content_id'])}  since {row['started']}, `reelwright review show {escape(row['content_id'])}`"
        )
    return EXIT_OK


async def review_show(id: str) -> int:
    """What is to be judged."""
    async with studio() as found:
        answer = await contents.status_of(contents.handle_of(found.client, id))
    if answer.review is None:
        raise InvalidInput(
            f"{id} does not wait for a review ({answer.stage.value})", field="id", remedy="see `reelwright review list`"
        )
    out.print(f"[bold]{escape(answer.review.title)}[/]  (revision {answer.review.revision})\n")
    out.print(escape(answer.review.text))
    for line in (*answer.review.reasons, *answer.notes):
        out.print(f"\n[yellow]![/] {escape(line)}")
    out.print(f"\nartifact {answer.review.artifact_sha256}")
    return EXIT_OK


async def decide(
    id: str,
    decision: Literal["approve", "reject", "revise"],
    *,
    reviewer: str,
    note: str,
    script: Path | None = None,
) -> int:
    """Hands a decision in; it is refused with the reason, or taken."""
    judged = ReviewDecision(
        decision=decision, reviewer=reviewer, note=note, script=read_script(script) if script else None
    )
    async with studio() as found:
        await contents.submit_review(contents.handle_of(found.client, id), judged)
    say(f"{escape(id)}: {decision} by {escape(reviewer)}")
    return EXIT_OK
