"""Builds the adapters from the settings and injects them into the activities.

Imports are inside the functions, so that the cpu pool loads no codec and the render pool no platform.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from activities.batches.batching import Batching
from activities.content.channels import Channels
from activities.content.choice import ChainChoice
from activities.content.clips import Clips
from activities.content.costs import Costs
from activities.content.editorial import Editorial
from activities.content.material import Studio, Voices
from activities.content.own_media import OwnMedia
from activities.content.own_sound import OwnSound
from activities.content.records import Records
from activities.content.seen import Seeing
from activities.content.spoken import SpokenWords
from activities.harvesting.harvesting import Harvesting
from activities.publishing.composing import Composing
from activities.publishing.extras import Extras
from activities.publishing.posting import Publishing
from activities.publishing.quota import QuotaBooking
from activities.rendering.finished import Finishing
from activities.rendering.rendering import Rendering
from reelwright.domain.capability import Capability
from reelwright.domain.chains import ProviderList
from reelwright.domain.errors import InvalidInput

from .housekeeping import Prunes, housekeeping
from .judging import build_classifiers, build_moderator
from .layout import layout
from .making import Shared, build_purchasing, provider_list, tools_of
from .marking import build_marker
from .media import media_store, own_intake
from .pools import CpuActivities, MediaActivities
from .publishers import build_announcer, build_publishers, build_tokens, seed_accounts
from .sandboxing import clients, sites
from .scratch import own_scratch
from .settings import Settings, load_platforms, load_providers, secret

if TYPE_CHECKING:
    from temporalio.client import Client

MADE_ELSEWHERE: tuple[Capability, ...] = ("images", "music", "clips")
"""What the render and gpu pools buy; the cpu pool estimates it."""


def _dsn(settings: Settings) -> str:
    if not settings.database_url:
        raise InvalidInput("it is not set", field="DATABASE_URL", remedy="set it, or use `reelwright up`")
    return secret(settings.database_url)


@asynccontextmanager
async def cpu_staff(settings: Settings, client: Client) -> AsyncIterator[CpuActivities]:
    """Everything the cpu pool works with; closed on the way out. `client` is Temporal's, for batches."""
    from control.studio import Studio
    from control.temporal.sdk import SdkClient
    from reelwright.policies import Policies
    from reelwright.providers.feeds.harvester import HttpFeedHarvester
    from reelwright.providers.feeds.http import HttpFeedReader
    from reelwright.providers.moderation.repeats import Repeats
    from reelwright.providers.recorded.recordings import OwnRecordings
    from reelwright.providers.speech.narrator import Narrator
    from reelwright.providers.speech.voices import Shelf
    from reelwright.providers.writing.studio import StudioWriter
    from reelwright.storage.accounts import PostgresAccountStore
    from reelwright.storage.api_requests import PostgresApiRequests
    from reelwright.storage.approvals import PostgresApprovals
    from reelwright.storage.batches import PostgresBatches
    from reelwright.storage.budgets import PostgresBudgets
    from reelwright.storage.catalog import PostgresCatalog
    from reelwright.storage.channels import PostgresChannels
    from reelwright.storage.contents import PostgresContents
    from reelwright.storage.database import connect
    from reelwright.storage.effects import PostgresEffectLedger
    from reelwright.storage.evidence import PostgresEvidence
    from reelwright.storage.feeds import PostgresFeeds
    from reelwright.storage.moderation import PostgresFingerprints
    from reelwright.storage.news import PostgresNews
    from reelwright.storage.pauses import PostgresGate
    from reelwright.storage.posts import PostgresPostLedger
    from reelwright.storage.public import PublicAddresses
    from reelwright.storage.quota.ledger import PostgresQuotaLedger
    from reelwright.storage.requests import PostgresRequests
    from reelwright.storage.slots import PostgresSlots
    from reelwright.storage.stock import PostgresStock
    from reelwright.storage.texts import PostgresTexts
    from reelwright.storage.told import PostgresEntryMemory
    from reelwright.storage.vault import Vault

    from .batch_desk import ControlDesk

    platforms = load_platforms()
    places = sites(platforms)
    pool = await connect(_dsn(settings))
    try:
        async with clients(platforms) as http, AsyncExitStack() as stack:
            catalog, media, channels = PostgresCatalog(pool), media_store(settings), PostgresChannels(pool)
            accounts = PostgresAccountStore(pool, Vault(SecretStr(secret(settings.secret_key))))
            await seed_accounts(places, accounts)
            publishers = build_publishers(places, http, build_tokens(places, http, accounts))
            ledger, approvals, texts = PostgresQuotaLedger(pool), PostgresApprovals(pool), PostgresTexts(pool)
            kept, requests = timedelta(days=settings.request_days), PostgresRequests(pool)
            prunes: Prunes = {
                "answers of the API": PostgresApiRequests(pool).prune,
                "news": PostgresNews(pool).prune,
                "answers of providers": lambda: requests.expire(kept),
            }
            stack.enter_context(housekeeping(ledger, prunes))
            classifiers, repeats = build_classifiers(settings, pool), Repeats(PostgresFingerprints(pool))
            narrator = Narrator(Shelf.of(settings.voices), rate=settings.speech_rate)
            stack.push_async_callback(narrator.close)
            providers, purchasing = load_providers(), build_purchasing(pool)
            tools = tools_of(settings, Shared(PostgresStock(pool)))
            # Captions in other languages are refused where no model is set up, and left out where one is away.
            writers = provider_list(
                "writing", settings, providers, tools, lambda: StudioWriter(stand_in=writers.has_vendors)
            )
            speakers = provider_list("speech", settings, providers, tools, lambda: narrator)
            writer, budgets = writers.usable().maker, PostgresBudgets(pool)
            lists: dict[Capability, ProviderList[Any]] = {"writing": writers, "speech": speakers}
            for capability in MADE_ELSEWHERE:
                lists[capability] = provider_list(capability, settings, providers, tools)
            yield CpuActivities(
                records=Records(catalog, approvals),
                channels=Channels(channels, Policies(settings.policies)),
                costs=Costs(budgets, writer, ChainChoice(channels, lists, budgets)),
                editorial=Editorial(
                    catalog,
                    HttpFeedReader(allow_private=settings.feed_allow_private),
                    writer,
                    build_moderator(settings, classifiers),
                    PostgresEntryMemory(pool),
                    channels,
                    Seeing(media, classifiers, repeats),
                    repeats,
                    writers,
                    purchasing,
                ),
                voices=Voices(catalog, media, narrator, speakers, purchasing),
                spoken=SpokenWords(catalog, media, OwnRecordings()),
                publishing=Publishing(
                    PostgresPostLedger(pool),
                    media,
                    PostgresGate(pool),
                    accounts,
                    publishers,
                    approvals,
                    PostgresSlots(pool),
                    PublicAddresses(media, settings.public_media_url),
                    PostgresEvidence(pool),
                    texts,
                ),
                composing=Composing(publishers, accounts, texts),
                quota=QuotaBooking(ledger, publishers),
                extras=Extras(PostgresEffectLedger(pool), media, publishers, build_announcer(platforms, http)),
                harvesting=Harvesting(
                    PostgresFeeds(pool),
                    HttpFeedHarvester(settings.feed_allow_private, delay_s=settings.feed_host_delay_s),
                    settings.feed_likeness,
                ),
                batching=Batching(
                    PostgresBatches(pool),
                    ControlDesk(Studio(SdkClient(client), PostgresContents(pool), lambda: media, layout)),
                ),
            )
    finally:
        await pool.close()


