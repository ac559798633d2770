"""Writes the JSON Schemas of what programs give us and read from us: `python -m starter.schemas`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from control.report import Report
from reelwright.domain.channels.config import ChannelConfig
from reelwright.domain.content.decision import ReviewDecision
from reelwright.domain.content.policy import ModerationPolicy
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import PipelineStatus
from reelwright.domain.evidence import EvidenceDocument

FOLDER = Path(__file__).parents[1] / "docs" / "schemas"


@dataclass(frozen=True)
class Published:
    """A model whose schema is published: as it is taken (`validation`) or as it is written (`serialization`)."""

    model: type[BaseModel]
    mode: Literal["validation", "serialization"]


SCHEMAS: dict[str, Published] = {
    "channel.schema.json": Published(ChannelConfig, "validation"),
    "evidence.schema.json": Published(EvidenceDocument, "serialization"),
    "policy.schema.json": Published(ModerationPolicy, "validation"),
    "request.schema.json": Published(ContentRequest, "validation"),
    "review.schema.json": Published(ReviewDecision, "validation"),
    "status.schema.json": Published(PipelineStatus, "serialization"),
    "report.schema.json": Published(Report, "serialization"),
}


def schema_text(published: Published) -> str:
    """The schema as it is stored."""
    schema = published.model.model_json_schema(mode=published.mode)
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2) + "\n"


def main() -> None:
    """Writes them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, published in SCHEMAS.items():
        (FOLDER / name).write_text(schema_text(published), encoding="utf-8")


if __name__ == "__main__":
    main()
