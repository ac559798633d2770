"""The OpenAPI document: FastAPI's, with our problems at every operation, the role that each needs, and the two ways to
be recognised."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from .problems import KINDS, MEDIA_TYPE, ApiProblem
from .repeats import HEADER, KEY_CHARS
from .routing import ApiRoute, Operation

VERSION = "1"
TITLE = "Reelwright"
ABOUT = """Contents, reviews, posts and all that is behind them, for programs. docs/api.md tells the conventions:
problems (RFC 9457), `Idempotency-Key`, cursors, `If-Match`, limits."""
_RECOGNISED = {
    "token": {"type": "http", "scheme": "bearer", "description": "an API token (`rw_…`), or its short-lived JWT"},
    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-reelwright", "description": "a browser's session"},
}
_PROBLEM = {"$ref": "#/components/schemas/ApiProblem"}
_UNUSED = ("HTTPValidationError", "ValidationError")


def document(app: FastAPI) -> dict[str, Any]:
    """The document, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = _made(app)
    return app.openapi_schema


def _made(app: FastAPI) -> dict[str, Any]:
    routes = [route for route in app.routes if isinstance(route, ApiRoute)]
    made = get_openapi(title=TITLE, version=VERSION, description=ABOUT, routes=routes, servers=[{"url": "/api"}])
    for route in routes:
        described = made["paths"][route.path_format][route.operation.method.lower()]
        _complete(described, route.operation, has_body=route.body_field is not None or route.operation.streams)
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for name in _UNUSED:
        schemas.pop(name, None)
    problem = ApiProblem.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["ApiProblem"] = problem
    made["components"]["schemas"] = dict(sorted(schemas.items()))
    made["components"]["responses"] = {
        _name(status): {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}
        for status in sorted({status for status, _ in KINDS.values()})
    }
    made["components"]["securitySchemes"] = _RECOGNISED
    return made


def _complete(described: dict[str, Any], operation: Operation, *, has_body: bool) -> None:
    described["x-role"] = operation.needs.value if operation.needs else "none"
    described["security"] = [{"token": []}, {"session": []}] if operation.needs else []
    if operation.once:
        described.setdefault("parameters", []).append(
            {
                "name": HEADER,
                "in": "header",
                "required": operation.once == "required",
                "description": "the same request under the same key is done once",
                "schema": {"type": "string", "minLength": 1, "maxLength": KEY_CHARS, "pattern": "^[!-~]+$"},
            }
        )
    for status in _refusals(operation, has_body=has_body):
        described["responses"][str(status)] = {"$ref": f"#/components/responses/{_name(status)}"}
    described["responses"] = dict(sorted(described["responses"].items()))


def _name(status: int) -> str:
    return f"Problem{status}"


def _refusals(operation: Operation, *, has_body: bool) -> list[int]:
    """The statuses of problems that an operation may answer with."""
    statuses = {404, 422, 429, 500, 503, *operation.refuses}  # 404: also for what a body or a filter names
    if operation.needs is not None:
        statuses |= {401, 403}
    if has_body:
        statuses |= {413, 415}
    if operation.once:
        statuses |= {400, 409}
    return sorted(statuses)
