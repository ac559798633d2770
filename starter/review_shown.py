"""`reelwright review show`: the open question as text, and as a page with all that it is about."""

from __future__ import annotations

import sys
from pathlib import Path

from control import operations
from control.operations import Question
from control.review_show import gathered
from control.reviewing import open_question
from control.studio import Studio
from control.view import ContentView
from reelwright.domain.content.status import ReviewWanted
from reelwright.domain.errors import InvalidInput

from .console import EXIT_OK, plain, print_json, printable, put, say
from .folders import need_writable
from .opening import opened
from .shown import ShownReviews


async def review_show(id: str, *, output: Path | None, browse: bool, as_json: bool) -> int:
    """What is to be judged, as text and as a page in a folder; it is noted as shown."""
    if output is not None:
        need_writable(output, field="output")
    async with opened() as (found, studio):
        asked = await operations.question(studio, id)
        view, review = asked.view, open_question(asked.view)
        if as_json:
            page = await _page(studio, asked, output)
            ids = {"content_id": view.content_id, "workflow_id": view.workflow_id}
            print_json({**ids, **review.model_dump(mode="json"), "page": str(page)})
        else:
            show(view, review)
        try:
            ShownReviews(found.settings.state_dir).remember(view.content_id, review.artifact_sha256)
        except InvalidInput as error:  # it was shown all the same
            say(f"[yellow]note[/] {plain(error)}")
        if not as_json:
            page = await _page(studio, asked, output)
            print(f"page {printable(page)}")
            if browse and sys.stdout.isatty():
                from . import review_page

                review_page.open_page(page)
    return EXIT_OK


async def _page(studio: Studio, asked: Question, output: Path | None) -> Path:
    """The page of this artifact; by default in a folder of its own, beside those of other revisions."""
    from . import review_page  # here: where there is no question, there is no page, and templates need time to load

    artifact = open_question(asked.view).artifact_sha256
    folder = output or Path("out") / asked.view.content_id / "review" / artifact[:12]
    return review_page.write_page(await gathered(studio, asked, folder), folder)


def show(view: ContentView, review: ReviewWanted) -> None:
    """Prints what is to be judged."""
    put(f"[bold]{plain(review.title)}[/]  (revision {review.revision})\n")
    for line in review.text.splitlines():
        print(printable(line))
    if pictures := getattr(review, "pictures", ()):
        print("\npictures")
        for line in pictures:
            print(f"  {printable(line)}")
    for text in getattr(review, "texts", ()):
        print(f"\n{printable(text.place)}")
        for place, words in text.words.items():
            print(f"  {printable(place)}: {printable(words)}")
    for line in (*review.reasons, *view.notes):
        put(f"\n[yellow]![/] {plain(line)}")
    if effect := getattr(review, "note_effect", ""):
        put(f"\n[yellow]![/] revise with a note: {plain(effect)}")
    print(f"\nartifact {review.artifact_sha256}")
