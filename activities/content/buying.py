"""Buying from a chain of providers: the next one's turn comes when one cannot be used, refuses, or stays away. What is
paid for is kept before anything is done with it, and the same is bought once per channel. docs/providers-chains.md."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

from temporalio import activity

from reelwright.domain.assets import AssetRef
from reelwright.domain.chains import Link, Patience, Roster, Troubles, fallback
from reelwright.domain.channels.config import Capability
from reelwright.domain.errors import (
    AssetCorrupt,
    InvalidInput,
    ProviderRefused,
    TooDear,
)
from reelwright.domain.ids import sha256_of
from reelwright.domain.ports.buying import Bought, Packed, ProviderGate, Request, RequestLedger, TroubleBook
from reelwright.domain.ports.channels import ChannelBook
from reelwright.domain.ports.making import Catalog, MediaStore

from ..heartbeat import keep_beating
from ..made import Kept, Made, Order, buyer
from .jobs import JobWish, filmed
from .turns import Call, CallFailed, NoCall, asked_once, called, claimed
from .wishes import AnswerT, MakerT, PaidT, Seller, Wish

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Market:
    """What all workers share of their purchases: the ledger, the gate in front of each provider, what went wrong; and
    the channels, whose configurations name the providers."""

    ledger: RequestLedger
    gate: ProviderGate
    troubles: TroubleBook
    channels: ChannelBook
    patience: Patience = field(default_factory=Patience)


class NobodyLeft(ProviderRefused):
    """Every provider of a chain was passed over or has failed; `fell` says why."""

    def __init__(self, capability: Capability, fell: Sequence[str]) -> None:
        super().__init__(
            "; ".join(fell) or "no provider is set up",
            field=f"providers.{capability}",
            remedy="see docs/providers-chains.md",
        )
        self.fell = tuple(fell)


class _NextPlease(Exception):
    """The next provider's turn has come."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _Useless(Exception):
    """An answer that was paid for cannot be used."""

    def __init__(self, error: InvalidInput) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True)