@asynccontextmanager
async def media_staff(settings: Settings) -> AsyncIterator[MediaActivities]:
    """Everything the render and gpu pools work with; closed on the way out."""
    from reelwright.drawn.illustrator import DrawnIllustrator
    from reelwright.providers.music.synth import SynthComposer
    from reelwright.providers.recorded.recordings import OwnRecordings
    from reelwright.render import LocalRenderer
    from reelwright.render.finished.finisher import LocalFinisher
    from reelwright.storage.cache import CachedMediaStore
    from reelwright.storage.catalog import PostgresCatalog
    from reelwright.storage.database import connect
    from reelwright.storage.stock import PostgresStock

    pool = await connect(_dsn(settings))
    try:
        catalog, state = PostgresCatalog(pool), settings.state_dir.resolve()
        media = CachedMediaStore(media_store(settings), state / "cache", settings.cache_bytes)
        threads, preset = settings.encoder_threads, settings.encoder_preset
        async with (
            LocalRenderer(threads=threads, preset=preset, encoder=settings.encoder) as renderer,
            LocalFinisher(threads=threads, preset=preset) as finisher,
        ):
            await renderer.check()  # a worker that cannot encode must not take work
            marker = build_marker(settings)
            marker.identity()  # nor one that cannot sign
            illustrator = DrawnIllustrator(settings.picture_size, openmoji=settings.openmoji_pictures)
            scratch, composer = own_scratch(state / "scratch"), SynthComposer()
            providers, tools = load_providers(), tools_of(settings, Shared(PostgresStock(pool)))
            illustrators = provider_list("images", settings, providers, tools, lambda: illustrator)
            composers = provider_list("music", settings, providers, tools, lambda: composer)
            clips = provider_list("clips", settings, providers, tools)
            purchasing, intake = build_purchasing(pool), own_intake(settings, pool, media)
            yield MediaActivities(
                studio=Studio(catalog, media, illustrator, composer, illustrators, composers, purchasing),
                rendering=Rendering(catalog, media, renderer, scratch, marker),
                own_media=OwnMedia(catalog, intake, scratch),
                clips=Clips(catalog, media, intake, scratch, clips, purchasing),
                own_sound=OwnSound(catalog, media, OwnRecordings(), scratch),
                finishing=Finishing(catalog, media, finisher, scratch, marker),
            )
    finally:
        await pool.close()
