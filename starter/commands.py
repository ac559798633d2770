"""What the commands about contents do. Each returns its exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import ContentResult, Stage
from reelwright.domain.errors import InvalidInput, ReelwrightError
from reelwright.domain.ids import content_workflow_id
from reelwright.storage.contents import PostgresContents
from workers.media import media_store

from . import contents
from .console import EXIT_FAILURE, EXIT_INPUT, EXIT_OK, err, plain, print_json, say
from .filed import filed_contents
from .inputs import Asked, destination, need_space, need_writable, request_of
from .listing import contents_listed
from .reach import Studio, studio
from .resolve import Content, described, resolve
from .tables import Record, count, local, print_fields, print_records
from .view import ContentView, view_of


async def run(asked: Asked, *, out: Path | None, as_json: bool) -> int:
    """Start, watch, deliver."""
    from .watch import Watch

    content_id, request = request_of(asked)
    folder = out or Path("out") / content_id
    need_writable(folder)
    need_space(folder)
    say(plain(destination(request, chosen=bool(asked.platforms))))
    async with studio(start=True) as found, filed_contents(found.settings) as filed:
        content, new = await contents.start(found.client, filed, content_id, await _with_files(asked, request, found))
        say(
            f"{'started' if new else 'already known:'} [bold]{plain(content_id)}[/] "
            f"(workflow {plain(content.workflow_id)})"
        )
        if found.stack:
            say(
                f"watch it at http://127.0.0.1:{found.stack.ports['ui']}/namespaces/{found.client.namespace}/workflows/{content.workflow_id}"
            )
        if new or content.run is not None:
            try:
                await Watch(found.client, contents.handle_of(found.client, content), content_id).until_closed()
            except BaseException:
                say(f"[yellow]{plain(content_id)} is kept[/]: it goes on while a studio is up (`reelwright up`)")
                raise
        ended = Content(
            content_id, content.workflow_id, await described(found.client, content.workflow_id), content.row
        )
        return await _end(found, filed, ended, folder, as_json=as_json)


async def _with_files(asked: Asked, request: ContentRequest, found: Studio) -> ContentRequest:
    """The files a style names travel through the media store, like everything that is made."""
    if asked.style is None:
        return request
    return await asked.look[1].attach(request, media_store(found.settings))


async def _end(found: Studio, filed: PostgresContents | None, content: Content, folder: Path, *, as_json: bool) -> int:
    """Delivers a content that has ended, and says how it did."""
    from .background import background_of
    from .deliver import deliver
    from .publications import up_to_date
    from .report import failure_report
    from .ticking import regular_lines

    try:
        result = await contents.ended(found.client, filed, content)
    except ReelwrightError as error:
        if as_json:
            known = await background_of(found.client, filed, content, None)
            report = failure_report(content.content_id, content.workflow_id, str(error), background=known)
            print_json(report.model_dump(mode="json"))
        err.print(f"[bold red]failed[/] {plain(error)}")
        return EXIT_INPUT if isinstance(error, InvalidInput) else EXIT_FAILURE
    result = await up_to_date(found.client, result, filed)
    async with regular_lines(lambda: "fetching the files"):
        known = await background_of(found.client, filed, content, result)
        report = await deliver(result, media_store(found.settings), folder, known)
    _tell(result, folder, stops=found.stops)
    if as_json:
        print_json(report.model_dump(mode="json"))
    return EXIT_OK if result.status is Stage.DONE else EXIT_FAILURE


def _tell(result: ContentResult, folder: Path, *, stops: bool) -> None:
    colour = "green" if result.status is Stage.DONE else "red"
    words = ": ".join(filter(None, (result.title, result.reason)))
    said = words.removeprefix(f"{result.status.value} ")  # "rejected by anna" needs no "rejected" before it
    say(f"[bold {colour}]{result.status.value}[/] {plain(said)}")
    for note in result.notes:
        say(f"  [yellow]note[/] {plain(note)}")
    for post in result.posts:
        say(f"  {post.platform.value}: {plain(post.url or post.error)}")
    if result.videos:
        say(f"  {count(len(result.videos), 'video')} and report.json in {plain(folder)}, cost ${result.cost.usd:.4f}")
        for video in result.videos:
            say(f"    {plain(folder / f'video-{video.format.slug}.mp4')}")
    if stops and any("//127.0.0.1" in post.url for post in result.posts):
        say(
            "  [yellow]note[/] this command started the studio and stops it now: the addresses on 127.0.0.1 "
            "answer again after `reelwright up`"
        )


async def start(asked: Asked, *, as_json: bool) -> int:
    """Start and return; the stack stays up."""
    content_id, request = request_of(asked)
    say(plain(destination(request, chosen=bool(asked.platforms))))
    async with studio(start=True, keep=True) as found, filed_contents(found.settings) as filed:
        content, new = await contents.start(found.client, filed, content_id, await _with_files(asked, request, found))
    say(f"{'started' if new else 'already known:'} [bold]{plain(content_id)}[/]; `reelwright status {content_id}`")
    if as_json:
        print_json({"content_id": content_id, "workflow_id": content.workflow_id, "started": new})
    return EXIT_OK


async def status(id: str, *, as_json: bool) -> int:
    """The content's own answer; while it renders, with what the render tells."""
    async with studio() as found, filed_contents(found.settings) as filed:
        view = await view_of(found.client, filed, await resolve(found.client, filed, id))
        doing = await _rendering(found, view)
    if as_json:
        print_json(view.model_dump(mode="json") | {"doing": doing})
    else:
        print_fields(_status_fields(view, doing))
    return EXIT_OK


