"""The table `classifier_answers`. Implements `domain.ports.classifying.ScoreBook`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .database import transaction


class PostgresScores:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def known(self, classifier: str, inputs: Sequence[str]) -> Mapping[str, dict[str, float]]:
        """The scores on record, by the sha256 of the input."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                "select input_sha256, scores from classifier_answers where classifier = $1 and input_sha256 = any($2)",
                classifier,
                list(inputs),
            )
        return {row["input_sha256"]: json.loads(row["scores"]) for row in rows}

    async def keep(self, classifier: str, answers: Mapping[str, dict[str, float]]) -> None:
        """Records answers; the first for an input stays."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                """insert into classifier_answers (classifier, input_sha256, scores)
                   select $1, * from unnest($2::text[], $3::json[]) on conflict do nothing""",
                classifier,
                list(answers),
                [json.dumps(scores) for scores in answers.values()],
            )
