"""Writes the JSON Schemas of what programs read from us: `python -m starter.schemas`."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from .report import Report

FOLDER = Path(__file__).parents[1] / "docs" / "schemas"
SCHEMAS: dict[str, type[BaseModel]] = {"report.schema.json": Report}


def schema_text(model: type[BaseModel]) -> str:
    """The schema of what the model is written as."""
    schema = model.model_json_schema(mode="serialization")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2) + "\n"


def main() -> None:
    """Writes them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, model in SCHEMAS.items():
        (FOLDER / name).write_text(schema_text(model), encoding="utf-8")


if __name__ == "__main__":
    main()
