"""Operations of the API, which say who may call them. One without a role cannot be made.

What happens to a request, in this order: who calls is found and their role checked; the body is read, up to its limit;
a repeated request is answered as it was; FastAPI checks parameters and body against the models; the operation is done.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from control.access import require
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role

from .bodies import JSON_BYTES, ApiRequest, is_text
from .problems import answered
from .repeats import once

Endpoint = Callable[..., Coroutine[Any, Any, Any]]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Once = Literal["", "offered", "required"]


class Operation:
    """An endpoint with its path and its role, to be listed in a module's `OPERATIONS`.

    `needs` None is for everybody. `once`: whether an `Idempotency-Key` is taken; `repeatable`: doing it twice is doing
    it once. `streams`: the endpoint reads the body by itself, of at most `limit` bytes. `refuses` are statuses that it
    may answer with besides those that all have.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        needs: Role | None,
        *,
        tag: str,
        answers: type[BaseModel] | None,
        status: int,
        once: Once,
        repeatable: bool,
        limit: int,
        streams: bool,
        refuses: Sequence[int],
        responses: dict[int | str, dict[str, Any]],
        extra: dict[str, Any],
    ) -> None:
        self.endpoint, self.method, self.path, self.needs = endpoint, method, path, needs
        self.tag, self.answers, self.status = tag, answers, status
        self.once, self.repeatable, self.limit, self.streams = once, repeatable, limit, streams
        self.refuses, self.responses, self.extra = tuple(refuses), responses, extra

    @property
    def name(self) -> str:
        """The operation's id in the OpenAPI document."""
        return self.endpoint.__name__

    @property
    def takes_body(self) -> bool:
        """Whether its method may have a body."""
        return self.method in ("POST", "PUT", "PATCH")

    def mount(self, app: FastAPI) -> None:
        """Adds it to the application."""
        self.endpoint.operation = self  # type: ignore[attr-defined]
        app.router.add_api_route(
            self.path,
            self.endpoint,
            methods=[self.method],
            status_code=self.status,
            response_model=self.answers,
            response_class=Response if self.answers is None else app.router.default_response_class,
            tags=[self.tag],
            name=self.name,
            operation_id=self.name,
            responses=self.responses,
            openapi_extra=self.extra,
            route_class_override=ApiRoute,
        )


def operation(
    method: str,
    path: str,
    *,
    needs: Role | None,
    tag: str,
    answers: type[BaseModel] | None,
    status: int = 200,
    once: Once | None = None,
    repeatable: bool = True,
    limit: int = JSON_BYTES,
    streams: bool = False,
    refuses: Sequence[int] = (),
    responses: dict[int | str, dict[str, Any]] | None = None,
    extra: dict[str, Any] | None = None,
) -> Callable[[Endpoint], Operation]:
    """An operation for callers whose role includes `needs`. A POST takes an `Idempotency-Key` unless it is said
    otherwise."""
    kept: Once = once if once is not None else "offered" if method == "POST" and needs is not None else ""
    return lambda endpoint: Operation(
        endpoint,
        method,
        path,
        needs,
        tag=tag,
        answers=answers,
        status=status,
        once=kept,
        repeatable=repeatable,
        limit=limit,
        streams=streams,
        refuses=refuses,
        responses=responses or {},
        extra=extra or {},
    )


class ApiRoute(APIRoute):
    """A route of an operation. Whatever is raised is answered as a problem."""

    @property
    def operation(self) -> Operation:
        """The operation that it is of."""
        found: Operation = self.endpoint.operation  # type: ignore[attr-defined]
        return found

    def get_route_handler(self) -> Handler:
        """The handler, with all that goes before it."""
        done = super().get_route_handler()

        async def handled(request: Request) -> Response:
            asked = ApiRequest(request.scope, request.receive)
            asked.limit = self.operation.limit
            try:
                answer = await self._answered(asked, done)
            except Exception as error:  # noqa: BLE001 - every error has an answer
                answer = await answered(asked, error)
            return _finished(answer)

        return handled

    async def _answered(self, request: ApiRequest, done: Handler) -> Response:
        operation = self.operation
        if operation.needs is not None:
            await _recognised(request)
            if request.state.caller is None:
                raise HTTPException(401)
            require(request.state.caller, operation.needs, what=operation.name.replace("_", " "))
        _check_text(request)
        if self.body_field is not None:
            await request.json()
        if not operation.once:
            return await done(request)
        return await once(request, operation, done)


async def _recognised(request: Request) -> None:
    if not hasattr(request.state, "caller"):
        request.state.caller = await request.app.state.parts.recognise(request)


def _check_text(request: Request) -> None:
    """Raises `InvalidInput` for parameters that no text holds: the database takes no NUL."""
    for name, value in (*request.path_params.items(), *request.query_params.multi_items()):
        if not is_text(str(value)) or not is_text(name):
            raise InvalidInput("it holds characters that no text has", field=name[:80], remedy="take them out")


def _finished(answer: Response) -> Response:
    headers = MutableHeaders(raw=answer.raw_headers)
    headers.setdefault("Cache-Control", "no-store")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    return answer
