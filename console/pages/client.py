"""A review for a client outside, by a signed link: its own item and nothing else."""

from __future__ import annotations

from http import HTTPStatus

from pydantic import SecretStr
from starlette.exceptions import HTTPException
from starlette.responses import Response

from control.links import Claims, Scope, opened
from control.review_decide import Outdated, hand_in
from control.review_look import Look, look
from control.studio import Studio
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Caller, Role

from ..problems import Problem, problem_of
from ..review_form import NOTHING, Given, decision_of, digest_of, form_of, given_in
from ..routing import PageRequest, local, public, to
from ..streaming import media_answer
from ..templating import render
from .media import file_of

COOKIE = "reelwright_link"
LONGEST_S = 12 * 3_600
"""For longer the link has to be opened again."""
TOKEN_CHARS = 2_000
TOLD = {"approve": "approved", "reject": "rejected", "revise": "sent back"}
OUTSIDE = {"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
BESIDE = None


def caller_of(claims: Claims) -> Caller:
    """Who comes by a link: the link itself. Nobody has checked a name."""
    role = Role.REVIEWER if claims.scope == "decide" else Role.VIEWER
    return Caller(name=f"link {claims.id}", role=role, way="link", key=claims.id)


@public("/c/{id}", name="client")
async def client(request: PageRequest) -> Response:
    """What is to be judged; without the cookie of its link, a page that takes the link's token."""
    id = request.path_params["id"]
    claims = await _claims(request, "view")
    if claims is None:
        return _enter(request, id)
    if told := TOLD.get(request.query_params.get("told", "")):
        return _enter(request, id, told=told)
    found = await _looked(request, claims)
    return _enter(request, id, wrong=True) if found is None else _shown(request, claims, found)


@public("/c/{id}", methods=("POST",), name="client_enter")
async def client_enter(request: PageRequest) -> Response:
    """Takes the token, and keeps it in a cookie of this item's own path."""
    id = request.path_params["id"]
    token = str((await form_of(request)).get("token", ""))[: TOKEN_CHARS + 1].strip()
    claims = await _opened(request, token, "view")
    if claims is None:
        return _enter(request, id, wrong=True)
    answer = to(request, "client", id=id)
    left = claims.expires - int(request.parts.clock().timestamp())
    answer.set_cookie(
        COOKIE,
        token,
        max_age=max(min(left, LONGEST_S), 0),
        path=local(request, "client", id=id),
        secure=request.parts.settings.secure,
        httponly=True,
        samesite="strict",
    )
    return answer


@public("/c/{id}/media/{sha256}", name="client_media")
async def client_media(request: PageRequest) -> Response:
    """One file of the item."""
    claims = await _claims(request, "view")
    if claims is None:
        raise HTTPException(404)
    studio = _studio(request, claims)
    try:
        file, artifact = await file_of(request, studio, claims.content_id, request.path_params["sha256"], fresh_s=0)
    except InvalidInput as error:
        raise HTTPException(404) from error
    if artifact != claims.artifact_sha256:
        raise HTTPException(404)
    return await media_answer(request, studio.media(), file)


@public("/c/{id}/decide", methods=("POST",), name="client_decide")
async def client_decide(request: PageRequest) -> Response:
    """The client's decision, on exactly what the link is for."""
    claims = await _claims(request, "decide")
    if claims is None:
        raise HTTPException(404)
    filled = given_in(await form_of(request))
    given = Given(
        decision=filled.decision,
        note=filled.note,
        scenes=filled.scenes,
        thumbnail=filled.thumbnail,
        artifact=claims.artifact_sha256,
    )
    studio = _studio(request, claims)
    try:
        await hand_in(studio, claims.content_id, decision_of(given, by=studio.caller.name, pictures={}))
    except Outdated:
        return _enter(request, claims.content_id, wrong=True)
    except InvalidInput as error:
        found = await _looked(request, claims)
        if found is None:
            return _enter(request, claims.content_id, wrong=True)
        return _shown(request, claims, found, given, problem_of(error))
    return to(request, "client", id=claims.content_id, query={"told": given.decision})


def _studio(request: PageRequest, claims: Claims) -> Studio:
    return request.parts.studio(caller_of(claims))


async def _claims(request: PageRequest, wants: Scope) -> Claims | None:
    """What the cookie's token allows on this item now; None for nothing."""
    return await _opened(request, request.cookies.get(COOKIE, ""), wants)


async def _opened(request: PageRequest, token: str, wants: Scope) -> Claims | None:
    key: SecretStr | None = request.parts.extras.get("link_key")
    nobody = Caller(name="", role=Role.VIEWER, way="link")
    if not token or key is None:
        return None
    try:
        return await opened(
            token,
            key,
            request.parts.books(nobody).links,
            content_id=request.path_params["id"],
            wants=wants,
            now=request.parts.clock(),
        )
    except InvalidInput:  # why is not for whoever holds a link that opens nothing
        return None


async def _looked(request: PageRequest, claims: Claims) -> Look | None:
    """What the link is for; None where it is not open any more, or is another by now."""
    try:
        found = await look(_studio(request, claims), claims.content_id)
    except InvalidInput:
        return None
    return found if found.artifact == claims.artifact_sha256 else None


def _shown(
    request: PageRequest, claims: Claims, found: Look, given: Given = NOTHING, problem: Problem | None = None
) -> Response:
    answer = render(
        request,
        "client_review.html",
        status=problem.status if problem else 200,
        look=found,
        page=found.page,
        given=given,
        problem=problem,
        digest_of=digest_of,
        client=claims,
        may_decide=claims.scope == "decide",
        beside=BESIDE,
        holders=(),
        told="",
        done="",
    )
    answer.headers.update(OUTSIDE)
    return answer


def _enter(request: PageRequest, id: str, *, wrong: bool = False, told: str = "") -> Response:
    """The page without the item. It is the same for every id: it does not say which there are."""
    status = HTTPStatus.NOT_FOUND if wrong else HTTPStatus.OK
    answer = render(request, "client_enter.html", status=status, id=id, wrong=wrong, told=told)
    answer.headers.update(OUTSIDE)
    return answer


ROUTES = [client, client_enter, client_media, client_decide]
