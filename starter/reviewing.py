"""What `reelwright review` does with a decision. What was shown is remembered between commands, and a decision counts
for that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from control import operations
from control.reviewing import Decision, open_question, what_is_judged
from reelwright.domain.content.decision import ReviewDecision
from reelwright.domain.errors import InvalidInput
from reelwright.domain.explain import explain

from .console import EXIT_OK, plain, say
from .opening import opened
from .own_files import OwnFiles, own_files
from .shown import ShownReviews


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
    own = _script(script) if script else OwnFiles()
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
            from .review_shown import show

            show(view, review)
        if (
            decision == "revise"
            and script is None
            and not given.by_hand
            and (effect := getattr(review, "note_effect", ""))
        ):
            say(f"[yellow]note[/] {plain(effect)}")
        await own.attach(given.script or "", studio)
        judged = await operations.decide(studio, asked, given, artifact=artifact, shown=shown)
    say(
        f"{plain(view.content_id)}: {decision} by {plain(judged.reviewer)}, artifact {str(judged.artifact_sha256)[:12]}"
    )
    return EXIT_OK


def _script(script: Path) -> OwnFiles:
    """A new script, and the files that it names."""
    from .inputs import read_script

    return own_files(script=script, script_text=read_script(script))


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
