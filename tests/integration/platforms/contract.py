"""What every adapter's tests have in common: a desk that posts as the workflow does, and a kit per platform.

The adapter is built by its specification, as the workers build it, with tokens from a vault; the sandbox plays the
platform over HTTP. `test_contract.py` holds the cases, and every platform of the registry runs them.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import SecretStr

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import OutcomeUnknown, PlatformTransient, SessionLost
from reelwright.domain.ids import post_marker
from reelwright.domain.platforms import Platform
from reelwright.domain.ports.publishing import PostFiles, VideoFacts
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.posting import (
    PostDraft,
    PostKind,
    PostPicture,
    ProcessingState,
    PublishedPost,
    Reconciliation,
    UploadSession,
)
from reelwright.platforms.common.vault_tokens import VaultTokens
from reelwright.platforms.registry import SPECS
from sandbox.platforms import sandbox_account
from tests.faults.publishing.menu import Calls, calls_of
from tests.jpegs import noise_jpeg
from workers.platform_settings import PlatformSettings
from workers.publishers import credentials, token_of
from workers.sandboxing import Sites, sites

from ..conftest import Sandbox

VIDEO = hashlib.shake_256(b"one video for all").digest(700_003)
SHA = hashlib.sha256(VIDEO).hexdigest()
FACTS = VideoFacts(width=1080, height=1920, duration_s=30.0, fps=30.0, size=len(VIDEO))
LISTED_WITHIN_S = 0.3
"""A post that is not listed so long after it was armed does not exist: the sandbox lists at once."""
TURNS = 200
"""So often a condition is looked at before it is taken for one that never comes."""


@dataclass(frozen=True)
class Kit:
    """What the cases need to know of a platform. `account` is one whose posts can be read back; `refused` are changes
    that make a draft one that the platform's own limits forbid; `counted` is the kind of request that is told of a
    spent quota. `pictures`: a carousel is posted in place of a video."""

    platform: Platform
    account: str = "main"
    refused: Mapping[str, Any] = field(default_factory=lambda: {"caption": "x" * 70_000})
    counted: str = "publish"
    pictures: bool = False

    @property
    def calls(self) -> Calls:
        """Its kinds of requests, which `make faults` strikes, too."""
        return calls_of(self.platform, pictures=self.pictures)

    @property
    def of_pictures(self) -> Kit:
        """The same for a carousel."""
        return replace(self, pictures=True)

    def __str__(self) -> str:
        return f"{self.platform.value}{' pictures' * self.pictures}"


class MemoryAccounts:
    """`AccountStore` for one test."""

    def __init__(self) -> None:
        self._infos: dict[tuple[Platform, str], AccountInfo] = {}
        self._tokens: dict[tuple[Platform, str], StoredToken] = {}
        self._locks: defaultdict[tuple[Platform, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def put(self, account: AccountInfo, token: StoredToken | None = None) -> None:
        self._infos[account.platform, account.name] = account
        if token:
            self._tokens[account.platform, account.name] = token

    async def find(self, platform: Platform, name: str) -> AccountInfo | None:
        return self._infos.get((platform, name))

    async def list(self, platform: Platform | None = None) -> Sequence[AccountInfo]:
        return tuple(info for info in self._infos.values() if platform in (None, info.platform))

    async def remove(self, platform: Platform, name: str) -> bool:
        self._tokens.pop((platform, name), None)
        return self._infos.pop((platform, name), None) is not None

    async def token(self, platform: Platform, name: str) -> StoredToken | None:
        return self._tokens.get((platform, name))

    async def needs_authorization(self, platform: Platform, name: str, reason: str) -> None:
        info = self._infos[platform, name]
        self._infos[platform, name] = info.model_copy(update={"needs_authorization": reason})

    @asynccontextmanager
    async def exclusive(self, platform: Platform, name: str) -> AsyncIterator[Callable[[StoredToken], Awaitable[None]]]:
        async def store(token: StoredToken) -> None:
            self._tokens[platform, name] = token

        async with self._locks[platform, name]:
            yield store


async def _video(offset: int) -> AsyncIterator[bytes]:
    for at in range(offset, len(VIDEO), 70_001):
        yield VIDEO[at : at + 70_001]


CAROUSEL = tuple(noise_jpeg(seed, 400, 500) for seed in (1, 2, 3))
"""In a post's order; noise is larger than the 64 KiB that go through a socket at once."""


def picture_of(data: bytes, alt: str) -> PostPicture:
    sha256 = hashlib.sha256(data).hexdigest()
    ref = AssetRef(key=f"{sha256}.jpg", sha256=sha256, size=len(data), media_type="image/jpeg")
    return PostPicture(file=ref, width=400, height=500, alt=alt)


SHOWN = tuple(picture_of(data, f"picture {number}") for number, data in enumerate(CAROUSEL, 1))


async def _read(ref: AssetRef) -> bytes:
    found = [data for data, shown in zip(CAROUSEL, SHOWN, strict=True) if shown.file == ref]
    assert found, f"no such small file was given, and {ref.key} is read"
    return found[0]


@functools.cache  # the settings' many fields are looked for in several places each: as long as a whole case takes
def _sites_on(url: str) -> Sites:
    settings = PlatformSettings(
        **{"REELWRIGHT_SANDBOX_URL": url, "REELWRIGHT_LISTED_WITHIN_S": LISTED_WITHIN_S},
        _env_file=None,  # type: ignore[call-arg]
    )
    return sites(settings)


