"""What the commands about contents do. Each returns its exit code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from control import operations
from control.channels import foreseen
from control.contents import handle_of
from control.resolve import Content
from control.studio import Studio
from reelwright.domain.content.status import ContentResult, Stage
from reelwright.domain.errors import InvalidInput, ReelwrightError
from reelwright.domain.publishing.outcomes import by_place

from .books import policies
from .console import EXIT_FAILURE, EXIT_INPUT, EXIT_OK, err, plain, print_json, say
from .opening import opened
from .tables import count

if TYPE_CHECKING:  # `fetch` makes no request
    from reelwright.domain.content.request import ContentRequest

    from .inputs import Asked


async def run(asked: Asked, content_id: str, request: ContentRequest, *, folder: Path, as_json: bool) -> int:
    """Start, watch, deliver into `folder`."""
    from .watch import Watch

    async with opened(start=True) as (found, studio):
        await _tell_destination(request, studio)
        content, new = await operations.start(studio, content_id, await _with_files(asked, request, studio))
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
                await Watch(studio.client, handle_of(studio.client, content), content_id).until_closed()
            except BaseException:
                say(f"[yellow]{plain(content_id)} is kept[/]: it goes on while a studio is up (`reelwright up`)")
                raise
        ended = await operations.again(studio, content)
        return await _end(studio, ended, folder, stops=found.stops, as_json=as_json)


async def _tell_destination(request: ContentRequest, studio: Studio) -> None:
    """Where it will be posted, with what the request inherits from its channel. Refuses what does not go together."""
    from control.requests import destination

    whole, found = await foreseen(studio, request, policies())
    if found:
        say(f"channel {plain(found.label)}")
    chosen = "platforms" in request.model_fields_set or (found is not None and "platforms" in found.inherited)
    say(plain(destination(whole, chosen=chosen, slots=found.slots if found else ())))


async def _with_files(asked: Asked, request: ContentRequest, studio: Studio) -> ContentRequest:
    """The files a style names, and the user's own media, travel through the media store, like everything that is
    made."""
    await asked.own.attach(request, studio)
    return request if asked.files is None else await asked.files.attach(request, studio.media())


async def _end(studio: Studio, content: Content, folder: Path, *, stops: bool, as_json: bool) -> int:
    """Delivers a content that has ended, and prints its outcome."""
    from .ticking import regular_lines

    try:
        result = await operations.end_of(studio, content)
    except ReelwrightError as error:
        if as_json:
            print_json((await operations.failed(studio, content, str(error))).model_dump(mode="json"))
        err().print(f"[bold red]failed[/] {plain(error)}")
        return EXIT_INPUT if isinstance(error, InvalidInput) else EXIT_FAILURE
    async with regular_lines(lambda: "fetching the files"):
        delivery = await operations.fetch(studio, content, result, folder)
    _tell(result, folder, stops=stops)
    if as_json:
        print_json(delivery.report.model_dump(mode="json"))
    return EXIT_OK if result.status is Stage.DONE else EXIT_FAILURE


def _tell(result: ContentResult, folder: Path, *, stops: bool) -> None:
    colour = "green" if result.status is Stage.DONE else "red"
    words = ": ".join(filter(None, (result.title, result.reason)))
    said = words.removeprefix(f"{result.status.value} ")  # "rejected by anna" needs no "rejected" before it
    say(f"[bold {colour}]{result.status.value}[/] {plain(said)}")
    for note in result.notes:
        say(f"  [yellow]note[/] {plain(note)}")
    for where, post in by_place(result.posts).items():
        say(f"  {plain(where)}: {plain(post.url or post.error)}")
    if result.videos:
        say(f"  {count(len(result.videos), 'video')} and report.json in {plain(folder)}, cost ${result.cost.usd:.4f}")
        for video in result.videos:
            say(f"    {plain(folder / f'video-{video.format.slug}.mp4')}")
    if stops and any("//127.0.0.1" in post.url for post in result.posts):
        say(
            "  [yellow]note[/] this command started the studio and stops it now: the addresses on 127.0.0.1 "
            "answer again after `reelwright up`"
        )


async def start(asked: Asked, content_id: str, request: ContentRequest, *, as_json: bool) -> int:
    """Start and return; the stack stays up."""
    async with opened(start=True, keep=True) as (_, studio):
        await _tell_destination(request, studio)
        content, new = await operations.start(studio, content_id, await _with_files(asked, request, studio))
    say(f"{'started' if new else 'already known:'} [bold]{plain(content_id)}[/]; `reelwright status {content_id}`")
    if as_json:
        print_json({"content_id": content_id, "workflow_id": content.workflow_id, "started": new})
    return EXIT_OK


async def fetch(id: str, *, out: Path | None, as_json: bool) -> int:
    """The files of a content that has ended."""
    async with opened() as (found, studio):
        content = await operations.finished(studio, id)
        folder = out or Path("out") / content.content_id
        return await _end(studio, content, folder, stops=found.stops, as_json=as_json)
