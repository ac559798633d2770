"""The texts of a content's posts as each platform gets them: composed once, before the review, and posted verbatim."""

from __future__ import annotations

from pydantic import Field

from ..base import Model
from ..formats import Platform
from .platform_text import PlatformText as PlatformText
from .posting import PostDraft


class WantedText(Model):
    """A post whose text is to be composed, and the accounts that it is for. The draft has no files yet."""

    draft: PostDraft
    accounts: tuple[str, ...]


class ComposeTexts(Model):
    """The posts of a content whose texts are to be composed."""

    content_id: str
    posts: tuple[WantedText, ...]


class ComposedTexts(Model):
    """The composed texts, those of one platform side by side."""

    texts: tuple[PlatformText, ...] = Field(default=())

    def of(self, platform: Platform, account: str) -> PlatformText | None:
        """The text of the post there."""
        return next((text for text in self.texts if text.platform is platform and account in text.accounts), None)


NO_TEXTS = ComposedTexts()
"""Of contents whose texts are composed when they are posted."""
