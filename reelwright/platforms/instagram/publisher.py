"""Posting to Instagram through the Graph API (Facebook Login). Implements `domain.ports.publishing.Publisher`.

A container takes the video's bytes and is processed; nothing is visible until `media_publish` makes a media of it. That
call is the irreversible one, and it has been seen to answer with an error although the post was live (4/2207051). So
the container is what counts: while its `status_code` is not `PUBLISHED`, nothing was posted.

Source: docs/platforms/README.md#differences, docs/platforms/instagram.md, docs/platforms/README.md#retries.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import httpx

from reelwright.domain.errors import (
    OutcomeUnknown,
    PlatformTransient,
    ReelwrightError,
    SessionLost,
)
from reelwright.domain.formats import Platform
from reelwright.domain.platforms.facts import PictureRules
from reelwright.domain.platforms.instagram import PICTURES
from reelwright.domain.ports.publishing import Checkpoint, PostFiles, VideoFacts
from reelwright.domain.publishing.posting import (
    Extra,
    ExtraKind,
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

from ..common.http import UNSENT, unreachable
from ..common.oauth import AccessTokens
from ..meta.api import VERSION, Graph, beginning, checked_id, items_of, object_id, succeeded, trusted, under
from ..meta.errors import CAP_WAIT_S, number, read_envelope
from ..meta.upload import Rupload
from . import post as ig
from .extras import InstagramExtras
from .lookup import READ, InstagramLookup, instant, stored
from .pictures import InstagramPictures

_log = logging.getLogger(__name__)

DOUBT_S = 300.0
"""Instagram advises to poll for five minutes at most (docs/platforms/instagram.md#processing); after so long an upload
that was answered with an error counts as failed."""


class InstagramPublisher:
    """`client` is shared and closed by its owner.

    `settle_s`: a post is called absent no sooner than this many seconds after it was armed, because a publishing call
    whose answer was lost may still be under way. `skew_s`: how far Instagram's clock may be behind ours.
    `video_status`: whether the number of bytes received is read from the container (UNVERIFIED for containers; where it
    is missing, an interrupted upload starts again). `container_s`: how long a container is valid.
    """

    platform = Platform.INSTAGRAM

    def __init__(
        self,
        client: httpx.AsyncClient,
        tokens: AccessTokens,
        *,
        api_url: str = "https://graph.facebook.com",
        version: str = VERSION,
        app_secret: str = "",
        settle_s: float = 120.0,
        skew_s: float = 10.0,
        container_s: float = 86_400.0,
        video_status: bool = True,
        comments: ig.CommentRules = ig.COMMENTS,
        pictures: PictureRules = PICTURES,
        alt_texts: bool = True,
        retry_wait_s: float = 1.0,
        cap_wait_s: float = CAP_WAIT_S,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._graph = Graph(
            client,
            tokens,
            self.platform,
            api_url=api_url,
            version=version,
            app_secret=app_secret,
            retry_wait_s=retry_wait_s,
            cap_wait_s=cap_wait_s,
            clock=clock,
        )
        self._lookup = InstagramLookup(
            self._graph,
            settle=timedelta(seconds=settle_s),
            skew=timedelta(seconds=skew_s),
            life=timedelta(seconds=container_s),
            fields=f"{READ},video_status" if video_status else READ,
            clock=clock,
        )
        self._extras = InstagramExtras(self._graph)
        self._comments = comments
        self._now = clock
        self._pictures = InstagramPictures(
            self._graph, pictures, alt_texts=alt_texts, read=self._lookup.named, clock=clock
        )

    # --- before -----------------------------------------------------------------------------------------------------

    def validate(self, draft: PostDraft, video: VideoFacts, options: Mapping[str, str] = {}) -> PostKind:
        """Checks a post against Instagram's limits. Raises `PostRejected` naming the field."""
        return ig.check(draft, video, self._comments, self.pictures)

    @property
    def pictures(self) -> PictureRules:
        """What a picture post may be."""
        return self._pictures.rules

    def check_address(self, address: str) -> None:
        """See `PostsPictures.check_address`."""
        self._pictures.check_address(address)

    def compose(self, draft: PostDraft, options: Mapping[str, str]) -> str:
        """The caption; a story has none."""
        return ig.caption_of(draft)

    def extras(self, draft: PostDraft) -> tuple[Extra, ...]:
        """The first comment. A cover must be at a public address, and captions have no place."""
        if not draft.first_comment or ig.kind_of(draft) is PostKind.STORY:
            return ()
        return (Extra(kind=ExtraKind.COMMENT, name="first-comment", text=draft.first_comment),)

    async def begin(self, draft: PostDraft, video: VideoFacts) -> UploadSession:
        """Makes a container. Repeating it leaves one that expires unseen, and takes one of 400 a day."""
        if draft.pictures:
            return self._pictures.begin(draft)
        owner, info = await self._graph.owner(draft.account)
        form = ig.container(draft, info)
        with beginning():
            made = await self._graph.post(draft.account, f"{owner}/media", "making the container", form)
        container, uri = object_id(made.get("id")), made.get("uri")
        if not container or not isinstance(uri, str):
            raise PlatformTransient(
                "Instagram made a container without telling its id and address",
                field="upload",
                remedy="it is tried again",
            )
        with beginning():
            trusted(uri, self._graph.api_url)
        state = {"container": container, "uri": uri, "begun": self._now().isoformat()}
        return UploadSession(platform=self.platform, account=draft.account, total=video.size, state=state)

    # --- bytes ------------------------------------------------------------------------------------------------------

    async def progress(self, session: UploadSession) -> UploadProgress:
        """The true offset, where Instagram reports it; none means that the upload would start again."""
        return UploadProgress(committed=await self._offset(session), total=session.total)

    async def upload(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadProgress:
        """Sends the video. When rupload reports a failure, the container's state decides in `ready`."""
        if draft.pictures:
            return await self._pictures.upload(draft, session, files, checkpoint)

        async def acknowledged(committed: int) -> None:
            state = {**session.state, "sent": committed == session.total}
            await checkpoint(session.model_copy(update={"state": state}), committed)

        doubt = await Rupload(
            self._graph,
            session.account,
            trusted(stored(session, "uri"), self._graph.api_url),
            session.total,
            files.video,
            offset=lambda: self._offset(session),
            acknowledged=acknowledged,
        ).send()
        if doubt:
            _log.warning("Instagram's upload ended with an error (%s); its container decides", doubt.reason)
            state = {**session.state, "doubt": doubt.reason, "doubted": self._now().isoformat()}
            await checkpoint(session.model_copy(update={"state": state}), session.total)
        return UploadProgress(committed=session.total, total=session.total)

    async def _offset(self, session: UploadSession) -> int:
        container = await self._lookup.container(session)
        if container is None:
            raise PlatformTransient("Instagram does not find the container just now", field="upload")
        state = ig.state_of(container)
        if state in ("EXPIRED", "ERROR"):
            raise SessionLost(f"the container is {state}", field="upload", remedy="a new one is made")
        if state in ("FINISHED", "PUBLISHED") or session.state.get("sent") is True:
            return session.total
        return min(ig.bytes_held(container) or 0, session.total)

    async def ready(self, draft: PostDraft, session: UploadSession) -> Processing:
        """Readiness by the container's state: once it is `FINISHED` it can be posted."""
        container = await self._lookup.container(session)
        if container is None:
            return Processing(state=ProcessingState.PROCESSING, reason="the container is not to be seen just now")
        reading = ig.readiness(container)
        doubted = instant(session, "doubted")
        waited = doubted is not None and self._now() - doubted > timedelta(seconds=DOUBT_S)
        if reading.state is ProcessingState.PROCESSING and waited:
            why = str(session.state.get("doubt", ""))
            return Processing(state=ProcessingState.FAILED, reason=f"the upload failed: {why}", again=True)
        return reading

    # --- the post ---------------------------------------------------------------------------------------------------

    async def publish(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> PublishedPost:
        """`media_publish`, after a check whether it has already been made. After any answer but a plain success or a
        plain refusal, the outcome is read from the container."""
        owner, _ = await self._graph.owner(session.account)
        if (before := await self._before(draft, session)) is not None:
            return before
        tried = instant(session, "tried") or self._now()
        session = session.model_copy(update={"state": {**session.state, "tried": tried.isoformat()}})
        await checkpoint(session, session.total)
        url = self._graph.url(f"{owner}/media_publish")
        try:
            response = await self._graph.send(
                session.account, "POST", url, data={"creation_id": stored(session, "container")}
            )
        except UNSENT as error:
            raise unreachable("Instagram", error) from None
        except httpx.HTTPError as error:
            return await self._settle(draft, session, tried, unreachable("Instagram", error))
        media = object_id((succeeded(response) or {}).get("id"))
        if not media:
            failure = self._graph.error(response, "the post")
            envelope = read_envelope(response)
            if envelope and envelope.nothing_posted:
                raise failure
            return await self._settle(draft, session, tried, failure)
        return PublishedPost(post_id=media, url=await self._lookup.permalink(session.account, media))

    async def _before(self, draft: PostDraft, session: UploadSession) -> PublishedPost | None:
        """The post, if it already exists. Raises the error of a container that cannot be posted now."""
        container = await self._lookup.container(session)
        if container is None:
            raise PlatformTransient("Instagram does not find the container just now", field="upload")
        state = ig.state_of(container)
        if state == "PUBLISHED":
            found = await self._lookup.locate(draft, session, instant(session, "tried"))
            if found.post is None:
                raise _unknown(f"the container has been published already; {found.reason}")
            return found.post
        if state in ("ERROR", "EXPIRED"):
            raise SessionLost(f"the container is {state}", field="upload", remedy="a new one is made")
        if state != "FINISHED":
            raise PlatformTransient(
                "Instagram is still processing the post", field="upload", remedy="it is asked again"
            )
        return None

    async def _settle(
        self, draft: PostDraft, session: UploadSession, tried: datetime, failure: ReelwrightError
    ) -> PublishedPost:
        """Only a container in state `PUBLISHED` decides it here; any other state may still change."""
        try:
            container = await self._lookup.container(session)
            if container is not None and ig.state_of(container) == "PUBLISHED":
                found = await self._lookup.locate(draft, session, tried)
                if found.post is not None:
                    return found.post
        except ReelwrightError as error:
            _log.info("the container could not be read after posting: %s", error.message)
        raise _unknown(f"Instagram does not tell what came of the post ({failure.message})") from failure

    # --- afterwards -------------------------------------------------------------------------------------------------

    async def reconcile(
        self, draft: PostDraft, session: UploadSession | None, armed_at: datetime | None
    ) -> Reconciliation:
        """By the container's state, then by the account's media: see `InstagramLookup.reconcile`."""
        return await self._lookup.reconcile(draft, session, armed_at)

    async def processing(self, draft: PostDraft, post: PublishedPost) -> Processing:
        """A media exists only once it is processed; what may come later is its address."""
        media = checked_id(post.post_id, "post_id")
        told = await self._graph.find(draft.account, media, "reading the post", fields="permalink")
        if told is None:
            return Processing(state=ProcessingState.PROCESSING, reason="not listed yet, or deleted")
        url = ig.permalink_of(told)
        return Processing(state=ProcessingState.LIVE, post=PublishedPost(post_id=media, url=url) if url else None)

    async def attach(self, draft: PostDraft, post: PublishedPost, extra: Extra, files: PostFiles, before: str) -> str:
        """The first comment."""
        return await self._extras.attach(draft.account, post, extra)

    async def attached(
        self, draft: PostDraft, post: PublishedPost, extra: Extra, since: datetime | None = None
    ) -> str | None:
        """Our comment with this text."""
        return await self._extras.attached(draft.account, post, extra)

    async def delete(self, account: str, post_id: str) -> None:
        """Needs the permission `instagram_manage_contents` (docs/platforms/instagram.md#after-the-post)."""
        media = checked_id(post_id, "post_id")
        if await self._graph.find(account, media, "reading the post", fields="id") is None:
            return
        await self._graph.once(account, "DELETE", self._graph.url(media), "the deletion")

    async def quota(self, account: str) -> Sequence[QuotaReading]:
        """`content_publishing_limit`: the docs name three different limits, so the account's own is believed
        (docs/platforms/instagram.md#quota)."""
        owner, _ = await self._graph.owner(account)
        told = await self._graph.get(
            account, f"{owner}/content_publishing_limit", "reading the quota", fields="quota_usage,config"
        )
        first = next(iter(items_of(told)), {})
        used, total = number(first.get("quota_usage")), number(under(first, "config", "quota_total"))
        if used is None and total is None:
            return ()
        return (QuotaReading(bucket="posts", used=used, limit=total if total and total > 0 else None),)


def _unknown(message: str) -> OutcomeUnknown:
    return OutcomeUnknown(message, field="post", remedy="look for it before posting it again")
