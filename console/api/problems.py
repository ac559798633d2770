"""Every refusal of the API: problem+json as RFC 9457 has it, with field, remedy, and all places that are wrong."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reelwright.domain.base import Model
from reelwright.domain.errors import InvalidInput
from reelwright.domain.explain import plainly
from reelwright.domain.redaction import redact
from reelwright.domain.text.incoming import cut

from ..problems import Problem, headers_of, problem_of

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS, ERROR_CHARS, NAME_CHARS = 20, 300, 80
Source = Literal["body", "query", "path", "header", "cookie"]


class ErrorAt(Model):
    """One place that is wrong. `pointer` is a JSON pointer into the body, or `#/` and the name of the parameter."""

    source: Source = "body"
    pointer: str
    detail: str


class ApiProblem(Problem):
    """What is wrong with a request, as RFC 9457 has it. `type` names the kind of problem and leads to its page; `field`
    is the first thing that is wrong, `remedy` what to do; `errors` has every place."""

    type: str = "about:blank"
    instance: str = ""
    errors: tuple[ErrorAt, ...] = ()


class Refused(InvalidInput):
    """A refusal with a status of its own. Nothing was done."""

    retryable, certain = False, True
    waits_for = ""

    def __init__(
        self,
        status: HTTPStatus,
        message: str,
        *,
        field: str = "",
        remedy: str = "",
        kind: str = "",
        headers: Mapping[str, str] | None = None,
        errors: tuple[ErrorAt, ...] = (),
    ) -> None:
        super().__init__(message, field=field, remedy=remedy)
        self.status, self.slug, self.headers, self.errors = status, kind, headers or {}, errors


KINDS: dict[str, tuple[int, str]] = {
    "no-key": (400, "The request starts or spends something, and has no `Idempotency-Key`. Send one that is new for "
               "each thing you want done, and the same one when you send the same request again."),
    "not-signed-in": (401, "No session and no token, or one that has ended. Send `Authorization: Bearer rw_…`."),
    "not-allowed": (403, "The role does not include what the operation needs. Ask an admin for the role."),
    "not-found": (404, "There is nothing under this address or id."),
    "wrong-method": (405, "The address has no such method; `Allow` names those that it has."),
    "under-way": (409, "The same request is being done at this moment. Send it again in a while."),
    "outdated": (409, "What the request is about has changed since you looked at it. Look again, then decide."),
    "not-offered": (409, "This build does not have it yet."),
    "changed": (412, "Somebody has changed it since you read it. Read it again, and send its new `ETag`."),
    "too-large": (413, "The body is larger than the operation takes."),
    "wrong-type": (415, "The body is of another type than the operation takes."),
    "invalid-input": (422, "The request cannot be fulfilled as it is: `errors` has every place, `remedy` what to do."),
    "key-reused": (422, "The `Idempotency-Key` belongs to another request. Use a new one."),
    "no-version": (428, "The request changes something without saying which version it knows: send `If-Match`."),
    "too-many": (429, "Too many requests. `Retry-After` says in how many seconds they are taken again."),
    "fault": (500, "A fault of this program. Tell whoever operates it; its log has the details."),
    "away": (503, "The database, Temporal or a provider does not answer. Try again."),
}  # fmt: skip
"""Every kind of problem, with its status and what it means for whoever reads its page."""
_BY_STATUS = {status: kind for kind, (status, _) in reversed(KINDS.items())} | {422: "invalid-input", 409: "under-way"}


async def answered(request: Request, error: Exception, *, below: str = "") -> Response:
    """An error as the API answers it. `below`: where the API is mounted, for what answers in its place."""
    problem, headers = told(error)
    problem = _placed(problem, request)
    if problem.status >= 500:
        log.error("%s %s: %s", request.method, request.url.path, error, exc_info=problem.status == 500)
    root = request.scope.get("root_path", "") + below
    kind = error.slug if isinstance(error, Refused) and error.slug else _BY_STATUS.get(problem.status, "")
    whole = problem.model_copy(
        update={"type": f"{root}/problems/{kind}" if kind else "about:blank", "instance": request.url.path}
    )
    headers = {"Cache-Control": "no-store", **headers}
    return JSONResponse(whole.model_dump(), problem.status, headers=headers, media_type=MEDIA_TYPE)


def told(error: Exception) -> tuple[ApiProblem, dict[str, str]]:
    """The problem, and headers that go with it."""
    if isinstance(error, RequestValidationError):
        return _of_validation(error.errors()), {}
    if isinstance(error, Refused):
        phrase = error.status.phrase
        problem = ApiProblem(
            status=error.status,
            title=phrase,
            detail=error.message,
            field=error.field,
            remedy=error.remedy,
            errors=error.errors,
        )
        return problem, dict(error.headers)
    known = ApiProblem.model_validate(problem_of(error).model_dump())
    headers = headers_of(error, known.status) | (dict(error.headers or {}) if isinstance(error, HTTPException) else {})
    if known.status == HTTPStatus.UNAUTHORIZED and not known.remedy:
        known = known.model_copy(update={"remedy": "sign in, or send `Authorization: Bearer` with an API token"})
    return known, headers


def _placed(problem: ApiProblem, request: Request) -> ApiProblem:
    """With the place of its field, where there is none yet: a parameter of that name, else the body's field."""
    if problem.errors or not problem.field or problem.status not in (409, 412, 422):
        return problem
    sources: dict[Source, Any] = {"path": request.path_params, "query": request.query_params, "header": request.headers}
    source: Source = next((source for source, given in sources.items() if problem.field in given), "body")
    at = ErrorAt(source=source, pointer=pointer(problem.field.split(".")), detail=problem.detail)
    return problem.model_copy(update={"errors": (at,)})


def _of_validation(errors: Sequence[Mapping[str, Any]]) -> ApiProblem:
    """Of Pydantic's errors. What a client sent is foreign text: it is cut, and not quoted but where a rule of ours
    does."""
    places, first, remedy = [], "", ""
    for error in errors[:MOST_ERRORS]:
        source, *path = error["loc"] or ("body",)
        message, how = plainly(error)
        parts = [cut(str(part), NAME_CHARS) for part in path if part != "[key]"]
        detail = redact(cut(message, ERROR_CHARS))
        places.append(ErrorAt(source=source, pointer=pointer(parts), detail=detail))
        if not first:
            first, remedy = ".".join(part for part in parts if not part.isdigit()) or str(source), how
    more = f" ({len(errors) - 1} more to mend)" if len(errors) > 1 else ""
    return ApiProblem(
        status=422,
        title=HTTPStatus(422).phrase,
        detail=places[0].detail if places else "",
        field=cut(first, NAME_CHARS),
        remedy=f"{remedy}{more}".strip(),
        errors=tuple(places),
    )


def pointer(parts: Sequence[str]) -> str:
    """A JSON pointer (RFC 6901) as a fragment."""
    return "#" + "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts if part)