async def _rendering(found: Studio, view: ContentView) -> str:
    """What the render does now, for people."""
    if view.stage != Stage.RENDERING:
        return ""
    from .watch import rendering_of

    rendering = await rendering_of(found.client, view.content_id)
    if rendering is None:
        return ""
    return ", ".join(filter(None, (f"{100 * rendering.share:.0f} % of the pictures", rendering.doing)))


def _status_fields(view: ContentView, doing: str) -> list[tuple[str, str]]:
    fields = [
        ("content", view.content_id),
        ("workflow", view.workflow_id if view.workflow_id != content_workflow_id(view.content_id) else ""),
        ("title", view.title),
        ("stage", f"{view.stage}, {view.percent} %"),
        ("doing", doing),
        *view.steps.items(),
        ("review", f"wanted; `reelwright review show {view.content_id}`" if view.review else ""),
        *(("note", note) for note in view.notes),
        ("error", view.error),
        ("you", view.remedy),
        ("cost", f"${view.cost_usd:.4f}"),
    ]
    return [(name, value) for name, value in fields if value]


async def list_contents(*, stage: str | None, limit: int, as_json: bool) -> int:
    """Newest first, each content once."""
    async with studio() as found, filed_contents(found.settings) as filed:
        listed = await contents_listed(found.client, filed, stage=stage, limit=limit)
    if as_json:
        rows: list[dict[str, Any]] = [one.as_json() for one in listed]
        print_json({"contents": rows})
        return EXIT_OK
    print_records(
        ("content", "stage", "channel", "started", "cost", "title"),
        [Record((one.id, one.stage, one.channel, local(one.started), f"${one.usd:.4f}", one.title)) for one in listed],
        nothing="no contents yet" if stage is None else f"no content is in the stage {stage}",
    )
    return EXIT_OK


async def fetch(id: str, *, out: Path | None, as_json: bool) -> int:
    """The files of a content that has ended."""
    async with studio() as found, filed_contents(found.settings) as filed:
        content = await resolve(found.client, filed, id)
        view = await view_of(found.client, filed, content)
        if not view.final:
            raise InvalidInput(
                f"{view.content_id} is not finished ({view.stage})",
                field="id",
                remedy=f"see `reelwright status {view.content_id}`",
            )
        folder = out or Path("out") / content.content_id
        return await _end(found, filed, content, folder, as_json=as_json)


async def cancel(id: str) -> int:
    """Asks; the content closes its books by itself."""
    async with studio() as found, filed_contents(found.settings) as filed:
        content = await resolve(found.client, filed, id)
        if not contents.is_running(content):
            stage = (await view_of(found.client, filed, content)).stage
            raise InvalidInput(f"{content.content_id} has ended already ({stage})", field="id")
        await contents.cancel(contents.handle_of(found.client, content))
    say(f"{plain(content.content_id)} is asked to stop")
    return EXIT_OK
