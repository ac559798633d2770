"""The form of a review page as a decision."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from reelwright.domain.content.decision import ReviewDecision
from reelwright.domain.errors import InvalidInput
from reelwright.domain.explain import explain
from reelwright.domain.text.incoming import clean

FORM_BYTES = 64 << 20
PICTURE_BYTES = 25 << 20
PICTURES = 10
FIELD_BYTES = 1 << 20
FIELDS = 2_000


@dataclass(frozen=True)
class Given:
    """What a person has filled in, for showing it again."""

    decision: str = ""
    note: str = ""
    script: str | None = None
    scenes: frozenset[int] = frozenset()
    thumbnail: int | None = None
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    pictures: Mapping[int, str] = field(default_factory=dict)
    artifact: str = ""


NOTHING = Given()
"""Of a page that was just opened."""


def digest_of(text: str) -> str:
    """Of a text that a form was filled with: what comes back unchanged is no change. As text comes in."""
    return hashlib.sha256(clean(text).encode()).hexdigest()


async def form_of(request: Request) -> FormData:
    """The form. Raises 413 for more than `FORM_BYTES`, before it is all read."""
    said = request.headers.get("content-length", "0")
    if said.isdigit() and int(said) > FORM_BYTES:
        raise HTTPException(413, "the form is too large")
    read = 0

    async def receive() -> Message:
        nonlocal read
        message = await request.receive()
        read += len(message.get("body", b""))
        if read > FORM_BYTES:
            raise HTTPException(413, "the form is too large")
        return message

    return await Request(request.scope, receive).form(max_files=PICTURES, max_fields=FIELDS, max_part_size=FIELD_BYTES)


def given_in(form: FormData) -> Given:
    """What was filled in and changed. Numbers that are none are left out: no form of ours sends them."""
    words = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    texts: dict[str, dict[str, str]] = {}
    for name, value in words.items():
        part, _, platform = name.partition("-")
        if part in ("title", "text") and platform and _is_changed(words, name):
            texts.setdefault(platform, {})[part] = value
    pictures = {
        int(name.removeprefix("picture-")): value.strip()
        for name, value in words.items()
        if name.startswith("picture-") and name.removeprefix("picture-").isdigit() and value.strip()
    }
    thumbnail = words.get("thumbnail", "")
    return Given(
        decision=words.get("decision", ""),
        note=words.get("note", ""),
        script=words["script"] if "script" in words and _is_changed(words, "script") else None,
        scenes=frozenset(int(str(one)) for one in form.getlist("scene") if str(one).isdigit()),
        thumbnail=int(thumbnail) if thumbnail.isdigit() else None,
        texts=texts,
        pictures=pictures,
        artifact=words.get("artifact", ""),
    )


async def uploads_in(form: FormData) -> dict[int, tuple[str, bytes]]:
    """Pictures that were chosen for scenes: (file name, bytes) by number. Raises `InvalidInput` for a large one."""
    found = {}
    for name, value in form.multi_items():
        number = name.removeprefix("file-")
        if not isinstance(value, UploadFile) or not value.filename or not number.isdigit():
            continue
        data = await value.read(PICTURE_BYTES + 1)
        if len(data) > PICTURE_BYTES:
            raise InvalidInput(
                f"{value.filename[:80]!r} is larger than {PICTURE_BYTES >> 20} MiB",
                field=f"picture-{number}",
                remedy="make it smaller",
            )
        if data:
            found[int(number)] = (value.filename, data)
    return found


def decision_of(given: Given, *, by: str, pictures: Mapping[int, str]) -> ReviewDecision:
    """The decision. `by` is who is signed in. Raises `InvalidInput` naming the field."""
    if given.decision != "revise" and (wrong := _only_for_revision(given, pictures)):
        raise InvalidInput(
            "it is filled in or ticked, and only a revision uses it",
            field=wrong,
            remedy="choose Revise, or take it out",
        )
    revise = given.decision == "revise"
    if revise and not (given.note.strip() or given.scenes or given.script or given.texts or pictures):
        raise InvalidInput("nothing says what should change", field="note", remedy="write a note, or tick scenes")
    fields: dict[str, Any] = {
        "decision": given.decision,
        "reviewer": by,
        "note": given.note,
        "artifact_sha256": given.artifact,
    }
    if revise:
        fields |= {"scenes": tuple(sorted(given.scenes)), "pictures": dict(pictures), "texts": given.texts}
        fields |= {"script": given.script} if given.script else {}
    elif given.decision == "approve":
        fields["thumbnail"] = given.thumbnail
    try:
        return ReviewDecision.model_validate(fields)
    except ValidationError as error:
        raise explain(error) from error


def _only_for_revision(given: Given, pictures: Mapping[int, str]) -> str:
    filled = {"scenes": given.scenes, "script": given.script, "texts": given.texts, "pictures": pictures}
    return next((name for name, value in filled.items() if value), "")


def _is_changed(words: Mapping[str, str], name: str) -> bool:
    """Whether a field that was filled with a text came back with another one."""
    return digest_of(words[name]) != words.get(f"was-{name}", digest_of(""))
