"""Errors as answers: the status that fits, and what happened, at which field, and what to do."""

from __future__ import annotations

import math
from http import HTTPStatus

from starlette.exceptions import HTTPException

from control.failures import Unforeseen, explained
from reelwright.domain.base import Model
from reelwright.domain.errors import InvalidInput, NotFound, ProviderUnavailable, ReelwrightError, WrongInFile
from reelwright.domain.people import NotAllowed, NotSignedIn, TooMany


class Problem(Model):
    """What is wrong with a request. `status` is HTTP's, `title` its phrase."""

    status: int
    title: str
    detail: str = ""
    field: str = ""
    remedy: str = ""


def problem_of(error: Exception) -> Problem:
    """The problem of what a handler raised. Of a fault of the program it says no more than that it is one: the text is
    for the log."""
    if isinstance(error, HTTPException):
        phrase = HTTPStatus(error.status_code).phrase
        return Problem(status=error.status_code, title=phrase, detail="" if error.detail == phrase else error.detail)
    known = explained(error)
    status = status_of(known)
    if isinstance(known, Unforeseen):
        return Problem(
            status=status, title=status.phrase, detail="the console has a fault", remedy="tell whoever operates it"
        )
    where = f"{known.where}: " if isinstance(known, WrongInFile) else ""
    detail = f"{where}{known.message}"
    return Problem(status=status, title=status.phrase, detail=detail, field=known.field, remedy=known.remedy)


def status_of(error: ReelwrightError) -> HTTPStatus:
    """HTTP's status for an error of ours."""
    if isinstance(error, NotAllowed):
        return HTTPStatus.FORBIDDEN
    if isinstance(error, NotSignedIn):
        return HTTPStatus.UNAUTHORIZED
    if isinstance(error, TooMany):
        return HTTPStatus.TOO_MANY_REQUESTS
    if isinstance(error, NotFound):
        return HTTPStatus.NOT_FOUND
    if isinstance(error, InvalidInput):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(error, ProviderUnavailable):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.INTERNAL_SERVER_ERROR


def headers_of(error: Exception, status: int) -> dict[str, str]:
    """What HTTP wants to be said with an answer of this status."""
    if isinstance(error, TooMany):
        return {"Retry-After": str(max(1, math.ceil(error.retry_after_s)))}
    if isinstance(error, ProviderUnavailable) and error.retry_after_s:
        return {"Retry-After": str(math.ceil(error.retry_after_s))}
    return {"WWW-Authenticate": 'Bearer realm="reelwright"'} if status == HTTPStatus.UNAUTHORIZED else {}
