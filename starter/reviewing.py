"""What `reelwright review` does. A decision always carries the hash of what the person was shown: it can never count
for another text or other pictures."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Literal

from reelwright.domain.content.request import ReviewDecision
from reelwright.domain.content.status import ReviewWanted
from reelwright.domain.errors import InvalidInput

from . import contents
from .console import EXIT_OK, out, plain, print_json, printable, say
from .filed import filed_contents
from .inputs import read_script
from .listing import reviews_listed
from .reach import studio
from .resolve import resolve
from .shown import ShownReviews
from .tables import Record, local, print_records
from .view import ContentView, view_of

NOTICE_OF_TEMPLATES = "Composed from templates"
Decision = Literal["approve", "reject", "revise"]


async def review_list(*, as_json: bool) -> int:
    """Running contents with an open question."""
    async with studio() as found, filed_contents(found.settings) as filed:
        listed = await reviews_listed(found.client, filed)
    if as_json:
        print_json({"reviews": [one.as_json() for one in listed]})
        return EXIT_OK
    print_records(
        ("content", "since", "channel", "title"),
        [
            Record((one.id, local(one.started), one.channel, one.title), (f"reelwright review show {_quoted(one.id)}",))
            for one in listed
        ],
        nothing="nothing waits for a review",
    )
    return EXIT_OK


async def review_show(id: str, *, as_json: bool) -> int:
    """What is to be judged; it is noted as shown."""
    async with studio() as found, filed_contents(found.settings) as filed:
        view = await view_of(found.client, filed, await resolve(found.client, filed, id))
        review = open_question(view)
        if as_json:
            print_json(
                {"content_id": view.content_id, "workflow_id": view.workflow_id, **review.model_dump(mode="json")}
            )
        else:
            show(view, review)
        try:
            ShownReviews(found.settings.state_dir).remember(view.content_id, review.artifact_sha256)
        except InvalidInput as error:  # it was shown all the same
            say(f"[yellow]note[/] {plain(error)}")
    return EXIT_OK


async def decide(
    id: str, decision: Decision, *, reviewer: str, note: str, script: Path | None = None, artifact: str | None = None
) -> int:
    """Hands a decision on what was shown in; it is refused with the reason, or taken."""
    judged = ReviewDecision(
        decision=decision, reviewer=reviewer, note=note, script=read_script(script) if script else None
    )
    async with studio() as found, filed_contents(found.settings) as filed:
        content = await resolve(found.client, filed, id)
        view = await view_of(found.client, filed, content)
        review = open_question(view)
        shown = ShownReviews(found.settings.state_dir).of(view.content_id)
        chosen = what_is_judged(view, review, artifact=artifact, shown=shown)
        if artifact is None and shown is None:
            show(view, review)
        if decision == "revise" and script is None and (effect := getattr(review, "note_effect", "")):
            say(f"[yellow]note[/] {plain(effect)}")
        judged = judged.model_copy(update={"artifact_sha256": chosen})
        await contents.submit_review(contents.handle_of(found.client, content), judged)
    say(f"{plain(view.content_id)}: {decision} by {plain(judged.reviewer)}, artifact {chosen[:12]}")
    return EXIT_OK


def open_question(view: ContentView) -> ReviewWanted:
    """The open question, or `InvalidInput` when there is none."""
    if view.review is None:
        raise InvalidInput(
            f"{view.content_id} does not wait for a review ({view.stage})",
            field="id",
            remedy="see `reelwright review list`",
        )
    return view.review


def what_is_judged(view: ContentView, review: ReviewWanted, *, artifact: str | None, shown: str | None) -> str:
    """The hash to send: of what was named, or shown. Raises `InvalidInput` when that is not the open question, or when
    a person must look first: where moderation asked for one, and where the text comes from templates."""
    look = f"`reelwright review show {_quoted(view.content_id)}`"
    if artifact is not None:
        if not re.fullmatch(r"[0-9a-f]{8,64}", artifact):
            raise InvalidInput(
                f"{artifact[:70]!r} is not the beginning of a hash",
                field="artifact",
                remedy=f"give at least 8 of the digits that {look} prints",
            )
        if not review.artifact_sha256.startswith(artifact):
            raise InvalidInput(
                f"{artifact[:12]} is not what is to be judged, which is {review.artifact_sha256[:12]}",
                field="artifact",
                remedy=f"look at it with {look}",
            )
    elif shown is not None:
        if shown != review.artifact_sha256:
            raise InvalidInput(
                f"{view.content_id} has changed since you looked at it", field="artifact", remedy=f"look again: {look}"
            )
    elif review.reasons or is_from_templates(view):
        why = "; ".join(review.reasons) or "its text is composed from templates"
        raise InvalidInput(
            f"a person must look at {view.content_id} first ({why})", field="artifact", remedy=f"look at it with {look}"
        )
    return review.artifact_sha256


def is_from_templates(view: ContentView) -> bool:
    """Whether the text states nothing about its topic, because no language model wrote it."""
    return any(note.startswith(NOTICE_OF_TEMPLATES) for note in view.notes)


def show(view: ContentView, review: ReviewWanted) -> None:
    """Prints what is to be judged."""
    out.print(f"[bold]{plain(review.title)}[/]  (revision {review.revision})\n")
    for line in review.text.splitlines():
        out.print(printable(line), markup=False)
    for line in (*review.reasons, *view.notes):
        out.print(f"\n[yellow]![/] {plain(line)}")
    if effect := getattr(review, "note_effect", ""):
        out.print(f"\n[yellow]![/] revise with a note: {plain(effect)}")
    out.print(f"\nartifact {review.artifact_sha256}")


def _quoted(id: str) -> str:
    """The id as it is typed in a shell."""
    return shlex.quote(printable(id))
