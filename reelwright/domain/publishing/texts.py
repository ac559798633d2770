"""The texts of a content's posts as each platform gets them: composed once, before the review, and posted verbatim."""

from __future__ import annotations

from pydantic import Field

from ..base import Model
from ..formats import Platform
from ..ids import sha256_of
from .posting import PostDraft


class PlatformText(Model):
    """The texts of the post on one platform; `accounts` get the same. What a platform has no place for is kept as the
    draft has it."""

    platform: Platform
    accounts: tuple[str, ...]
    title: str = ""
    text: str = ""
    tags: tuple[str, ...] = ()
    first_comment: str = ""
    thread: tuple[str, ...] = ()
    link: str = ""

    @property
    def sha256(self) -> str:
        """The digest of the words, whichever accounts get them."""
        return sha256_of(self.model_dump(mode="json", exclude={"accounts"}))

    @property
    def place(self) -> str:
        """For people: the platform and the accounts."""
        return f"{self.platform.value} ({', '.join(self.accounts)})"

    @property
    def words(self) -> dict[str, str]:
        """What is to be read of it, by what a finding calls the place (`youtube text`)."""
        named = {"title": self.title, "text": self.text, "first comment": self.first_comment, "link": self.link}
        named |= {f"reply {number}": reply for number, reply in enumerate(self.thread, 1)}
        named["tags"] = ", ".join(self.tags)
        return {f"{self.platform.value} {name}": text for name, text in named.items() if text}

    @classmethod
    def of(cls, draft: PostDraft, text: str, *accounts: str) -> PlatformText:
        """The draft's texts, with the one that its platform's adapter has composed."""
        return cls(
            platform=draft.platform,
            accounts=accounts,
            title=draft.title,
            text=text,
            tags=draft.tags,
            first_comment=draft.first_comment,
            thread=draft.thread,
            link=draft.link,
        )

    def put_into(self, draft: PostDraft) -> PostDraft:
        """The draft with these texts: an adapter posts a caption word for word."""
        return draft.model_copy(
            update={
                "title": self.title,
                "caption": self.text,
                "tags": self.tags,
                "first_comment": self.first_comment,
                "thread": self.thread,
                "link": self.link,
            }
        )

    def is_in(self, draft: PostDraft) -> bool:
        """Whether the draft has exactly these texts."""
        return draft.platform is self.platform and self.put_into(draft) == draft


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
