"""Decisions that come from a page: on exactly what was shown there, by whoever is signed in, once however often the
button is pressed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from reelwright.domain.content.decision import ReviewDecision
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ids import sha256_of
from reelwright.domain.people import Role

from .access import allowed
from .contents import handle_of, submit_review
from .operations import question
from .resolve import Content, resolve
from .studio import NoStudio, Studio

UPDATE_CHARS = 48
"""Of the digest in an update's id."""


class Outdated(InvalidInput):
    """The decision is for something else than what is to be judged now. Nothing was decided."""


@allowed(Role.REVIEWER)
async def hand_in(studio: Studio, id: str, decision: ReviewDecision) -> Content:
    """Hands in a decision of the caller on the artifact that it names; the content. The same decision of the same
    caller twice is one. Raises `Outdated` where another artifact, or none, is to be judged by now, and `InvalidInput`
    where the content refuses it."""
    if decision.artifact_sha256 is None:
        raise InvalidInput(
            "it does not say what was judged", field="artifact_sha256", remedy="open the review again, and decide there"
        )
    judged = decision.model_copy(update={"reviewer": studio.caller.name}) if studio.caller.name else decision
    content = await resolve(studio.client, studio.contents, id)
    said = sha256_of([studio.caller.id, judged.model_dump(mode="json")])
    update_id = f"review-{said[:UPDATE_CHARS]}"
    try:
        await submit_review(handle_of(studio.client, content), judged, update_id=update_id)
    except InvalidInput as error:
        if not await _is_on_record(studio, content, judged):
            raise await _why(studio, id, judged, error) from error
    return content


@allowed(Role.REVIEWER)
async def pictures_taken_in(studio: Studio, pictures: Mapping[int, tuple[str, bytes]]) -> dict[int, str]:
    """Own pictures for scenes, as (file name, bytes) by the scene's number, taken into the media store: the addresses
    that a decision names. Raises `InvalidInput` for what is no picture."""
    if not pictures:
        return {}
    if studio.intake is None:
        raise NoStudio(field="DATABASE_URL")
    intake, taken = studio.intake(), {}
    with tempfile.TemporaryDirectory(prefix="reelwright-review-") as folder:
        for number, (name, data) in pictures.items():
            field, path = f"picture-{number}", Path(folder) / f"picture-{number}"
            path.write_bytes(data)
            media = await intake.add(path, name=name, field=field, workdir=Path(folder), progress=lambda done: None)
            if media.kind != "picture":
                raise InvalidInput(f"{name[:80]!r} is a {media.kind}", field=field, remedy="choose a picture")
            taken[number] = f"media:{media.file.sha256}"
    return taken


async def _is_on_record(studio: Studio, content: Content, judged: ReviewDecision) -> bool:
    """Whether this very decision was taken before. Temporal answers a repeated update itself while it has the run; it
    does not once that has ended."""
    if studio.contents is None:
        return False
    decisions = await studio.contents.decisions(content.content_id)
    said = (judged.decision, judged.reviewer, judged.note, judged.artifact_sha256)
    return said in [(one.decision, one.by, one.note, one.artifact_sha256) for one in decisions]


async def _why(studio: Studio, id: str, judged: ReviewDecision, refused: InvalidInput) -> InvalidInput:
    """Why it was refused: as the content says, or because it waits for something else by now, or for nothing."""
    try:
        asked = await question(studio, id)
    except InvalidInput as closed:
        return Outdated(closed.message, field="artifact", remedy="nothing of it was decided by you")
    now = asked.view.review
    if now is not None and now.artifact_sha256 != judged.artifact_sha256:
        return Outdated(
            "it has changed since you looked at it, and your decision was for what it was before",
            field="artifact",
            remedy="look at it again",
        )
    return refused
