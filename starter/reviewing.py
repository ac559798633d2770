"""What `reelwright review` does. What was shown is remembered between commands, and a decision counts for that."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from control import operations
from control.operations import Question
from control.review_show import gathered
from control.reviewing import Decision, open_question, what_is_judged
from control.studio import Studio
from control.view import ContentView
from reelwright.domain.content.decision import ReviewDecision
from reelwright.domain.content.status import ReviewWanted
from reelwright.domain.content.taken import NamedMedia
from reelwright.domain.errors import InvalidInput
from reelwright.domain.explain import explain

from .console import EXIT_OK, out, plain, print_json, printable, say
from .inputs import need_writable, read_script
from .opening import opened
from .own_files import OwnFiles, own_files
from .shown import ShownReviews


async def review_show(id: str, *, output: Path | None, browse: bool, as_json: bool) -> int:
    """What is to be judged, as text and as a page in a folder; it is noted as shown."""
    from . import review_page  # here: a decision needs no templates

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
            out().print(f"page {printable(page)}", markup=False)
            if browse and sys.stdout.isatty():
                review_page.open_page(page)
    return EXIT_OK


async def _page(studio: Studio, asked: Question, output: Path | None) -> Path:
    """The page of this artifact; by default in a folder of its own, beside those of other revisions."""
    from . import review_page

    artifact = open_question(asked.view).artifact_sha256
    folder = output or Path("out") / asked.view.content_id / "review" / artifact[:12]
    return review_page.write_page(await gathered(studio, asked, folder), folder)


async def decide(
    id: str,
    decision: Decision,
    *,
    reviewer: str,
    note: str,
    script: Path | None = None,
    artifact: str | None = None,
    changes: Mapping[str, Any] | None = None,
) -> int:
    """Sends a decision on what was shown; it is refused with the reason, or accepted. `changes` are further fields of
    the decision."""
    own = own_files(script=script, script_text=read_script(script)) if script else OwnFiles()
    script_text = own.fields.get("script")
    try:
        given = ReviewDecision.model_validate(
            {"decision": decision, "reviewer": reviewer, "note": note, "script": script_text, **(changes or {})}
        )
    except ValidationError as error:
        raise explain(error) from error
    async with opened() as (found, studio):
        asked = await operations.question(studio, id)
        view, review = asked.view, open_question(asked.view)
        shown = ShownReviews(found.settings.state_dir).of(view.content_id)
        what_is_judged(view, review, artifact=artifact, shown=shown)
        if artifact is None and shown is None:
            show(view, review)
        if (
            decision == "revise"
            and script is None
            and not given.by_hand
            and (effect := getattr(review, "note_effect", ""))
        ):
            say(f"[yellow]note[/] {plain(effect)}")
        await own.attach(NamedMedia.of_script(given.script or ""), studio)
        judged = await operations.decide(studio, asked, given, artifact=artifact, shown=shown)
    say(
        f"{plain(view.content_id)}: {decision} by {plain(judged.reviewer)}, artifact {str(judged.artifact_sha256)[:12]}"
    )
    return EXIT_OK


def changes_of(
    *, scenes: Sequence[int], pictures: Sequence[str], titles: Sequence[str], texts: Sequence[str]
) -> dict[str, Any]:
    """The options of a revision as fields of a decision. Raises `InvalidInput`."""
    changed: dict[str, dict[str, str]] = {}
    for field, options in (("title", titles), ("text", texts)):
        for platform, value in _pairs(options, field):
            changed.setdefault(platform, {})[field] = value
    return {"scenes": tuple(scenes), "pictures": dict(_pairs(pictures, "picture")), "texts": changed}


def _pairs(options: Sequence[str], name: str) -> list[tuple[str, str]]:
    pairs = [option.partition("=") for option in options]
    if wrong := [whole for whole, (before, sign, after) in zip(options, pairs, strict=True) if not (before and after)]:
        raise InvalidInput(f"{wrong[0][:60]!r} has no name and value", field=name, remedy="write NAME=VALUE")
    return [(before.strip(), after) for before, _, after in pairs]


def show(view: ContentView, review: ReviewWanted) -> None:
    """Prints what is to be judged."""
    out().print(f"[bold]{plain(review.title)}[/]  (revision {review.revision})\n")
    for line in review.text.splitlines():
        out().print(printable(line), markup=False)
    if pictures := getattr(review, "pictures", ()):
        out().print("\npictures", markup=False)
        for line in pictures:
            out().print(f"  {printable(line)}", markup=False)
    for text in getattr(review, "texts", ()):
        out().print(f"\n{printable(text.place)}", markup=False)
        for place, words in text.words.items():
            out().print(f"  {printable(place)}: {printable(words)}", markup=False)
    for line in (*review.reasons, *view.notes):
        out().print(f"\n[yellow]![/] {plain(line)}")
    if effect := getattr(review, "note_effect", ""):
        out().print(f"\n[yellow]![/] revise with a note: {plain(effect)}")
    out().print(f"\nartifact {review.artifact_sha256}")
