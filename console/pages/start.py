"""Start a content: a topic, a script or a feed, with files of one's own."""

from __future__ import annotations

import re
import secrets
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response

from control import channels, uploads
from control.expectation import expectation
from control.names import named_channel
from control.requests import Wishes
from control.starting import prepared
from control.starting import start as begin
from reelwright.domain.content.fields import SCRIPT_BYTES
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import LANGUAGES, STANDARD_FORMATS, Platform
from reelwright.domain.people import Role

from ..forms import form_of, text_of, texts_of
from ..problems import Problem, problem_of
from ..routing import PageRequest, page, to
from ..templating import render

SOURCES = ("topic", "script", "feed")
PRIVACY = ("", "private", "unlisted", "public")
OWN_USES = ("scene", "narration", "music", "intro", "outro")
OWN_FILES = 50


@page("/start", needs=Role.OPERATOR)
async def start(request: PageRequest) -> Response:
    """The form."""
    return await _form(request, {"channel": request.query_params.get("channel", ""), "source": "topic"})


@page("/start", needs=Role.OPERATOR, methods=("POST",), name="start_content")
async def start_content(request: PageRequest) -> Response:
    """Checks everything, then starts it, or shows first where it will be posted (`check`). The form carries a key: sent
    twice, it is one content."""
    form = await form_of(request, 4 * SCRIPT_BYTES)  # as it is coded in a form
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    try:
        wishes, books, policies = _wishes(form), request.books, request.parts.policies
        if "check" in form:
            _, _, told = await prepared(request.studio, books, wishes, policies)
            return await _form(request, given, form=form, told=told)
        content, _ = await begin(request.studio, books, wishes, policies)
    except InvalidInput as error:
        return await _form(request, given, form=form, problem=problem_of(error))
    return to(request, "content", id=content.content_id)


@page("/start/expected", needs=Role.VIEWER)
async def expected(request: PageRequest) -> Response:
    """What a content of a channel has cost so far, as a part of the page."""
    channel = named_channel(request.query_params.get("channel") or "default") or "default"
    return render(request, "expected.html", expected=await expectation(request.books, channel))


async def _form(
    request: PageRequest,
    given: dict[str, str],
    *,
    form: FormData | None = None,
    problem: Problem | None = None,
    told: str = "",
) -> Response:
    channel = given.get("channel") or "default"
    ticked = {name: texts_of(form, name, most=50) if form else () for name in ("formats", "platforms", "own")}
    try:
        cost = await expectation(request.books, named_channel(channel) or "default")
    except InvalidInput:  # the channel's name is what is wrong: the form says so
        cost = await expectation(request.books, "default")
    return render(
        request,
        "start.html",
        status=422 if problem else 200,
        given=given,
        ticked=ticked,
        own=[row for value in ticked["own"] if (row := _own_row(value))],
        problem=problem,
        told=told,
        expected=cost,
        channels=[one.version.name for one in await channels.channels(request.books)],
        formats=[format.value for format in STANDARD_FORMATS],
        platforms=tuple(Platform),
        languages=LANGUAGES,
        privacy=PRIVACY,
        sources=SOURCES,
        uses=OWN_USES,
        key=given.get("key") or secrets.token_hex(8),
        part_bytes=uploads.PART_BYTES,
    )


def _wishes(form: FormData) -> Wishes:
    """What was filled in, not yet checked. Raises `InvalidInput` for what is no text."""
    source = text_of(form, "source", most=10)
    if source not in SOURCES:
        raise InvalidInput(f"{source!r} is none of {', '.join(SOURCES)}", field="source", remedy="choose one")
    words = text_of(form, source, most=SCRIPT_BYTES)
    platforms = texts_of(form, "platforms", most=20)
    nowhere = text_of(form, "where", most=10, needed=False) == "none"
    given: dict[str, Any] = {
        name: text_of(form, name, most=2_000, needed=False) or None
        for name in ("channel", "language", "privacy", "publish_at", "account")
    }
    given[source] = words
    return Wishes(
        **given,
        title=text_of(form, "title", most=500, needed=False),
        tone=text_of(form, "tone", most=500, needed=False),
        formats=texts_of(form, "formats", most=10),
        platforms=("none",) if nowhere else platforms,
        max_usd=_amount(text_of(form, "max_usd", most=12, needed=False)),
        allow_template=True if "allow_template" in form else None,
        key=f"console-{text_of(form, 'key', most=64)}",
        **_own(texts_of(form, "own", most=OWN_FILES)),
    )


def _own_row(value: str) -> tuple[str, str, str] | None:
    """(sha256, use, scene) of a file, from `sha256 use scene`; None for what this form has not made."""
    found = re.fullmatch(rf"([0-9a-f]{{64}}) ({'|'.join(OWN_USES)}) (\S{{1,10}})", value)
    return (found[1], found[2], found[3]) if found else None


def _own(values: tuple[str, ...]) -> dict[str, Any]:
    """The request's fields for files of one's own."""
    fields: dict[str, Any] = {}
    for value in values:
        row = _own_row(value)
        if row is None:
            raise InvalidInput(f"{value[:80]!r} names no uploaded file", field="own", remedy="upload the file again")
        sha256, use, scene = row
        file = {"file": f"media:{sha256}"}
        if use != "scene":
            fields[use] = file
            continue
        if not scene.isascii() or not scene.isdecimal() or not 0 < int(scene) <= 1_000:
            raise InvalidInput(f"{scene[:20]!r} is no scene", field="media", remedy="give its number, from 1")
        fields.setdefault("media", {})[int(scene)] = file
    return fields


def _amount(text: str) -> float | None:
    if not text:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise InvalidInput(f"{text!r} is no amount", field="max_usd", remedy="write US dollars as 1.50") from None


ROUTES = [start, start_content, expected]