class Desk:
    """One account of a platform, its adapter, and the row that the ledger would keep of a post."""

    def __init__(self, kit: Kit, sandbox: Sandbox, client: httpx.AsyncClient) -> None:
        site = _sites_on(sandbox.url)[kit.platform]
        self.kit, self.sandbox, self.accounts = kit, sandbox, MemoryAccounts()
        self.tokens = VaultTokens(
            client, self.accounts, kit.platform, credentials(site), origin=site.origin, retry_wait_s=0.01
        )
        self.publisher = SPECS[kit.platform].build(client, self.tokens, site.settings)
        sandbox.files.mkdir(exist_ok=True)
        for data, shown in zip(CAROUSEL, SHOWN, strict=True):
            (sandbox.files / shown.file.key).write_bytes(data)
        self.files = PostFiles(video=_video, read=_read, address=self._address)
        self.shown = SHOWN
        self.history: list[UploadSession] = []
        self.committed = 0
        self.session: UploadSession | None = None
        self.armed_at: datetime | None = None

    async def _address(self, ref: AssetRef) -> str:
        return f"{self.sandbox.url}/_files/{ref.key}"

    @property
    def sha256(self) -> str:
        """Of what is posted; of several pictures, of one after the other."""
        return hashlib.sha256(b"".join(CAROUSEL[: len(self.shown)])).hexdigest() if self.kit.pictures else SHA

    @property
    def within(self) -> int:
        """A byte in the middle of what is sent at once."""
        return len(CAROUSEL[1]) // 2 if self.kit.pictures else len(VIDEO) * 2 // 3

    async def open_account(self) -> None:
        known = sandbox_account(self.kit.platform, self.kit.account)
        info = AccountInfo(
            platform=self.kit.platform, name=self.kit.account, external_id=known.external_id, options=known.options
        )
        await self.accounts.put(info, token_of(self.kit.platform, SecretStr(known.token)))

    def draft(self, **changes: Any) -> PostDraft:
        values: dict[str, Any] = {
            "platform": self.kit.platform,
            "account": self.kit.account,
            "title": "Why octopuses have three hearts",
            "description": "Two for the gills, one for the rest.",
            "tags": ("octopus",),
            "marker": post_marker("contract"),
        }
        if self.kit.pictures:
            values |= {"kind": PostKind.PICTURES, "pictures": self.shown}
        return PostDraft(**{**values, **changes})

    async def fault(self, point: str, **rest: Any) -> None:
        await self.sandbox.fault(point, platform=self.kit.platform.value, **rest)

    async def checkpoint(self, session: UploadSession, committed: int) -> None:
        """As the database keeps it: by way of JSON, and not where fewer bytes are acknowledged than are on record."""
        if self.session is not None and committed < self.committed:
            return
        self.committed = committed
        self.session = UploadSession.model_validate_json(session.model_dump_json())
        self.history.append(self.session)

    async def upload(self) -> UploadSession:
        """Everything that makes nothing visible, again and anew for as long as the errors say so."""
        wanted = self.draft()
        for _ in range(TURNS):
            try:
                if self.session is None:
                    await self.checkpoint(await self.publisher.begin(wanted, FACTS), 0)
                assert self.session is not None
                await self.publisher.upload(wanted, self.session, self.files, self.checkpoint)
                reading = await self.publisher.ready(wanted, self.session)
            except SessionLost:
                self.session = None
            except PlatformTransient:
                continue
            else:
                if reading.state is ProcessingState.LIVE:
                    return self.session
                assert reading.state is ProcessingState.PROCESSING or reading.again, reading.reason
        raise AssertionError("the upload never came through")

    async def straight(self) -> PublishedPost:
        """The steps without any retry."""
        await self.checkpoint(await self.publisher.begin(self.draft(), FACTS), 0)
        assert self.session is not None
        await self.publisher.upload(self.draft(), self.session, self.files, self.checkpoint)
        for _ in range(TURNS):
            if (await self.publisher.ready(self.draft(), self.session)).state is ProcessingState.LIVE:
                return await self.publish()
        raise AssertionError("it was never ready")

    async def publish(self) -> PublishedPost:
        """The irreversible call, once."""
        assert self.session is not None
        self.armed_at = datetime.now(UTC)
        return await self.publisher.publish(self.draft(), self.session, self.files, self.checkpoint)

    async def reconciled(self) -> Reconciliation:
        """What the platform tells, when it tells it."""
        for _ in range(TURNS):
            try:
                found = await self.publisher.reconcile(self.draft(), self.session, self.armed_at)
            except PlatformTransient:
                continue
            if found.outcome != "unknown":
                return found
            await asyncio.sleep(LISTED_WITHIN_S / 10)
        raise AssertionError(f"it was never told: {found.reason}")

    async def post(self) -> PublishedPost:
        """What the workflow does: whoever has called `publish` reconciles, and posts again only what is absent."""
        for _ in range(TURNS):
            await self.upload()
            try:
                return await self.publish()
            except (OutcomeUnknown, PlatformTransient, SessionLost) as error:
                found = await self.reconciled()
                assert found.outcome != "untold", found.reason
                if found.post is not None:
                    return found.post
                if isinstance(error, SessionLost):
                    self.session = None
        raise AssertionError("it never came through")

    async def posts(self) -> list[tuple[str, str]]:
        """(platform, sha256) of every post there is."""
        return [(post["platform"], post["sha256"]) for post in await self.sandbox.posts()]

    async def needs_the_one_post(self) -> None:
        """Exactly one post with all the bytes, and every fault has struck."""
        assert await self.posts() == [(self.kit.platform.value, self.sha256)]
        assert await self.sandbox.faults_left() == []
