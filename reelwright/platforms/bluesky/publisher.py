"""Posting to Bluesky. Implements `domain.ports.publishing.Publisher`.

The video is uploaded and processed first, which leaves nothing visible; `putRecord` then makes the post. The client
chooses the record's key, which is derived from the post's own key, so that one post can only be one record: a repeated
call changes nothing, and one read shows whether the record exists. `swapRecord: null` prevents that an existing record
is overwritten.

Source: docs/platforms/bluesky.md, docs/platforms/README.md#retries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from reelwright.domain.errors import (
    NeedsAuthorization,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    ReelwrightError,
    SessionLost,
)
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import Checkpoint, PostFiles, VideoFacts
from reelwright.domain.publishing.posting import (
    Extra,
    PostDraft,
    PostKind,
    Processing,
    ProcessingState,
    PublishedPost,
    Reconciliation,
    UploadProgress,
    UploadSession,
)
from reelwright.domain.publishing.quota import QuotaReading

from ..common.http import UNSENT, json_body, unreachable
from ..common.oauth import AccessTokens
from . import post as nouns
from .api import BlueskyApi, Home
from .errors import bluesky_error, error_name
from .post import Limits
from .text import clean, mentioned
from .upload import BlueskyUploads, noted

_PUT, _DELETE = "com.atproto.repo.putRecord", "com.atproto.repo.deleteRecord"
_TAKEN = "InvalidSwap"
"""There is a record with this key, and it is not the same."""


class BlueskyPublisher:
    """`client` is shared and closed by its owner. `service_url` is where accounts sign in (the entryway, or a server of
    one's own), `video_url` and `video_did` are the video service. `settle_s`: so long after an attempt it may still be
    on its way."""

    platform = Platform.BLUESKY

    def __init__(
        self,
        client: httpx.AsyncClient,
        tokens: AccessTokens,
        *,
        service_url: str = "https://bsky.social",
        video_url: str = "https://video.bsky.app",
        video_did: str = "did:web:video.bsky.app",
        post_url: str = "https://bsky.app/profile/{did}/post/{id}",
        limits: Limits = Limits(),  # noqa: B008 - frozen
        settle_s: float = 120.0,
        retry_wait_s: float = 1.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._api = BlueskyApi(
            client, tokens, service_url=service_url, video_url=video_url, video_did=video_did,
            retry_wait_s=retry_wait_s, clock=clock,
        )  # fmt: skip
        self._uploads = BlueskyUploads(self._api)
        self._post_url = post_url
        self._limits = limits
        self._settle = timedelta(seconds=settle_s)
        self._clock = clock

    # --- before -----------------------------------------------------------------------------------------------------

    def validate(self, draft: PostDraft, video: VideoFacts, options: Mapping[str, str] = {}) -> PostKind:
        """Checks a post against Bluesky's limits."""
        nouns.check_draft(draft)
        nouns.check_video(video, self._limits)
        return PostKind.VIDEO

    def compose(self, draft: PostDraft, options: Mapping[str, str]) -> str:
        """The post's text."""
        return nouns.text_of(draft)

    def extras(self, draft: PostDraft) -> tuple[Extra, ...]:
        """The thread's replies, then the first comment. Captions are there before the post."""
        return nouns.extras_of(draft)

    async def begin(self, draft: PostDraft, video: VideoFacts) -> UploadSession:
        """Opens an upload, after another check."""
        self.validate(draft, video)
        return await self._uploads.begin(draft, video)

    # --- bytes ------------------------------------------------------------------------------------------------------

    async def progress(self, session: UploadSession) -> UploadProgress:
        """The parts that the video service reports as received."""
        return UploadProgress(committed=await self._uploads.committed(session), total=session.total)

    async def upload(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadProgress:
        """Sends the video in parts, finishes, and uploads the captions."""
        session = await self._uploads.upload(draft, session, files, checkpoint)
        return UploadProgress(committed=session.total, total=session.total)

    async def ready(self, draft: PostDraft, session: UploadSession) -> Processing:
        """Whether the video is on the account's server."""
        return (await self._uploads.ready(session))[0]

    # --- the post ---------------------------------------------------------------------------------------------------

    async def publish(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> PublishedPost:
        """`putRecord`, once. The record is stored whole before, so that a later attempt sends the same bytes."""
        home, rkey = await self._api.home(draft.account), nouns.rkey_of(draft.marker)
        record = nouns.object_in(session.state, "record")
        if not record:
            record = await self._record(draft, session)
            await checkpoint(noted(session, record=record), session.total)
        return self._post(home, await self._put(draft.account, home, rkey, record, "post"))

    async def _record(self, draft: PostDraft, session: UploadSession) -> dict[str, Any]:
        reading, blob = await self._uploads.ready(session)
        if not blob:
            raise SessionLost(f"the video is not ready: {reading.reason}", field="upload")
        size, text = session.state.get("size"), nouns.text_of(draft)
        if not (isinstance(size, list | tuple) and len(size) == 2):
            raise SessionLost("the stored upload session is not one of Bluesky's", field="upload")
        return nouns.post_record(
            draft,
            text,
            await self._dids(draft.account, text),
            created=self._clock(),
            video=blob,
            captions=nouns.object_in(session.state, "captions"),
            size=(int(size[0]), int(size[1])),
        )

    async def _put(self, account: str, home: Home, rkey: str, record: dict[str, Any], what: str) -> str:
        """The record's key once the record certainly exists. Raises `OutcomeUnknown` when neither the answer nor a read
        decides; every other error means that it certainly does not exist."""
        body = {
            "repo": home.did,
            "collection": nouns.COLLECTION,
            "rkey": rkey,
            "record": record,
            "swapRecord": None,
        }
        try:
            response = await self._api.send(account, _PUT, json=body)
        except UNSENT as error:
            raise unreachable("Bluesky", error) from None
        except httpx.HTTPError as error:
            return await self._settled(home, rkey, f"Bluesky did not answer ({type(error).__name__})")
        if 200 <= response.status_code < 300:
            if nouns.text_in(json_body(response), "uri") == nouns.uri_of(home.did, rkey):
                return rkey
            return await self._settled(home, rkey, "Bluesky said yes, and not to which record")
        refusal = bluesky_error(response, self._clock(), doing=f"the {what}")
        if not _is_plain(response) or error_name(response) == _TAKEN:
            return await self._settled(home, rkey, refusal.message)
        return await self._refused(home, rkey, refusal)

    async def _settled(self, home: Home, rkey: str, why: str) -> str:
        """After an answer that decides nothing: the record is read once."""
        try:
            found = await self._api.record(home, rkey)
        except ReelwrightError as error:
            raise _unknown(f"{why}, and its record cannot be read ({error.message})") from error
        if found is not None:
            return rkey
        raise _unknown(f"{why}; the record is not there (yet)")

    async def _refused(self, home: Home, rkey: str, refusal: ReelwrightError) -> str:
        """A plain refusal, which stands unless the record is there all the same, of an earlier attempt. Bluesky's
        limiter and its doorman let nothing in, so their word stands even when that cannot be read."""
        try:
            found = await self._api.record(home, rkey)
        except ReelwrightError as error:
            if not isinstance(refusal, NeedsAuthorization | QuotaExhausted):
                raise _unknown(f"{refusal.message}; its record cannot be read ({error.message})") from refusal
            found = None
        if found is not None:
            return rkey
        raise refusal

    async def reconcile(
        self, draft: PostDraft, session: UploadSession | None, armed_at: datetime | None
    ) -> Reconciliation:
        """One read of the record. It needs no upload session: the key comes of the draft. `absent` once an attempt can
        no longer be on its way; should it arrive even later, the next one finds the record and leaves it."""
        home = await self._api.home(draft.account)
        rkey = nouns.rkey_of(draft.marker)
        if await self._api.record(home, rkey) is not None:
            return Reconciliation(outcome="posted", post=self._post(home, rkey))
        if armed_at is not None and self._clock() - armed_at < self._settle:
            return Reconciliation(outcome="unknown", reason="the attempt may still be on its way")
        return Reconciliation(outcome="absent")

    # --- afterwards -------------------------------------------------------------------------------------------------

    async def processing(self, draft: PostDraft, post: PublishedPost) -> Processing:
        """The video was processed before it was posted."""
        return Processing(state=ProcessingState.LIVE)

    async def attach(self, draft: PostDraft, post: PublishedPost, extra: Extra, files: PostFiles, before: str) -> str:
        """Replies to the post, or to the reply before. Its key is derived from the post's too, so a repeated call makes
        one reply. An open outcome is transient here: `attached` reads it later."""
        home = await self._api.home(draft.account)
        root = await self._strong(home, post.post_id)
        parent = await self._strong(home, before) if before else root
        record = nouns.reply_record(
            draft,
            extra.text,
            await self._dids(draft.account, clean(extra.text)),
            created=self._clock(),
            root=root,
            parent=parent,
        )
        try:
            return await self._put(draft.account, home, nouns.rkey_of(draft.marker, extra.name), record, "reply")
        except OutcomeUnknown as error:
            raise PlatformTransient(
                error.message, field=extra.name, remedy="it is looked for, then tried again"
            ) from None

    async def _strong(self, home: Home, rkey: str) -> dict[str, str]:
        """What a reply refers to: a record's address and the sum of its content."""
        _check_id(rkey)
        found = await self._api.record(home, rkey)
        if found is None:
            raise PostRejected(
                f"there is no post {rkey} to reply to", field="thread", remedy="it was deleted; post anew"
            )
        return {"uri": str(found["uri"]), "cid": str(found["cid"])}

    async def attached(
        self, draft: PostDraft, post: PublishedPost, extra: Extra, since: datetime | None = None
    ) -> str | None:
        """Whether the reply's record is there: certain at once, since repeating the call cannot double it."""
        rkey = nouns.rkey_of(draft.marker, extra.name)
        found = await self._api.record(await self._api.home(draft.account), rkey)
        return rkey if found is not None else ""

    async def delete(self, account: str, post_id: str) -> None:
        """Takes the record away. Bluesky answers alike for one that is gone."""
        _check_id(post_id)
        home = await self._api.home(account)
        body = {"repo": home.did, "collection": nouns.COLLECTION, "rkey": post_id}
        await self._api.write(account, _DELETE, "deleting the post", json=body)

    async def quota(self, account: str) -> Sequence[QuotaReading]:
        """The limits in the headers of the last write's response; none before the first write."""
        return self._api.readings(account)

    # --- small things -----------------------------------------------------------------------------------------------

    async def _dids(self, account: str, text: str) -> dict[str, str]:
        """The DIDs of the accounts that a text mentions; an unknown handle stays plain text."""
        found = {handle: await self._api.did_of(account, handle) for handle in mentioned(text)}
        return {handle: did for handle, did in found.items() if did}

    def _post(self, home: Home, rkey: str) -> PublishedPost:
        return PublishedPost(post_id=rkey, url=self._post_url.replace("{did}", home.did).replace("{id}", rkey))


def _is_plain(response: httpx.Response) -> bool:
    """Whether it is a refusal that is certainly Bluesky's own: below 500, in its envelope."""
    return 400 <= response.status_code < 500 and bool(error_name(response))


def _check_id(post_id: str) -> None:
    if not re.fullmatch(nouns.RKEY, post_id):
        raise PostRejected(f"{post_id[:40]!r} is not a post's key on Bluesky", field="post_id")


def _unknown(message: str) -> OutcomeUnknown:
    return OutcomeUnknown(message, field="post", remedy="look for it before posting it again")
