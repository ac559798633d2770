"""Finding out whether a post of ours is on LinkedIn, by reading only.

- A page's own posts can be listed. Each upload has a URN of its own, so a post with our video's URN is ours, exactly.
- A member's posts cannot (r_member_social is closed): `Denied`.
- A repeated post is refused with 422 DUPLICATE_POST and the URN of the first. That ends well a second try that should
  not have been needed, but it is no read: how long LinkedIn remembers is not documented, and beyond that the question
  itself would post (so there is no option to ask in that way). It has also been seen to make up URNs of posts that do
  not exist, a new one for each refusal. So such a URN is believed only after a try of ours, and only if the post reads
  back as ours or, where it cannot be read, was made between the opening of our upload and the try that was refused.

Source: docs/platforms/linkedin.md#post, #errors; ComposioHQ/composio issue 2710 for the URNs that lead nowhere.
"""

from __future__ import annotations

import logging

from reelwright.domain.errors import OutcomeUnknown, PostRejected, ReelwrightError
from reelwright.domain.publishing.posting import PostDraft, PublishedPost, UploadSession

from .api import LinkedInApi
from .errors import Denied, Problem
from .post import POST, Limits, created_at, is_ours, made_at, urn

_log = logging.getLogger(__name__)

LISTED, PAGES = 50, 6
"""Posts of a page per request, newest first, and how many requests look for one: two days at 150 posts a day."""
CLOCKS_S = 5.0
"""How far LinkedIn's clock and ours may be apart: a URN given out so shortly before our request may be its own."""


class LinkedInLookup:
    """`post_url` is a post's address, with `{id}` for its URN. `picture_duplicates`: whether a refusal as a duplicate
    counts for a picture post that cannot be read back as it does for a video (UNVERIFIED)."""

    def __init__(self, api: LinkedInApi, limits: Limits, post_url: str, *, picture_duplicates: bool = False) -> None:
        self._picture_duplicates = picture_duplicates
        self._api = api
        self._limits = limits
        self._post_url = post_url

    def post(self, post_id: str) -> PublishedPost:
        """A post by its URN."""
        return PublishedPost(post_id=post_id, url=self._post_url.replace("{id}", post_id))

    async def search(
        self, draft: PostDraft, session: UploadSession | None, since: float
    ) -> tuple[PublishedPost | None, bool]:
        """The draft's post among its author's own, and whether all since then were seen (seconds since the epoch).

        Raises `Denied` where the author's posts are not ours to read."""
        state = session.state if session else {}
        author = state.get("author") or await self._api.author(draft)
        for page in range(PAGES):
            params = {"author": author, "q": "author", "count": LISTED, "start": page * LISTED, "sortBy": "CREATED"}
            answer = await self._api.get(draft.account, "/rest/posts", "FINDER", author, params=params)
            listed = (answer or {}).get("elements")
            elements = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
            for element in elements:
                made = created_at(element)
                if made is not None and made < since:
                    return None, True
                post_id = urn(element.get("id"), POST)
                if post_id and is_ours(element, draft, state, author, self._limits):
                    return self.post(post_id), True
            if len(elements) < LISTED:
                return None, isinstance(listed, list)
        return None, False

    async def look(self, draft: PostDraft, session: UploadSession) -> PublishedPost | None:
        """The post, if it can be read now; None decides nothing."""
        try:
            found, _ = await self.search(draft, session, session.state.get("opened", 0.0) - CLOCKS_S)
        except ReelwrightError as error:
            _log.info("the posts of %s cannot be looked through: %s", draft.account, error)
            return None
        return found

    async def duplicate(
        self, draft: PostDraft, session: UploadSession, problem: Problem, *, tried: bool, asked: float
    ) -> PublishedPost:
        """What a refusal as a duplicate means. The refused request, sent at `asked` (seconds since the epoch), posted
        nothing; `tried`: there was an earlier request."""
        post_id, made = problem.duplicate_of, made_at(problem.duplicate_of)
        rejected = PostRejected(
            f"LinkedIn holds it for a duplicate of {post_id or 'another post'}",
            field="caption" if draft.caption else "title",
            remedy="change the text, or wait two days after deleting the other",
        )
        unsure = OutcomeUnknown(
            f"LinkedIn holds it for a duplicate of {post_id}, which may or may not be our own earlier try",
            field="post",
            remedy="look whether it is there before posting it again",
        )
        if not tried or made is None:
            raise rejected
        author = str(session.state.get("author", ""))
        try:
            found = await self._api.read(draft.account, "posts", post_id, author)
        except Denied:
            ours = session.state.get("opened", asked) - CLOCKS_S <= made < asked - CLOCKS_S
            if ours and (self._picture_duplicates or not draft.pictures):
                return self.post(post_id)
            raise unsure from None
        except ReelwrightError:
            raise unsure from None
        if found is None:
            raise rejected if made >= int(asked * 1_000) / 1_000 else unsure
        if not is_ours(found, draft, session.state, author, self._limits):
            raise rejected
        return self.post(post_id)
