"""Feeds: the sources, what has become of their entries, and what can be done with them."""

from __future__ import annotations

from starlette.responses import Response

from control import feeds as control
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role

from ..forms import form_of, text_of
from ..problems import Problem, problem_of
from ..routing import PageRequest, page, to
from ..templating import render

ITEMS = 100
WORDS = ("include", "exclude")
NUMBERS = ("priority", "every_minutes", "most_items", "least_words", "max_age_days")


@page("/feeds", needs=Role.VIEWER)
async def feeds(request: PageRequest) -> Response:
    """All sources."""
    return await _listed(request)


async def _listed(
    request: PageRequest, given: dict[str, str] | None = None, problem: Problem | None = None
) -> Response:
    return render(
        request,
        "feeds.html",
        status=422 if problem else 200,
        rows=await control.sources(request.books),
        given=given or {},
        problem=problem,
    )


@page("/feeds", needs=Role.OPERATOR, methods=("POST",), name="add_feed")
async def add_feed(request: PageRequest) -> Response:
    """Adds a source, which is due at once."""
    form = await form_of(request)
    names = ("url", "name", "channel", *NUMBERS, *WORDS)
    given = {name: text_of(form, name, most=2_000, needed=name == "url") for name in names}
    try:
        told: dict[str, object] = {name: value for name, value in given.items() if value and name != "name"}
        for name in WORDS:
            if name in told:
                told[name] = tuple(word.strip() for word in str(told[name]).split(",") if word.strip())
        source = control.source_of(told)
        added = await control.add(request.books, source, by=request.caller.name, name=given["name"] or None)
    except InvalidInput as error:
        return await _listed(request, given, problem_of(error))
    return to(request, "feed", name=added.name)


@page("/feeds/harvest", needs=Role.OPERATOR, methods=("POST",))
async def harvest(request: PageRequest) -> Response:
    """Harvests the sources that are due, or the one that is named, and waits for the end."""
    name = text_of(await form_of(request), "name", most=64, needed=False)
    await control.harvest(request.studio, (name,) if name else ())
    return to(request, "feed", name=name) if name else to(request, "feeds")


@page("/feeds/{name}", needs=Role.VIEWER)
async def feed(request: PageRequest) -> Response:
    """A source, and what has become of its newest entries."""
    state = request.query_params.get("state") or None
    source, items = await control.show(request.books, request.path_params["name"], state=state, limit=ITEMS)
    return render(request, "feed.html", source=source, items=items, state_wanted=state)


@page("/feeds/{name}/{action}", needs=Role.OPERATOR, methods=("POST",))
async def change_feed(request: PageRequest) -> Response:
    """Holds a source, lets it go on, or removes it."""
    name, action, who = request.path_params["name"], request.path_params["action"], request.caller.name
    if action == "pause":
        note = text_of(await form_of(request), "note", most=500, needed=False)
        await control.pause(request.books, name, by=who, note=note)
    elif action == "resume":
        await control.resume(request.books, name, by=who)
    elif action == "remove":
        await control.remove(request.books, name, by=who)
        return to(request, "feeds")
    else:
        raise InvalidInput(f"there is no action {action[:20]!r}", field="action", remedy="pause, resume or remove")
    return to(request, "feed", name=name)


ROUTES = [feeds, add_feed, harvest, feed, change_feed]
