"""What is bought for a content, as a chain of providers sees it: how it is asked for, what decides the answer, and what
becomes of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from reelwright.domain.assets import AssetRef
from reelwright.domain.channels.config import Capability
from reelwright.domain.content.story import Paid
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.ports.buying import Packed

from ..made import Made

MakerT = TypeVar("MakerT")
AnswerT = TypeVar("AnswerT")
PaidT = TypeVar("PaidT", bound=Paid)


@dataclass(frozen=True)
class ProviderInChain(Generic[MakerT]):
    """A provider as one purchase meets it: its place in the chain (`first`: nobody comes before it; `alone`: nobody
    else is in it), and the channel that the content belongs to."""

    name: str
    maker: MakerT
    channel: str
    offline: bool = False
    first: bool = True
    alone: bool = True


class AssetSpec(ABC, Generic[MakerT, PaidT]):
    """One thing that is wanted, whoever makes it, and however it is asked for: by a call (`CallSpec`) or by a job
    (`jobs.JobSpec`). `thing` is the key of it without a provider; `key` the one under which a provider's result is on
    record."""

    capability: ClassVar[Capability]
    step: ClassVar[str]
    model: type[PaidT]
    one_maker: ClassVar[bool] = False
    """All of a content's are made by one provider."""

    optional: ClassVar[bool] = False
    """Without it the content is made all the same: its chain has no offline end, and the last one's failure is as any
    other's."""

    content_id: str
    thing: str

    @abstractmethod
    def key(self, provider: ProviderInChain[MakerT]) -> str:
        """The key of the result on record. Raises `InvalidInput` where the provider cannot make it at all."""

    @abstractmethod
    def provider_name(self, provider: ProviderInChain[MakerT]) -> str:
        """The provider's name on record (`openai:gpt-6-luna`)."""

    @abstractmethod
    def asked(self, provider: ProviderInChain[MakerT]) -> Sequence[Any]:
        """All that decides the answer, besides the provider: the same is bought once per channel."""

    @abstractmethod
    def price(self, provider: ProviderInChain[MakerT]) -> Estimate | None:
        """What it may cost; None where there is no estimate."""

    @abstractmethod
    async def made(self, provider: ProviderInChain[MakerT], packed: Packed, file: AssetRef | None) -> Made[PaidT]:
        """The result, of an answer whose bytes are in `file`. Raises `InvalidInput` for one that is of no use."""


class CallSpec(AssetSpec[MakerT, PaidT], Generic[MakerT, AnswerT, PaidT]):
    """What one call brings."""

    @abstractmethod
    async def ask(self, provider: ProviderInChain[MakerT]) -> AnswerT:
        """The call."""

    @abstractmethod
    def pack(self, answer: AnswerT) -> Packed:
        """The answer as it is kept. Raises `ProviderRefused` (`nonsense`) for one that is none."""

    def recalled(self, meta: str) -> Packed:
        """A small answer that was kept with its purchase."""
        return Packed(meta)
