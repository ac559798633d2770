"""The reference of the API as pages of our own, made of the OpenAPI document: all operations, their models, and what
each kind of problem means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from reelwright.domain.people import Role

from ..routing import PageRequest, page, public
from ..templating import render
from .problems import KINDS

METHODS = ("get", "post", "put", "patch", "delete")
DEPTH = 3


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a model. `kind` is its type in words, `model` the model's name if it is one of ours,
    `where` is `path`, `query`, `header` or empty."""

    name: str
    kind: str
    model: str
    required: bool
    about: str
    where: str = ""


@dataclass(frozen=True)
class Answered:
    """An answer: its status, and its model's name, if it has one."""

    status: str
    about: str
    model: str


@dataclass(frozen=True)
class Described:
    """One operation."""

    method: str
    path: str
    name: str
    about: str
    role: str
    parameters: tuple[Field, ...]
    body: str
    answers: tuple[Answered, ...]


@dataclass(frozen=True)
class Model:
    """One model."""

    name: str
    about: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Reference:
    """All of it: operations by their tag, and the models."""

    tags: Mapping[str, tuple[Described, ...]]
    models: tuple[Model, ...]


@page("/api/reference", needs=Role.VIEWER, name="api_reference")
async def api_reference(request: PageRequest) -> Response:
    """All operations and models."""
    reference = reference_of()
    return render(request, "api_reference.html", tags=reference.tags, models=reference.models, problems=KINDS)


@public("/api/problems/{kind}", name="api_problem")
async def api_problem(request: PageRequest) -> Response:
    """What a kind of problem means: the addresses in `type` lead here."""
    kind = request.path_params["kind"]
    if kind not in KINDS:
        raise HTTPException(404)
    status, about = KINDS[kind]
    return render(request, "api_problem.html", kind=kind, code=status, about=about)


@cache
def reference_of() -> Reference:
    """The reference, made once of the document."""
    from .app import create_api

    document: dict[str, Any] = create_api(None).openapi()
    tags: dict[str, tuple[Described, ...]] = {}
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                tag = operation["tags"][0]
                tags[tag] = (*tags.get(tag, ()), _described(method, path, operation))
    schemas = document["components"]["schemas"]
    return Reference(tags, tuple(_model(name, schema) for name, schema in schemas.items()))


def _described(method: str, path: str, operation: Mapping[str, Any]) -> Described:
    body = operation.get("requestBody", {}).get("content", {})
    answers = [
        Answered(status, answer.get("description", ""), _name(next(iter(answer.get("content", {}).values()), {})))
        for status, answer in operation["responses"].items()
        if "$ref" not in answer
    ]
    return Described(
        method.upper(),
        f"/api{path}",
        operation["operationId"],
        operation.get("description", ""),
        operation["x-role"],
        tuple(
            Field(
                one["name"], _kind(one["schema"]), _reference(one["schema"]), one.get("required", False),
                one.get("description", ""), one["in"],
            )
            for one in operation.get("parameters", ())
        ),
        _name(next(iter(body.values()), {})) or ", ".join(body),
        tuple(answers),
    )  # fmt: skip


def _model(name: str, schema: Mapping[str, Any]) -> Model:
    required = schema.get("required", ())
    fields = [
        Field(field, _kind(one), _reference(one), field in required, one.get("description", ""))
        for field, one in schema.get("properties", {}).items()
    ]
    return Model(name, schema.get("description", ""), tuple(fields))


def _name(content: Mapping[str, Any]) -> str:
    return _reference(content.get("schema", {}))


def _reference(schema: Mapping[str, Any], depth: int = DEPTH) -> str:
    """The first model that a schema is made of; empty where it is made of none."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if depth == 0:
        return ""
    return next((name for part in _parts(schema) if (name := _reference(part, depth - 1))), "")


def _parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ()))
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), Mapping):
            yield schema[name]


def _kind(schema: Mapping[str, Any], depth: int = DEPTH) -> str:
    """The type in words: `list of string`, `integer or null`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return "one of " + ", ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if depth == 0:
        return "…"
    several = schema.get("anyOf") or schema.get("oneOf")
    if several:
        return " or ".join(dict.fromkeys(_kind(one, depth - 1) for one in several))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}), depth - 1)}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"table of {_kind(schema['additionalProperties'], depth - 1)}"
    return str(schema.get("format") or schema.get("type") or "anything")


API_PAGES = [api_reference, api_problem]
