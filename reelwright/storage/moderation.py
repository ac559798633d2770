"""What classifiers answered, and what contents are recognised by."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from reelwright.domain.ports.repeats import Earlier

from .database import transaction


class PostgresScores:
    """The table `classifier_answers`. Implements `domain.ports.classifying.ScoreBook`. `pool` is an `asyncpg.Pool`."""

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


class PostgresFingerprints:
    """The table `fingerprints`. Implements `domain.ports.repeats.FingerprintBook`. `pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def note_story(self, content_id: str, channel: str, title: str, runs: frozenset[int]) -> None:
        """Keeps when the content was first noted."""
        await self._note("shingles", content_id, channel, title, sorted(runs))

    async def note_pictures(self, content_id: str, channel: str, title: str, pictures: Sequence[int]) -> None:
        """Keeps when the content was first noted."""
        await self._note("pictures", content_id, channel, title, list(pictures))

    async def with_runs(self, content_id: str, channel: str, runs: frozenset[int]) -> Sequence[Earlier]:
        """The five that share the most."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                f"""select f.content_id, f.title, f.shingles from {_EARLIER} and f.shingles && $3
                    order by cardinality(array(select unnest(f.shingles) intersect select unnest($3))) desc,
                             f.noted_at desc limit 5""",  # noqa: S608
                content_id,
                channel,
                sorted(runs),
            )
        return [Earlier(row["content_id"], row["title"], runs=frozenset(row["shingles"])) for row in rows]

    async def with_pictures(self, content_id: str, channel: str) -> Sequence[Earlier]:
        """The newest 2,000."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                f"""select f.content_id, f.title, f.pictures from {_EARLIER} and f.pictures <> '{{}}'
                    order by f.noted_at desc limit 2000""",  # noqa: S608
                content_id,
                channel,
            )
        return [Earlier(row["content_id"], row["title"], pictures=tuple(row["pictures"])) for row in rows]

    async def _note(self, column: str, content_id: str, channel: str, title: str, hashes: list[int]) -> None:
        async with transaction(self._pool) as connection:
            await connection.execute(
                f"""insert into fingerprints (content_id, channel, title, {column}) values ($1, $2, $3, $4)
                    on conflict (content_id) do update set title = excluded.title, {column} = excluded.{column}""",  # noqa: S608
                content_id,
                channel,
                title,
                hashes,
            )


_EARLIER = """fingerprints f join content c on c.id = f.content_id
    where f.channel = $2 and f.content_id <> $1 and c.status in ('running', 'done', 'incomplete')
          and f.noted_at < (select noted_at from fingerprints where content_id = $1)"""
