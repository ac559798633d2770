"""The texts of posts, composed before the review: what is shown then is what is posted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from temporalio import activity

from reelwright.domain.formats import Platform
from reelwright.domain.ports.ledgers import AccountStore, TextBook
from reelwright.domain.ports.publishing import ComposesTexts, Publisher
from reelwright.domain.publishing.posting import PostDraft
from reelwright.domain.publishing.texts import ComposedTexts, ComposeTexts, PlatformText

from .posting import adapter_of


@dataclass
class Composing:
    """Lets each platform's adapter compose its text, and keeps what it composed."""

    publishers: Mapping[Platform, Publisher]
    accounts: AccountStore
    texts: TextBook

    @activity.defn
    async def compose_texts(self, wanted: ComposeTexts) -> ComposedTexts:
        """The texts as they would be posted. Accounts with the same text share one. An account that is not there yet
        gets the text of one without options."""
        composed: list[PlatformText] = []
        for post in wanted.posts:
            by_text: dict[str, list[str]] = {}
            for account in post.accounts:
                by_text.setdefault(await self._text(post.draft, account), []).append(account)
            composed += [PlatformText.of(post.draft, text, *accounts) for text, accounts in by_text.items()]
        await self.texts.keep(wanted.content_id, composed)
        return ComposedTexts(texts=tuple(composed))

    async def _text(self, draft: PostDraft, account: str) -> str:
        publisher = adapter_of(self.publishers, draft.platform)
        if not isinstance(publisher, ComposesTexts):
            return draft.caption or draft.description
        known = await self.accounts.find(draft.platform, account)
        return publisher.compose(draft, known.options if known else {})
