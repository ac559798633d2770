"""Posting to Instagram through the Graph API (Facebook Login). Implements `posting_ports.Publisher`.

A container takes the video's bytes and is processed; nothing is visible until `media_publish` makes a media of it. That
call is the irreversible one, and it has been seen to answer with an error although the post was live (4/2207051). So
the container is what counts: while its `status_code` is not `PUBLISHED`, nothing was posted.

Source: docs/platforms/README.md#differences, docs/platforms/instagram.md, docs/platforms/README.md#retries.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from reelwright.domain.errors import (
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
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
from .pictures import InstagramPictures

_log = logging.getLogger(__name__)

LISTED_PAGES = 4
"""Pages of 50 own media, newest first, that are searched for a post."""
DOUBT_S = 300.0
"""Instagram advises to poll for five minutes at most (docs/platforms/instagram.md#processing); after so long an upload
that was answered with an error counts as failed."""
READ = "status_code,status"


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
        self._patience = timedelta(seconds=settle_s)
        self._skew = timedelta(seconds=skew_s)
        self._life = timedelta(seconds=container_s)
        self._fields = f"{READ},video_status" if video_status else READ
        self._comments = comments
        self._now = clock
        self._pictures = InstagramPictures(
            self._graph, pictures, alt_texts=alt_texts, read=self._container_of, clock=clock
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
            trusted(_told(session, "uri"), self._graph.api_url),
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
        container = await self._container(session)
        if container is None:
            raise PlatformTransient("Instagram does not find the container just now", field="upload")
        state = ig.state_of(container)
        if state in ("EXPIRED", "ERROR"):
            raise SessionLost(f"the container is {state}", field="upload", remedy="a new one is made")
        if state in ("FINISHED", "PUBLISHED") or session.state.get("sent") is True:
            return session.total
        return min(ig.bytes_held(container) or 0, session.total)

    async def _container(self, session: UploadSession) -> dict[str, Any] | None:
        """The container's state; None while Instagram does not find it, which happens for existing ones too. Raises
        `SessionLost` once it is old enough to have expired."""
        return await self._container_of(session, _told(session, "container"))

    async def _container_of(self, session: UploadSession, name: str) -> dict[str, Any] | None:
        container, fields = checked_id(name, "upload"), READ if "items" in session.state else self._fields
        told = await self._graph.find(session.account, container, "reading the container", fields=fields)
        begun = _instant(session, "begun")
        if told is None and begun and self._now() - begun > self._life:
            raise SessionLost("the container has expired", field="upload", remedy="a new one is made")
        return told

    async def ready(self, draft: PostDraft, session: UploadSession) -> Processing:
        """Readiness by the container's state: once it is `FINISHED` it can be posted."""
        container = await self._container(session)
        if container is None:
            return Processing(state=ProcessingState.PROCESSING, reason="the container is not to be seen just now")
        reading = ig.readiness(container)
        doubted = _instant(session, "doubted")
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
        tried = _instant(session, "tried") or self._now()
        session = session.model_copy(update={"state": {**session.state, "tried": tried.isoformat()}})
        await checkpoint(session, session.total)
        url = self._graph.url(f"{owner}/media_publish")
        try:
            response = await self._graph.send(
                session.account, "POST", url, data={"creation_id": _told(session, "container")}
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
        return PublishedPost(post_id=media, url=await self._permalink(session.account, media))

    async def _before(self, draft: PostDraft, session: UploadSession) -> PublishedPost | None:
        """The post, if it already exists. Raises the error of a container that cannot be posted now."""
        container = await self._container(session)
        if container is None:
            raise PlatformTransient("Instagram does not find the container just now", field="upload")
        state = ig.state_of(container)
        if state == "PUBLISHED":
            found = await self._locate(draft, session, _instant(session, "tried"))
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
            container = await self._container(session)
            if container is not None and ig.state_of(container) == "PUBLISHED":
                found = await self._locate(draft, session, tried)
                if found.post is not None:
                    return found.post
        except ReelwrightError as error:
            _log.info("the container could not be read after posting: %s", error.message)
        raise _unknown(f"Instagram does not tell what came of the post ({failure.message})") from failure

    async def _permalink(self, account: str, media: str) -> str:
        """The post's address. Cosmetic: a post without one is a post, and `processing` may bring it later
        (docs/platforms/instagram.md#post)."""
        try:
            return ig.permalink_of(await self._graph.find(account, media, "reading the post", fields="permalink"))
        except ReelwrightError as error:
            _log.info("the post's address could not be read: %s", error.message)
            return ""

    # --- afterwards -------------------------------------------------------------------------------------------------

    async def reconcile(
        self, draft: PostDraft, session: UploadSession | None, armed_at: datetime | None
    ) -> Reconciliation:
        """By the container: `PUBLISHED` is posted, and the media is looked for by its text and time. Anything else is
        absent once `settle_s` has passed, unless a media with this text has appeared in the meantime."""
        if session is None:
            return Reconciliation(outcome="untold", reason="the container's id is not on record")
        since = min((at for at in (armed_at, _instant(session, "tried")) if at), default=None)
        try:
            container = await self._container(session)
        except SessionLost:
            found = await self._locate(draft, session, since)
            if found.post is not None:
                return found
            return Reconciliation(outcome="untold", reason="the container is gone, and no media has this text and time")
        if container is None:
            return Reconciliation(outcome="unknown", reason="the container is not to be seen just now")
        if ig.state_of(container) == "PUBLISHED":
            return await self._locate(draft, session, since)
        if armed_at is not None and self._now() - armed_at < self._patience:
            return Reconciliation(outcome="unknown", reason="the publishing call may still be under way")
        if ig.caption_of(draft):
            found = await self._locate(draft, session, since)
            if found.outcome != "unknown":
                why = "a media with this text has appeared, but the container does not say that it is published"
                return Reconciliation(outcome="unknown", reason=why)
        return Reconciliation(outcome="absent", reason=f"the container is {ig.state_of(container) or 'not published'}")

    async def _locate(self, draft: PostDraft, session: UploadSession, since: datetime | None) -> Reconciliation:
        """The media of a published container: the one with its text that is not older than the attempt. Never simply
        the newest, which may be another post (docs/platforms/instagram.md#post)."""
        owner, _ = await self._graph.owner(session.account)
        story = ig.kind_of(draft) is PostKind.STORY
        edge = "stories" if story else "media"
        wanted, found = ig.caption_of(draft), list[PublishedPost]()
        params = {"fields": "id,caption,timestamp,permalink", "limit": "50"}
        async for item in self._graph.pages(
            session.account, f"{owner}/{edge}", "listing posts", LISTED_PAGES, **params
        ):
            at, media = ig.instant_of(item), object_id(item.get("id"))
            if since is not None and at is not None and at < since - self._skew:
                break
            caption = item.get("caption")
            if media and at and (story or ig.same_text(caption if isinstance(caption, str) else "", wanted)):
                found.append(PublishedPost(post_id=media, url=ig.permalink_of(item)))
        if len(found) == 1:
            return Reconciliation(outcome="posted", post=found[0])
        if not found:
            return Reconciliation(outcome="unknown", reason="Instagram says it is published, and does not list it yet")
        links = ", ".join(post.url or post.post_id for post in found[:5])
        why = f"it is published, and {len(found)} posts since then could be it: {links}"
        return Reconciliation(outcome="untold", reason=why)

    async def processing(self, draft: PostDraft, post: PublishedPost) -> Processing:
        """A media exists only once it is processed; what may come later is its address."""
        media = checked_id(post.post_id, "post_id")
        told = await self._graph.find(draft.account, media, "reading the post", fields="permalink")
        if told is None:
            return Processing(state=ProcessingState.PROCESSING, reason="not listed yet, or deleted")
        url = ig.permalink_of(told)
        return Processing(state=ProcessingState.LIVE, post=PublishedPost(post_id=media, url=url) if url else None)

    async def attach(self, draft: PostDraft, post: PublishedPost, extra: Extra, files: PostFiles, before: str) -> str:
        """The first comment. One request: `attached` decides whether it must be made again."""
        if extra.kind is not ExtraKind.COMMENT:
            raise PostRejected(f"Instagram has no place for it ({extra.kind.value})", field=extra.name)
        url = self._graph.url(f"{checked_id(post.post_id, 'post_id')}/comments")
        form = {"message": extra.text}
        made = await self._graph.once(draft.account, "POST", url, "the comment", data=form)
        return object_id(made.get("id"))

    async def attached(
        self, draft: PostDraft, post: PublishedPost, extra: Extra, since: datetime | None = None
    ) -> str | None:
        """Our comment with this text."""
        owner, _ = await self._graph.owner(draft.account)
        path = f"{checked_id(post.post_id, 'post_id')}/comments"
        params = {"fields": "id,text,from", "limit": "50"}
        async for item in self._graph.pages(draft.account, path, "listing comments", LISTED_PAGES, **params):
            if found := ig.comment_id(item, extra.text, owner):
                return found
        return ""

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


def _told(session: UploadSession, name: str) -> str:
    value = session.state.get(name)
    if not isinstance(value, str):
        raise SessionLost("the stored upload session is not one of Instagram's", field="upload")
    return value


def _instant(session: UploadSession, name: str) -> datetime | None:
    value = session.state.get(name)
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None


def _unknown(message: str) -> OutcomeUnknown:
    return OutcomeUnknown(message, field="post", remedy="look for it before posting it again")
