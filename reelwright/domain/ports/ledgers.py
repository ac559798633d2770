"""What is on record about posts: the tables of posts, approvals, texts, effects, quotas, pauses and accounts.

All calls are coroutines. Errors are those of `domain.errors`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Literal, Protocol

from ..assets import AssetRef
from ..formats import Platform
from ..publishing.accounts import AccountInfo, StoredToken
from ..publishing.posting import (
    Pause,
    PostDraft,
    PostRow,
    PublishedPost,
    UploadSession,
)
from ..publishing.quota import Booking, BucketState, QuotaReading, Slot
from ..publishing.texts import PlatformText


class PostLedger(Protocol):
    """The `posts` table: a row before the effect, its result after."""

    async def prepare(
        self, key: str, *, content_id: str, draft: PostDraft, video: AssetRef, again_by: str = ""
    ) -> PostRow:
        """The row of `key`, made if it is new. Raises `InvalidInput` when the key is another post's, and `PostRejected`
        when another row of the same content, platform and account has a live post, or one whose outcome is open:
        another is made only with `again_by`, which is kept in the row."""
        ...

    async def save_session(self, key: str, session: UploadSession) -> None:
        """State becomes `uploading`, committed 0. Called before the first byte is sent."""
        ...

    async def checkpoint(
        self, key: str, session: UploadSession, committed: int, *, arming: datetime | None = None
    ) -> bool:
        """The session as it now stands and the acknowledged bytes: of an `uploading` row, or with `arming` of the row
        that was armed then. Whether the row is still that."""
        ...

    async def drop_session(self, key: str) -> None:
        """The platform lost the session: back to `prepared`, unless the row is armed or posted."""
        ...

    async def arm(self, key: str) -> PostRow | None:
        """`uploading` becomes `armed`; the row as it was armed, or None for every caller but the one who armed it. Its
        `armed_at` is this arming's name: by it alone the arming can be undone. Raises `PostRejected` as `prepare`."""
        ...

    async def disarm(self, key: str, arming: datetime | None, *, settled_by: str | None = None) -> None:
        """`armed` becomes `uploading` again: it is certain that nothing came of this `arming`. A row that was armed
        anew since stays as it is. None is whichever arming there is: a person's word, that of `settled_by`."""
        ...

    async def confirm(self, key: str, post: PublishedPost, *, settled_by: str | None = None) -> None:
        """The post exists. `settled_by`: whose word that is, where no platform said so."""
        ...

    async def refine(self, key: str, post: PublishedPost) -> None:
        """Adds the post's permanent id or its address to a posted row, where the platform reports them only later."""
        ...

    async def fail(self, key: str, error: str) -> None:
        """Ends the row; a post that exists stays posted."""
        ...

    async def void(self, key: str, error: str) -> None:
        """The platform itself has thrown the post away (its processing failed): the row fails, and may be reopened."""
        ...

    async def reopen(self, key: str) -> PostRow:
        """A failed row becomes `prepared` again; one that was armed and whose outcome is open becomes `armed`."""
        ...

    async def get(self, key: str) -> PostRow | None: ...


class Approvals(Protocol):
    """The `approved_posts` table: which texts and videos were made from material that a reviewer has approved."""

    async def record(
        self, content_id: str, artifact_sha256: str, digests: Sequence[str], *, approvers: int = 1
    ) -> None:
        """Notes that these posts (`PublishTask.approval_digest`) are made from this material. Raises `InvalidInput`
        when the last decision on record about it is not an approval, or fewer people than `approvers` approved it."""
        ...

    async def need(self, content_id: str, digest: str) -> None:
        """Returns when the post was made from material whose last decision on record is an approval; raises
        `PostRejected` otherwise."""
        ...


class Evidence(Protocol):
    """The `evidence` table: what every asset was made with, of, and under which licence."""

    async def need(self, content_id: str, files: Sequence[tuple[str, AssetRef]]) -> None:
        """Returns when the evidence of all that these files are made of holds; raises `PostRejected` (`evidence`)
        otherwise. The files are named for people."""
        ...