class Buyer:
    """Buys. Without a `market` each roster is of one provider, which is asked as it is."""

    catalog: Catalog
    media: MediaStore | None = None
    market: Market | None = None

    async def sellers(self, content_id: str, roster: Roster[MakerT], capability: Capability) -> list[Seller[MakerT]]:
        """The providers of the content's chain that could be used, in order."""
        links, channel = await self._chain(content_id, roster, capability)
        return [_seller(link, links, channel) for link in links if not link.lacks]

    async def buy(
        self, wish: Wish[MakerT, AnswerT, PaidT], roster: Roster[MakerT], *, offline: bool = False
    ) -> Kept[PaidT]:
        """What is on record, by whichever provider, or else what the first one makes that can; with `offline`, only
        what is made offline. Raises what the last one of the chain raises, and the error of one that is to be tried
        again."""
        links, channel = await self._chain(wish.content_id, roster, wish.capability)
        if offline:
            links = tuple(link for link in links if link.offline) or links
        fell: list[str] = []
        rest = await self._settled(wish, links, fell)
        if (kept := await self._known(wish, rest, links, channel)) is not None:
            return kept
        market = self.market
        troubles = await market.troubles.of(wish.thing) if market and (len(rest) > 1 or wish.optional) else Troubles()
        for place, link in enumerate(rest):
            last = place == len(rest) - 1 and not wish.optional
            try:
                kept = await self._from(wish, link, links, channel, troubles, fell, last=last)
            except _NextPlease as please:
                fell.append(fallback(link.name, please.why))
                log.warning("%s of %s: %s", wish.step, wish.content_id, fell[-1])
                continue
            if wish.one_maker and market and len(links) > 1:
                names = [each.name for each in links]
                await market.troubles.settle(wish.content_id, wish.capability, link.name, names)
            return kept
        raise NobodyLeft(wish.capability, fell)

    async def _chain(
        self, content_id: str, roster: Roster[MakerT], capability: Capability
    ) -> tuple[tuple[Link[MakerT], ...], str]:
        """The links of the content's channel, as it was when the content began, and the channel's name."""
        kept = await self.market.channels.kept(content_id) if self.market else None
        names = kept.providers.get(capability, ()) if kept else ()
        return roster.chain(names), kept.channel if kept else "default"

    async def _settled(
        self, wish: Wish[Any, Any, Any], links: Sequence[Link[MakerT]], fell: list[str]
    ) -> Sequence[Link[MakerT]]:
        """The links from the one on that makes all of the content's."""
        if not (wish.one_maker and self.market and len(links) > 1):
            return links
        name = await self.market.troubles.settled(wish.content_id, wish.capability)
        names = [link.name for link in links]
        if name not in names[1:]:
            return links
        fell += [fallback(each, f"all of this content are by {name}") for each in names[: names.index(name)]]
        return links[names.index(name) :]

    async def _known(
        self,
        wish: Wish[MakerT, Any, PaidT],
        rest: Sequence[Link[MakerT]],
        links: Sequence[Link[MakerT]],
        channel: str,
    ) -> Kept[PaidT] | None:
        """What is on record by one of them."""
        looked: set[str] = set()
        for link in rest:
            if link.lacks:
                continue
            try:
                key = wish.key(_seller(link, links, channel))
            except InvalidInput:  # it cannot make it, and has not: `_from` says why
                continue
            if key not in looked and (known := await self.catalog.find_result(key)) is not None:
                # An earlier attempt may have paid and recorded, and ended before it could return.
                again = activity.info().attempt > 1
                return Kept(
                    wish.model.model_validate_json(known), key, await self.catalog.spent(buyer()) if again else 0.0
                )
            looked.add(key)
        return None

    async def _from(
        self,
        wish: Wish[MakerT, AnswerT, PaidT],
        link: Link[MakerT],
        links: Sequence[Link[MakerT]],
        channel: str,
        troubles: Troubles,
        fell: list[str],
        *,
        last: bool,
    ) -> Kept[PaidT]:
        """What this provider makes. Raises `_NextPlease` where it is the next one's turn."""
        trouble = troubles.of(link.name)
        if link.lacks or (trouble.given_up and not last):
            raise _NextPlease(link.lacks or trouble.why)
        seller = _seller(link, links, channel)
        try:
            return await self._bought(wish, seller, link, fell, last=last)
        except NoCall as shut:
            if last:
                raise shut.later() from None
            raise _NextPlease(shut.why) from None
        except TooDear as dear:
            if last:
                raise
            raise _NextPlease(dear.message) from None
        except CallFailed as failed:
            error = failed.cause
            if last or self.market is None:
                raise error from None
            now, count = datetime.now(UTC), replace(trouble, failures=trouble.failures + 1)
            retry_after_s: float | None = getattr(error, "retry_after_s", None)
            give_up = not failed.retryable or self.market.patience.over(count, now, retry_after_s)
            await self.market.troubles.add(wish.thing, wish.content_id, link.name, failed.why, give_up=give_up)
            if not give_up:
                raise error from None
            raise _NextPlease(failed.why) from None

    async def _bought(
        self,
        wish: Wish[MakerT, AnswerT, PaidT],
        seller: Seller[MakerT],
        link: Link[MakerT],
        fell: Sequence[str],
        *,
        last: bool,
    ) -> Kept[PaidT]:
        try:
            order = Order(wish.key(seller), wish.content_id, wish.step, wish.provider(seller), wish.price(seller))
        except InvalidInput as error:
            raise CallFailed(error) from error
        if self.market is None or seller.offline:
            packed, number = await asked_once(self.catalog, order, wish, seller)
            keep_beating()
            return await self._recorded(wish, seller, order, packed, await self._put(packed), number, fell)
        request = Request(
            seller.channel,
            sha256_of([wish.capability, order.provider, *wish.asked(seller)]),
            wish.capability,
            order.provider,
            wish.content_id,
            job=wish.job,
        )
        try:
            return await self._once(wish, seller, link, order, request, fell)
        except _Useless as useless:
            # Paid for: asking again would bring, and cost, the same.
            if last:
                raise useless.error from None
            why = f"the answer cannot be used: {useless.error.message}"
            raise CallFailed(ProviderRefused(why, field=order.provider, why="nonsense")) from None

    async def _once(
        self,
        wish: Wish[MakerT, AnswerT, PaidT],
        seller: Seller[MakerT],
        link: Link[MakerT],
        order: Order,
        request: Request,
        fell: Sequence[str],
    ) -> Kept[PaidT]:
        """The answer in the ledger, or the one that is bought now."""
        assert self.market is not None
        ledger = self.market.ledger
        while True:
            claim = await claimed(ledger, request)
            if claim.bought is None:
                call = Call(self.catalog, ledger, self.market.gate, order, request, claim.holder)
                if isinstance(wish, JobWish):
                    packed, number = await filmed(call, wish, cast(Any, seller), cast(Any, link), claim)
                else:
                    packed, number = await called(call, wish, seller, link)
                keep_beating()
                file = await self._put(packed, request)
                return await self._recorded(wish, seller, order, packed, file, number, fell)
            bought = claim.bought
            keep_beating()
            try:
                file = await self._again(bought, request)
            except AssetCorrupt:
                log.warning("the file of purchase %s is gone from the media store: it is bought anew", bought.purchase)
                await ledger.forget(request)
                continue
            if bought.key == order.key and not bought.settled:  # ours: paid for, and then the worker ended
                return await self._recorded(wish, seller, order, bought.packed, file, bought.purchase, fell)
            packed = replace(bought.packed, usd=0.0)
            return await self._recorded(wish, seller, order, packed, file, None, fell, reused=bought.purchase)

    async def _put(self, packed: Packed, request: Request | None = None) -> AssetRef | None:
        """The answer's bytes, in the media store."""
        if packed.data is None:
            return None
        assert self.media is not None
        file = await self.media.put_bytes(packed.data, packed.media_type)
        if request is not None and self.market is not None:
            await self.market.ledger.stored(request, file)
        return file

    async def _again(self, bought: Bought, request: Request) -> AssetRef | None:
        """The file of an answer that is in the ledger. Raises `AssetCorrupt` where it is gone."""
        if bought.asset is None:
            return await self._put(bought.packed, request)
        assert self.media is not None
        if not await self.media.exists(bought.asset):
            raise AssetCorrupt(f"{bought.asset.key} is missing", field="asset", remedy="make it again")
        return bought.asset

    async def _recorded(
        self,
        wish: Wish[MakerT, AnswerT, PaidT],
        seller: Seller[MakerT],
        order: Order,
        packed: Packed,
        file: AssetRef | None,
        purchase: int | None,
        fell: Sequence[str],
        *,
        reused: int | None = None,
    ) -> Kept[PaidT]:
        try:
            made = _told(await wish.made(seller, packed, file), fell, reused)
        except InvalidInput as error:
            if self.market is None or seller.offline:
                raise
            raise _Useless(error) from error
        stored = await self.catalog.record_result(
            order.key,
            content_id=order.content_id,
            step=order.step,
            result_json=made.result.model_dump_json(),
            assets=made.assets,
            provider=made.provider,
            usd=made.usd,
            purchase=purchase,
            noted=made.noted,
        )
        return Kept(wish.model.model_validate_json(stored), order.key, await self.catalog.spent(buyer()))


def _told(made: Made[PaidT], fell: Sequence[str], reused: int | None) -> Made[PaidT]:
    """With what was fallen back from, and what it is another use of: in the result, and in its evidence."""
    told: Mapping[str, Any] = {"fell_back": tuple(fell), "reused": reused}
    if not fell and reused is None:
        return made
    result = made.result.model_copy(update={**told, "usd": 0.0} if reused is not None else dict(told))
    noted = tuple(one.model_copy(update=dict(told)) for one in made.noted)
    return replace(made, result=result, noted=noted, usd=0.0 if reused is not None else made.usd)


def _seller(link: Link[MakerT], links: Sequence[Link[MakerT]], channel: str) -> Seller[MakerT]:
    return Seller(link.name, link.maker, channel, link.offline, first=link is links[0], alone=len(links) == 1)
