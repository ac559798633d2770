"""A worker process of the run: the product's activity, its ledger and gate on PostgreSQL, and a speaker over HTTP.

python -m tests.faults.purchases.worker DSN TEMPORAL NAMESPACE MEDIA PROVIDER LEASE_S
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import httpx
from temporalio.client import Client
from temporalio.worker import Worker

from activities.content.buying import Purchasing
from activities.content.material import Voices
from reelwright.domain.chains import Link, Patience, ProviderList
from reelwright.domain.content.story import WordTiming
from reelwright.domain.content.voice import PLAIN, Delivery
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.money import Money
from reelwright.domain.errors import ProviderUnavailable
from reelwright.domain.ports.making import Speech, SpokenBy
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.channels import PostgresChannels
from reelwright.storage.database import connect
from reelwright.storage.failure_log import PostgresFailureLog
from reelwright.storage.gate import PostgresGate
from reelwright.storage.media import LocalMediaStore
from reelwright.storage.requests import PostgresRequests
from workers.plugin import reelwright_plugin

from .charging import PRICE
from .scenes import QUEUE, SpeakAll


class HttpSpeaker:
    """Speaks by asking the provider."""

    def __init__(self, address: str, http: httpx.AsyncClient) -> None:
        self._address, self._http = address, http

    def estimate(self, text: str, *, language: str, delivery: Delivery) -> Estimate:
        return Estimate(step="speech", provider="one:m", usual=Money.of(PRICE), worst=Money.of(PRICE))

    def spoken_by(self, language: str, delivery: Delivery = PLAIN) -> SpokenBy:
        return SpokenBy("one:m")

    def own_voice(self, language: str) -> str:
        return ""

    async def ready(self, language: str, delivery: Delivery = PLAIN) -> None:
        return None

    async def speak(self, text: str, *, language: str, delivery: Delivery = PLAIN) -> Speech:
        answer = await self._http.post(self._address, json={"text": text}, timeout=30)
        if answer.status_code != 200:
            error = ProviderUnavailable(f"HTTP {answer.status_code}", field="one")
            error.cost_known = True
            raise error
        words = tuple(WordTiming(text=word, start=n, end=n + 1) for n, word in enumerate(text.split()))
        return Speech(wav=answer.content, duration_s=len(words), words=words, usd=PRICE)


async def main(dsn: str, temporal: str, namespace: str, media: str, provider: str, lease_s: str) -> None:
    pool = await connect(dsn)
    lease = float(lease_s)
    async with httpx.AsyncClient() as http:
        speaker: Any = HttpSpeaker(provider, http)
        speakers: ProviderList[Any] = ProviderList({"one": Link("one", lambda: speaker, concurrency=8)}, ("one",))
        purchasing = Purchasing(
            PostgresRequests(pool, lease_s=lease),
            PostgresGate(pool, lease_s=lease, open_s=0.5),
            PostgresFailureLog(pool),
            PostgresChannels(pool),
            Patience(tries=1_000),
        )
        voices = Voices(PostgresCatalog(pool), LocalMediaStore(Path(media)), speaker, speakers, purchasing)
        client = await Client.connect(temporal, namespace=namespace, plugins=[reelwright_plugin()])
        worker = Worker(
            client,
            task_queue=QUEUE,
            workflows=[SpeakAll],
            activities=[voices.speak_scene],
            max_concurrent_activities=12,
        )
        await worker.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
