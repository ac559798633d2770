"""One review: what is to be judged, and the decision."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from starlette.responses import Response

from control.names import named_channel
from control.review_decide import Outdated, hand_in, pictures_taken_in
from control.review_leases import hold, leave, others
from control.review_look import Look, look
from control.review_queue import Waiting, briefs, page_after, queue
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import NotAllowed, Role

from ..problems import Problem, problem_of
from ..review_form import NOTHING, Given, decision_of, digest_of, form_of, given_in, uploads_in
from ..routing import PageRequest, page, to
from ..templating import render

ROWS = 100
TOLD = {"approve": "approved", "reject": "rejected", "revise": "sent back for a revision"}


@dataclass(frozen=True)
class Beside:
    """Where a review stands in the queue, from 1, and what is before and after it."""

    place: int = 0
    of: int = 0
    before: Waiting | None = None
    after: Waiting | None = None


@page("/review", needs=Role.VIEWER)
async def reviews(request: PageRequest) -> Response:
    """All that wait for a reviewer."""
    query = request.query_params
    order, channel, done = query.get("order") or "priority", query.get("channel") or None, query.get("done")
    studio = request.studio
    rows = await queue(studio, order=order, channel=named_channel(channel), without=done)
    shown, more = page_after(rows, query.get("after"), ROWS)
    open_by: dict[str, list[str]] = {}
    for lease in await others(studio, [row.content_id for row in shown]):
        open_by.setdefault(lease.content_id, []).append(lease.person)
    return render(
        request,
        "review_queue.html",
        rows=shown,
        total=len(rows),
        open_by=open_by,
        next_cursor=more,
        cursor=query.get("after"),
        query={"order": order if order != "priority" else None, "channel": channel},
        order=order,
        told=_told(request),
        done=done,
    )


@page("/reviews/briefs", needs=Role.VIEWER)
async def review_briefs(request: PageRequest) -> Response:
    """What is asked about some rows of the queue, as a part of its page."""
    found = await briefs(request.studio, request.query_params.getlist("id"))
    return render(request, "review_briefs.html", briefs=found)


@page("/review/{id:path}/open", needs=Role.REVIEWER, methods=("POST",))
async def open_review(request: PageRequest) -> Response:
    """The page says that it is open, and is told who else has it open."""
    return render(request, "review_open.html", holders=await hold(request.studio, request.path_params["id"]))


@page("/review/{id:path}/close", needs=Role.REVIEWER, methods=("POST",))
async def close_review(request: PageRequest) -> Response:
    """The page was left."""
    await leave(request.studio, request.path_params["id"])
    return Response(status_code=204)


@page("/review/{id:path}/decide", needs=Role.REVIEWER, methods=("POST",))
async def decide_review(request: PageRequest) -> Response:
    """Takes a decision; then the next one is shown. What is wrong is shown at its field, with all that was filled
    in."""
    id, studio = request.path_params["id"], request.studio
    form = await form_of(request)
    given = given_in(form)
    try:
        pictures = {**given.pictures, **await pictures_taken_in(studio, await uploads_in(form))}
        content = await hand_in(studio, id, decision_of(given, by=studio.caller.name, pictures=pictures))
    except NotAllowed:
        raise
    except Outdated as error:
        return await outdated(request, id, problem_of(error))
    except InvalidInput as error:
        return await shown(request, id, given=given, problem=problem_of(error))
    told = {"told": given.decision, "done": content.content_id}
    rows = await queue(studio, without=content.content_id)
    if not rows:
        return to(request, "reviews", query=told)
    following = next((row for row in rows if row.id == form.get("next")), rows[0])
    return to(request, "review", id=following.id, query=told)


@page("/review/{id:path}", needs=Role.VIEWER)
async def review(request: PageRequest) -> Response:
    """What is to be judged."""
    return await shown(request, request.path_params["id"])


async def shown(request: PageRequest, id: str, *, given: Given = NOTHING, problem: Problem | None = None) -> Response:
    """The page of an open review. Where there is none any more, that is said with a way on."""
    try:
        found = await look(request.studio, id)
    except InvalidInput as error:
        said = problem_of(error)
        if said.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        return await outdated(request, id, problem or said)
    if given.artifact and given.artifact != found.artifact:
        given = Given()
    beside = await _beside(request, id)
    return render(
        request,
        "review_item.html" if "x-part" in request.headers else "review.html",
        status=problem.status if problem else 200,
        holders=await others(request.studio, [found.page.view.content_id]),
        beside=beside,
        told=_told(request),
        done=request.query_params.get("done", ""),
        **item(request, found, given, problem),
    )


def item(request: PageRequest, found: Look, given: Given, problem: Problem | None) -> dict[str, object]:
    """What the template of a review needs, for people of the house and for clients."""
    return {
        "look": found,
        "page": found.page,
        "given": given,
        "problem": problem,
        "digest_of": digest_of,
        "client": None,
        "may_decide": request.caller.role.includes(Role.REVIEWER),
    }


async def outdated(request: PageRequest, id: str, problem: Problem) -> Response:
    """It is not what was judged, or is not open any more."""
    try:
        found = await look(request.studio, id)
    except InvalidInput:
        found = None
    beside = await _beside(request, id)
    return render(
        request,
        "review_outdated.html",
        status=HTTPStatus.CONFLICT if request.method == "POST" else HTTPStatus.OK,
        id=id,
        open=found is not None,
        problem=problem,
        beside=beside,
    )


async def _beside(request: PageRequest, id: str) -> Beside:
    """Where it stands among those that wait. What was decided just now is passed over."""
    done = request.query_params.get("done")
    rows = [row for row in await queue(request.studio) if done not in (row.id, row.content_id)]
    at = next((place for place, row in enumerate(rows) if id in (row.id, row.content_id, row.workflow_id)), None)
    if at is None:
        return Beside(0, len(rows), None, rows[0] if rows else None)
    return Beside(at + 1, len(rows), rows[at - 1] if at else None, rows[at + 1] if at + 1 < len(rows) else None)


def _told(request: PageRequest) -> str:
    return TOLD.get(request.query_params.get("told", ""), "")


ROUTES = [reviews, review_briefs, open_review, close_review, decide_review, review]
