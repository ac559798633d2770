"""One thing of each provider, made well and in each way of failing, by the activities of a running studio; what came of
it, what evidence says, and what the books say against what the provider has charged."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from reelwright.domain.channels.config import ChannelConfig
from reelwright.domain.channels.in_force import Inheriting, in_force
from reelwright.domain.content.request import ContentRequest
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.channels import PostgresChannels
from reelwright.storage.evidence import PostgresEvidence

from .vendors import CHAINS, Place, Vendors
from .ways import Case
from .work import QUEUE, MakeOne, Order, Outcome

OFFLINE = {"writing": "template", "speech": "local", "images": "drawn", "music": "synth"}
CENT = 1e-6
"""Of what two sums may differ: the books have six places."""


@dataclass
class Found:
    """What has been tried, and what was not as it should be."""

    runs: int = 0
    fell_back: int = 0
    unknown: int = 0
    wrong: list[str] = field(default_factory=list)
    texts: int = 1_000

    def number(self) -> int:
        """One that no text has had."""
        self.texts += 1
        return self.texts


@dataclass(frozen=True)
class Making:
    """A studio's books and server, and the stand-ins that it buys from."""

    pool: Any
    client: Client
    vendors: Vendors

    async def all(self, cases: Sequence[Case], places: Sequence[Place], found: Found) -> None:
        """Capabilities side by side, each of them in turn: who has charged for what is known by the capability."""
        async with Worker(self.client, task_queue=QUEUE, workflows=[MakeOne]):
            await asyncio.gather(
                *(
                    self._lane(
                        [place for place in places if place[0] == capability],
                        [case for case in cases if case.place[0] == capability],
                        found,
                    )
                    for capability in dict.fromkeys(place[0] for place in places)
                )
            )

    async def _lane(self, places: Sequence[Place], cases: Sequence[Case], found: Found) -> None:
        for place in places:
            await self._one(place, None, (), found)
        for number, case in enumerate(cases):
            others = [place[1] for place in CHAINS if place[0] == case.place[0] and place != case.place]
            second = (others[number % len(others)],) if number % 2 else ()
            await self._one(case.place, case, second, found)

    async def _one(self, place: Place, case: Case | None, second: Sequence[str], found: Found) -> None:
        capability, vendor = place
        name = case.name if case else f"{capability}/{vendor}: well"
        await self.pool.execute("delete from provider_health where capability = $1", capability)
        content, channel = await self._content(place, second)
        before = self._charged(capability)
        if case:
            self.vendors.ways[place] = case.fails
        try:
            text = f"The moon pulls at the sea {found.number()} times, and the sea comes and goes."
            order = Order(content_id=content, capability=capability, channel=channel, text=text)
            made = await asyncio.wait_for(
                self.client.execute_workflow(MakeOne.run, order, id=content, task_queue=QUEUE), 240
            )
        except Exception as error:  # noqa: BLE001  # whatever it is: it should not have ended so
            found.wrong.append(f"{name}: {type(error).__name__}: {error} {getattr(error, 'cause', '')}"[:400])
            print(found.wrong[-1], flush=True)
            return
        finally:
            self.vendors.ways.pop(place, None)
        charged = self._charged(capability) - before
        wrong = self._as_it_should(place, case, second, made)
        wrong += await self._evidence(content, made)
        unknown, more = await self._books(content, made, charged)
        found.runs, found.unknown = found.runs + 1, found.unknown + unknown
        found.fell_back += bool(made.fell_back)
        found.wrong += [f"{name}: {each}" for each in (*wrong, *more)]
        told = {"case": name, "by": made.provider, "told": made.fell_back, "usd": round(charged, 6)}
        print(json.dumps({**told, "wrong": [*wrong, *more]}, ensure_ascii=False), flush=True)

    def _as_it_should(self, place: Place, case: Case | None, second: Sequence[str], made: Outcome) -> list[str]:
        """Who made it, and whether it is told why the first one did not."""
        capability, vendor = place
        itself = case is None or case.then == "itself"
        wrong = []
        if itself and (made.fell_back or not made.provider.removeprefix("script+").startswith(vendor)):
            wrong.append(f"made by {made.provider}, {made.fell_back}")
        if itself and capability == "clips" and not made.clip:
            wrong.append("a still in the clip's place")
        if case and case.way.startswith("alignment") and made.timing != "aligned":
            wrong.append(f"the words' times are {made.timing}")
        if itself:
            return wrong
        lines = (line.removeprefix("clips: ") for line in made.fell_back)
        line = next((line for line in lines if line.startswith(f"{vendor}: ")), "")
        if len(line) < len(vendor) + 5:
            wrong.append(f"nobody is told why: {made.fell_back}")
        next_one = second[0] if second else OFFLINE.get(capability, "")
        offline = {"template": "composer", "local": "", "drawn": "drawn", "synth": "synth"}
        if made.provider.startswith(vendor) and capability != "clips":
            wrong.append(f"made by {made.provider} all the same")
        if second and not made.provider.startswith(next_one):
            wrong.append(f"made by {made.provider} in place of {next_one}: {made.fell_back}")
        if not second and not made.provider.startswith(offline.get(next_one, "")):
            wrong.append(f"made by {made.provider} in place of what is offline")
        return wrong

    async def _evidence(self, content: str, made: Outcome) -> list[str]:
        """The row of what was made: who, by which request, and what it was fallen back from."""
        documents = await PostgresEvidence(self.pool).document(content)
        rows = [row for document in documents for row in document.rows if row.provider == made.provider]
        if not rows:
            return [f"evidence has no row by {made.provider}"]
        wrong = [] if all(row.whole for row in rows) else ["a row of evidence is not whole"]
        if made.fell_back and not any((row.details or {}).get("fell_back") == list(made.fell_back) for row in rows):
            wrong.append("evidence does not say what was fallen back from")
        if not made.fell_back and made.spent and not any(row.request_id for row in rows):
            wrong.append("evidence has no request id")
        return wrong

    async def _books(self, content: str, made: Outcome, charged: float) -> tuple[int, list[str]]:
        """The number of calls of which nobody knows what they cost, and what does not add up: what the provider has
        charged is in the books, as paid, or as held for such a call."""
        rows = await self.pool.fetch("select state, usd, held_usd from purchases where content_id = $1", content)
        paid = sum(float(row["usd"]) for row in rows)
        open_ones = [row for row in rows if row["state"] == "unknown"]
        held = sum(float(row["held_usd"] or 0) for row in open_ones)
        wrong = []
        if not paid - CENT <= charged <= paid + held + CENT:
            wrong.append(f"charged {charged:.6f}, booked {paid:.6f}, held {held:.6f} {[dict(row) for row in rows]}")
        if abs(made.spent - paid) > CENT:
            wrong.append(f"it says that {made.spent:.6f} was spent, the books say {paid:.6f}")
        return len(open_ones), wrong

    def _charged(self, capability: str) -> float:
        return sum(usd for (of, _), usd in self.vendors.charged.items() if of == capability)

    async def _content(self, place: Place, second: Sequence[str]) -> tuple[str, str]:
        """A content of a channel of its own, whose chain begins with the provider."""
        capability, vendor = place
        content, channel = f"p{uuid.uuid4().hex[:12]}", f"ch-{uuid.uuid4().hex[:10]}"
        request = ContentRequest(topic="Why the sea has tides", channel=channel)
        await PostgresCatalog(self.pool).open_content(
            content,
            workflow_id=f"content-{content}",
            request_json=request.model_dump_json(),
            request_sha256="ab" * 32,
            request_key=None,
        )
        config = ChannelConfig.model_validate({"name": channel, "providers": {capability: [vendor, *second]}})
        await PostgresChannels(self.pool).keep(content, in_force(Inheriting.of(content, request), [(1, config)]))
        return content, channel
