"""Buying from a chain of providers: the next one's turn comes when one cannot be used, refuses, or stays away. What is
paid for is kept before anything is done with it, and the same is bought once per channel. docs/providers-chains.md."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self, cast

from temporalio import activity

from reelwright.domain.assets import AssetRef
from reelwright.domain.chains import FailureRecords, Link, Patience, ProviderList, fallback
from reelwright.domain.channels.config import Capability
from reelwright.domain.errors import (
    AssetCorrupt,
    InvalidInput,
    ProviderRefused,
    TooDear,
)
from reelwright.domain.ids import sha256_of
from reelwright.domain.ports.buying import Bought, FailureLog, Packed, ProviderGate, Request, RequestLedger
from reelwright.domain.ports.channels import ChannelBook
from reelwright.domain.ports.making import Catalog, MediaStore

from ..heartbeat import keep_beating
from ..made import Kept, Made, Order, buyer
from .asset_specs import AssetSpec, CallSpec, MakerT, PaidT, ProviderInChain
from .jobs import JobSpec, filmed
from .turns import Call, CallFailed, CallNotAllowed, asked_once, called, claimed

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Purchasing:
    """What all workers share of their purchases: the ledger, the gate in front of each provider, what went wrong; and
    the channels, whose configurations name the providers."""

    ledger: RequestLedger
    gate: ProviderGate
    failures: FailureLog
    channels: ChannelBook
    patience: Patience = field(default_factory=Patience)


class ChainExhausted(ProviderRefused):
    """Every provider of a chain was passed over or has failed; `fell_back` says why."""

    fell_back: tuple[str, ...] = ()

    @classmethod
    def of(cls, capability: Capability, fell_back: Sequence[str]) -> Self:
        """Of a capability's chain."""
        said = "; ".join(fell_back) or "no provider is set up"
        error = cls(said, field=f"providers.{capability}", remedy="see docs/providers-chains.md")
        error.fell_back = tuple(fell_back)
        return error


