"""The texts of one post, as they were composed and are shown to a reviewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import Model
from ..formats import Platform
from ..ids import sha256_of

if TYPE_CHECKING:  # who shows a text needs no post
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
