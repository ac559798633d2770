"""Purchases under `kill -9`: contents are made by worker processes that die at random moments, then made once more;
what the provider has charged for is compared with what the books say."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import subprocess
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle

from activities.content.material import SpeakScene
from reelwright.domain.content.story import Scene
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.database import connect
from workers.plugin import reelwright_plugin

from .charging import Charging, charging
from .scenes import QUEUE, SpeakAll

ROOT = Path(__file__).parents[3]
LEASE_S = 2.0
SCENES = 10
SLOWEST_S = 0.8
"""The longest that the provider takes for an answer."""


@dataclass(frozen=True)
class Places:
    """Where the servers are, and a folder for the media and the workers' logs."""

    dsn: str
    temporal: str
    namespace: str
    folder: Path


class Workers:
    """Worker processes; one that is killed is started again at once."""

    def __init__(self, places: Places, provider: str, count: int) -> None:
        given = (places.dsn, places.temporal, places.namespace, str(places.folder / "media"), provider, str(LEASE_S))
        self._command = [sys.executable, "-m", "tests.faults.purchases.worker", *given]
        self._log = (places.folder / "workers.log").open("ab")
        self._running = [self._start() for _ in range(count)]

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, cwd=ROOT, stdout=self._log, stderr=self._log)

    def kill(self, rng: random.Random) -> None:
        """kill -9 of one of them."""
        number = rng.randrange(len(self._running))
        self._running[number].send_signal(signal.SIGKILL)
        self._running[number].wait()
        self._running[number] = self._start()

    def end(self) -> None:
        """All of them."""
        for process in self._running:
            process.kill()
            process.wait()
        self._log.close()


async def under_fire(places: Places, *, purchases: int, kills: int, seed: int) -> dict[str, Any]:
    """What came of it: the line that is printed."""
    rng = random.Random(seed)
    contents = [
        [f"Sentence {number} of {uuid.uuid4().hex}." for number in range(min(SCENES, purchases - first))]
        for first in range(0, purchases, SCENES)
    ]
    pool = await connect(places.dsn)
    catalog = PostgresCatalog(pool)
    client = await Client.connect(places.temporal, namespace=places.namespace, plugins=[reelwright_plugin()])
    with charging(seed, slowest_s=SLOWEST_S) as (provider, books):
        workers = Workers(places, provider, count=2)
        try:
            first = await _started(client, catalog, contents)
            making = asyncio.ensure_future(asyncio.gather(*(handle.result() for handle in first)))
            done = await _kill(workers, kills, purchases, rng, books, making)
            spoken = sum(await making)
            before = books.charged.total()
            again = await _started(client, catalog, contents)  # other contents of the channel, the same scenes
            spoken_again = sum(await asyncio.gather(*(handle.result() for handle in again)))
        finally:
            workers.end()
        found = await _compared(pool, contents, books)
    await pool.close()
    return {
        "purchases": purchases,
        **found,
        "bought_the_second_time": books.charged.total() - before,
        "spoken": [spoken, spoken_again],
        "kills": done,
    }


async def _kill(
    workers: Workers, kills: int, purchases: int, rng: random.Random, books: Charging, made: asyncio.Future[Any]
) -> int:
    """At random moments, spread over the run: each some calls after the one before, and a moment into the next ones.
    The number of kills, fewer where all is bought before."""
    most = max(2, round(1.6 * purchases / kills))
    for done in range(kills):
        next_at = books.asked + rng.randint(1, most)
        while books.asked < next_at:
            if made.done():
                return done
            await asyncio.sleep(0.02)
        await asyncio.sleep(rng.uniform(0, SLOWEST_S))
        workers.kill(rng)
    return kills


async def _started(
    client: Client, catalog: PostgresCatalog, contents: Sequence[Sequence[str]]
) -> list[WorkflowHandle[Any, int]]:
    handles = []
    for texts in contents:
        content = f"f{uuid.uuid4().hex[:12]}"
        await catalog.open_content(
            content,
            workflow_id=f"content-{content}",
            request_json=json.dumps({"topic": "x"}),
            request_sha256="ab" * 32,
            request_key=None,
        )
        jobs = [
            SpeakScene(content_id=content, scene=Scene(index=number, text=text), language="en")
            for number, text in enumerate(texts)
        ]
        handles.append(await client.start_workflow(SpeakAll.run, jobs, id=content, task_queue=QUEUE))
    return handles


async def _compared(pool: Any, contents: Sequence[Sequence[str]], books: Charging) -> dict[str, int]:
    """`bought_twice` and `paid_and_lost` count what the books do not account for; `unknown` what they name as calls of
    which nobody knows whether they were charged for."""
    twice = lost = 0
    rows = await pool.fetch(
        """select requests.unknowns, requests.asset is not null as kept, requests.meta,
               (select count(*) from purchases where purchases.key = bought.key and purchases.usd > 0) as booked
           from requests join purchases as bought on bought.id = requests.purchase where requests.state = 'done'"""
    )
    by_text = {" ".join(word["text"] for word in json.loads(row["meta"])["words"]): row for row in rows}
    for text in (text for texts in contents for text in texts):
        row = by_text.get(text)
        if row is None:
            lost += books.charged[text]
            continue
        twice += max(0, books.charged[text] - row["booked"] - row["unknowns"])
        lost += not row["kept"]
    unknown = await pool.fetchval("select coalesce(sum(unknowns), 0) from requests")
    return {"bought_twice": twice, "paid_and_lost": lost, "unknown": int(unknown)}