class _NextProvider(Exception):
    """The next provider's turn has come."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _UnusableAnswer(Exception):
    """An answer that was paid for cannot be used."""

    def __init__(self, error: InvalidInput) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True)
class Buyer:
    """Buys. Without `purchasing` each list is of one provider, which is asked as it is."""

    catalog: Catalog
    media: MediaStore | None = None
    purchasing: Purchasing | None = None

    async def providers(
        self, content_id: str, provider_list: ProviderList[MakerT], capability: Capability
    ) -> list[ProviderInChain[MakerT]]:
        """The providers of the content's chain that could be used, in order."""
        links, channel = await self._chain(content_id, provider_list, capability)
        return [_in_chain(link, links, channel) for link in links if not link.lacks]

    async def buy(
        self, spec: AssetSpec[MakerT, PaidT], provider_list: ProviderList[MakerT], *, offline: bool = False
    ) -> Kept[PaidT]:
        """What is on record, by whichever provider, or else what the first one makes that can; with `offline`, only
        what is made offline. Raises what the last one of the chain raises, and the error of one that is to be tried
        again."""
        links, channel = await self._chain(spec.content_id, provider_list, spec.capability)
        if offline:
            links = tuple(link for link in links if link.offline) or links
        fell_back: list[str] = []
        rest = await self._settled(spec, links, fell_back)
        if (kept := await self._known(spec, rest, links, channel)) is not None:
            return kept
        purchasing = self.purchasing
        failures = (
            await purchasing.failures.of(spec.thing)
            if purchasing and (len(rest) > 1 or spec.optional)
            else FailureRecords()
        )
        for place, link in enumerate(rest):
            last = place == len(rest) - 1 and not spec.optional
            try:
                kept = await self._from(spec, link, links, channel, failures, fell_back, last=last)
            except _NextProvider as next_one:
                fell_back.append(fallback(link.name, next_one.why))
                log.warning("%s of %s: %s", spec.step, spec.content_id, fell_back[-1])
                continue
            if spec.one_maker and purchasing and len(links) > 1:
                names = [each.name for each in links]
                await purchasing.failures.settle(spec.content_id, spec.capability, link.name, names)
            return kept
        raise ChainExhausted.of(spec.capability, fell_back)

    async def _chain(
        self, content_id: str, provider_list: ProviderList[MakerT], capability: Capability
    ) -> tuple[tuple[Link[MakerT], ...], str]:
        """The links of the content's channel, as it was when the content began, and the channel's name."""
        kept = await self.purchasing.channels.kept(content_id) if self.purchasing else None
        names = kept.providers.get(capability, ()) if kept else ()
        return provider_list.chain(names), kept.channel if kept else "default"

    async def _settled(
        self, spec: AssetSpec[Any, Any], links: Sequence[Link[MakerT]], fell_back: list[str]
    ) -> Sequence[Link[MakerT]]:
        """The links from the one on that makes all of the content's."""
        if not (spec.one_maker and self.purchasing and len(links) > 1):
            return links
        name = await self.purchasing.failures.settled(spec.content_id, spec.capability)
        names = [link.name for link in links]
        if name not in names[1:]:
            return links
        fell_back += [fallback(each, f"all of this content are by {name}") for each in names[: names.index(name)]]
        return links[names.index(name) :]

    async def _known(
        self,
        spec: AssetSpec[MakerT, PaidT],
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
                key = spec.key(_in_chain(link, links, channel))
            except InvalidInput:  # it cannot make it, and has not: `_from` says why
                continue
            if key not in looked and (known := await self.catalog.find_result(key)) is not None:
                # An earlier attempt may have paid and recorded, and ended before it could return.
                again = activity.info().attempt > 1
                return Kept(
                    spec.model.model_validate_json(known), key, await self.catalog.spent(buyer()) if again else 0.0
                )
            looked.add(key)
        return None

    async def _from(
        self,
        spec: AssetSpec[MakerT, PaidT],
        link: Link[MakerT],
        links: Sequence[Link[MakerT]],
        channel: str,
        failures: FailureRecords,
        fell_back: list[str],
        *,
        last: bool,
    ) -> Kept[PaidT]:
        """What this provider makes. Raises `_NextProvider` where it is the next one's turn."""
        record = failures.of(link.name)
        if link.lacks or (record.given_up and not last):
            raise _NextProvider(link.lacks or record.why)
        provider = _in_chain(link, links, channel)
        try:
            return await self._bought(spec, provider, link, fell_back, last=last)
        except CallNotAllowed as paused:
            if last:
                raise paused.later() from None
            raise _NextProvider(paused.why) from None
        except TooDear as dear:
            if last:
                raise
            raise _NextProvider(dear.message) from None
        except CallFailed as failed:
            error = failed.cause
            if last or self.purchasing is None:
                raise error from None
            now, count = datetime.now(UTC), replace(record, failures=record.failures + 1)
            retry_after_s: float | None = getattr(error, "retry_after_s", None)
            give_up = not failed.retryable or self.purchasing.patience.over(count, now, retry_after_s)
            await self.purchasing.failures.add(spec.thing, spec.content_id, link.name, failed.why, give_up=give_up)
            if not give_up:
                raise error from None
            raise _NextProvider(failed.why) from None

    async def _bought(
        self,
        spec: AssetSpec[MakerT, PaidT],
        provider: ProviderInChain[MakerT],
        link: Link[MakerT],
        fell_back: Sequence[str],
        *,
        last: bool,
    ) -> Kept[PaidT]:
        try:
            order = Order(
                spec.key(provider), spec.content_id, spec.step, spec.provider_name(provider), spec.price(provider)
            )
        except InvalidInput as error:
            raise CallFailed(error) from error
        if isinstance(spec, CallSpec) and (self.purchasing is None or provider.offline):
            packed, number = await asked_once(self.catalog, order, spec, provider)
            keep_beating()
            return await self._recorded(spec, provider, order, packed, await self._put(packed), number, fell_back)
        request = Request(
            provider.channel,
            sha256_of([spec.capability, order.provider, *spec.asked(provider)]),
            spec.capability,
            order.provider,
            spec.content_id,
            job=isinstance(spec, JobSpec),
        )
        try:
            return await self._once(spec, provider, link, order, request, fell_back)
        except _UnusableAnswer as unusable:
            # Paid for: asking again would bring, and cost, the same.
            if last:
                raise unusable.error from None
            why = f"the answer cannot be used: {unusable.error.message}"
            raise CallFailed(ProviderRefused(why, field=order.provider, why="nonsense")) from None

    async def _once(
        self,
        spec: AssetSpec[MakerT, PaidT],
        provider: ProviderInChain[MakerT],
        link: Link[MakerT],
        order: Order,
        request: Request,
        fell_back: Sequence[str],
    ) -> Kept[PaidT]:
        """The answer in the ledger, or the one that is bought now."""
        assert self.purchasing is not None
        ledger = self.purchasing.ledger
        while True:
            claim = await claimed(ledger, request)
            if claim.bought is None:
                call = Call(self.catalog, ledger, self.purchasing.gate, order, request, claim.holder)
                if isinstance(spec, CallSpec):
                    packed, number = await called(call, spec, provider, link)
                else:
                    job = cast(JobSpec[PaidT], spec)
                    packed, number = await filmed(call, job, cast(Any, provider), cast(Any, link), claim)
                keep_beating()
                file = await self._put(packed, request)
                return await self._recorded(spec, provider, order, packed, file, number, fell_back)
            bought = claim.bought
            keep_beating()
            try:
                file = await self._again(bought, request)
            except AssetCorrupt:
                log.warning("the file of purchase %s is gone from the media store: it is bought anew", bought.purchase)
                await ledger.forget(request)
                continue
            if bought.key == order.key and not bought.settled:  # ours: paid for, and then the worker ended
                return await self._recorded(spec, provider, order, bought.packed, file, bought.purchase, fell_back)
            packed = replace(bought.packed, usd=0.0)
            return await self._recorded(spec, provider, order, packed, file, None, fell_back, reused=bought.purchase)

    async def _put(self, packed: Packed, request: Request | None = None) -> AssetRef | None:
        """The answer's bytes, in the media store."""
        if packed.data is None:
            return None
        assert self.media is not None
        file = await self.media.put_bytes(packed.data, packed.media_type)
        if request is not None and self.purchasing is not None:
            await self.purchasing.ledger.stored(request, file)
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
        spec: AssetSpec[MakerT, PaidT],
        provider: ProviderInChain[MakerT],
        order: Order,
        packed: Packed,
        file: AssetRef | None,
        purchase: int | None,
        fell_back: Sequence[str],
        *,
        reused: int | None = None,
    ) -> Kept[PaidT]:
        try:
            made = _with_fallbacks(await spec.made(provider, packed, file), fell_back, reused)
        except InvalidInput as error:
            if self.purchasing is None or provider.offline:
                raise
            raise _UnusableAnswer(error) from error
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
        return Kept(spec.model.model_validate_json(stored), order.key, await self.catalog.spent(buyer()))


def _with_fallbacks(made: Made[PaidT], fell_back: Sequence[str], reused: int | None) -> Made[PaidT]:
    """With what was fallen back from, and what it is another use of: in the result, and in its evidence."""
    told: Mapping[str, Any] = {"fell_back": tuple(fell_back), "reused": reused}
    if not fell_back and reused is None:
        return made
    result = made.result.model_copy(update={**told, "usd": 0.0} if reused is not None else dict(told))
    noted = tuple(one.model_copy(update=dict(told)) for one in made.noted)
    return replace(made, result=result, noted=noted, usd=0.0 if reused is not None else made.usd)


def _in_chain(link: Link[MakerT], links: Sequence[Link[MakerT]], channel: str) -> ProviderInChain[MakerT]:
    return ProviderInChain(link.name, link.maker, channel, link.offline, first=link is links[0], alone=len(links) == 1)