class TextBook(Protocol):
    """The `platform_texts` table: texts of posts as they were composed before the review."""

    async def keep(self, content_id: str, texts: Sequence[PlatformText]) -> None:
        """Keeps the texts under their digests; the same again changes nothing."""
        ...

    async def find(self, content_id: str, sha256: str) -> PlatformText | None:
        """The text that was kept under this digest, as it is there now; the caller compares."""
        ...


class EffectLedger(Protocol):
    """The `effects` table: small effects of a post (a comment, a notice) that must not be made twice."""

    async def begin(self, key: str) -> Literal["new", "begun", "done"]:
        """`new`: the row was made now, do the work. `begun`: an earlier attempt may have done it. `done`: it is
        done."""
        ...

    async def done(self, key: str, result: str) -> None:
        """Notes the effect's result (an id, or why there is none)."""
        ...

    async def begun_at(self, key: str) -> datetime | None:
        """When it was last begun: since then it may have happened."""
        ...

    async def again(self, key: str) -> None:
        """A begun effect certainly did not happen so far, and is begun anew now: `begun_at` is this instant."""
        ...

    async def forget(self, key: str) -> None:
        """A begun effect certainly did not happen; it may be begun again."""
        ...

    async def result(self, key: str) -> str:
        """What `done` noted, or an empty string."""
        ...


class QuotaLedger(Protocol):
    """The platforms' quotas, booked ahead. Every call is idempotent by its key. Times are aware."""

    async def reserve(self, booking: Booking) -> Slot:
        """Books every bucket of the booking at the earliest time they all have room, in order of arrival within
        priority. Granted when that time has come, and then the units are held. A repeated call answers for the same
        booking: granted, the same slot, or a later one when limits have shrunk or a more urgent booking came. When no
        booking is before it any more it may also be an earlier one."""
        ...

    async def commit(self, key: str) -> None:
        """The held units are spent."""
        ...

    async def release(self, key: str) -> None:
        """The units are free again; those that are spent stay spent. An unknown key is nothing to release."""
        ...

    async def correct(self, platform: Platform, account: str, readings: Sequence[QuotaReading]) -> None:
        """What the platform itself reports is believed: used, limit, reset."""
        ...

    async def spent(self, platform: Platform, account: str, bucket: str, until: datetime) -> None:
        """The platform refused for lack of quota: nothing more of the bucket is granted until then."""
        ...

    async def sweep(self) -> int:
        """Releases holds whose publications have shown no activity for a day; returns how many."""
        ...

    async def state(self, platform: Platform | None = None, account: str | None = None) -> Sequence[BucketState]:
        """The books, for people."""
        ...


class Gate(Protocol):
    """The `pauses` table: what posts nothing for now."""

    async def pause(self, platform: Platform, account: str, *, by: str, note: str) -> None:
        """`account` empty pauses the whole platform. Pausing what is paused changes nothing."""
        ...

    async def resume(self, platform: Platform, account: str, *, by: str = "") -> bool:
        """Whether there was a pause to end."""
        ...

    async def closed(self, platform: Platform, account: str) -> Pause | None:
        """The pause that holds this account, if any."""
        ...

    async def pauses(self) -> Sequence[Pause]: ...


class AccountStore(Protocol):
    """The `accounts` table: who posts where, with tokens encrypted at rest."""

    async def put(self, account: AccountInfo, token: StoredToken | None = None, *, by: str = "") -> None:
        """Makes or changes an account; without `token` its tokens stay as they are. `by`: who does it."""
        ...

    async def find(self, platform: Platform, name: str) -> AccountInfo | None: ...

    async def list(self, platform: Platform | None = None) -> Sequence[AccountInfo]: ...

    async def remove(self, platform: Platform, name: str, *, by: str = "") -> bool: ...

    async def token(self, platform: Platform, name: str) -> StoredToken | None: ...

    async def needs_authorization(self, platform: Platform, name: str, reason: str) -> None:
        """Notes that a person must authorise the account anew; a later `put` with a token clears it."""
        ...

    def exclusive(
        self, platform: Platform, name: str
    ) -> AbstractAsyncContextManager[Callable[[StoredToken], Awaitable[None]]]:
        """One holder per account over all processes. Yields a function that stores a renewed token at once; the
        holder reads `token` again first, since another may have renewed it meanwhile."""
        ...
