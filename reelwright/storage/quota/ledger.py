"""The quota ledger in PostgreSQL. Implements `domain.ports.publishing.QuotaLedger`.

    (new) ──reserve──▶ waiting ──its turn──▶ held ──commit──▶ spent
              └──── room now ────────────────▲│               released ◀──release, sweep── waiting, held

Every change of a bucket happens under its row's lock, so bookings of one bucket follow each other over all processes.
A booking is for all its buckets or for none. Bookings of one kind that come to a process at the same time are made in
one transaction. How places are found: `quota_plan`; limits set by people and reported by platforms: `quota_reports`.

Units count where they were spent: what is granted before midnight and posted after it moves to the new day at its
`commit`, and until then counts in both. A waiting booking that misses its turn keeps its units until their window is
over, and its place in the order of arrival for good.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.quota import BUCKETS, Booking, Bucket, BucketState, QuotaReading, Slot, WindowKind
from reelwright.domain.publishing.windows import Window, window_at

from ..database import transaction
from . import reports as quota_reports
from . import rows
from .batching import Batching
from .plan import Plan, Planner
from .rows import BookingRow, BucketRow, Claim

SILENCE = timedelta(days=1)
"""A hold is released when its publication has shown no activity for this time."""
KEPT = timedelta(days=90)
"""How long ended bookings are kept, so that a repeated key is recognised."""


@dataclass(frozen=True)
class _Book:
    """One booking's transaction: the locks are held."""

    connection: Any
    now: datetime
    buckets: dict[str, BucketRow]
    booking: BookingRow | None

    async def claims(self) -> dict[int, Claim]:
        """What the booking takes, by bucket."""
        if self.booking is None:
            return {}
        known = {row.id for row in self.buckets.values()}
        claims = await rows.claims_of(self.connection, self.booking.seq)
        return {id: claim for id, claim in claims.items() if id in known}

    def row(self, id: int) -> BucketRow:
        """The bucket of a claim."""
        return next(row for row in self.buckets.values() if row.id == id)


@dataclass(frozen=True)
class _Call:
    """A requested booking, and its costs without the zeros."""

    booking: Booking
    costs: dict[str, int]


class PostgresQuotaLedger:
    """`pool` is an `asyncpg.Pool`. `clock` returns the time (aware); `buckets` are the counters."""

    def __init__(
        self,
        pool: Any,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        buckets: Sequence[Bucket] = BUCKETS,
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._buckets = {(bucket.platform, bucket.name): bucket for bucket in buckets}
        self._made: set[tuple[Bucket, str]] = set()
        self._calls: Batching[_Call, Slot | None] = Batching(self._serve)

    # --- the publications' side -----------------------------------------------------------------------------------

    async def reserve(self, booking: Booking) -> Slot:
        """Books all of the booking's buckets, or answers for the booking of that key; see `QuotaLedger.reserve`.

        Raises `InvalidInput` for a bucket that is not known, a priority that is none, or more units than a window
        has."""
        costs = {name: units for name, units in booking.costs.items() if units > 0}
        if not 1 <= booking.priority <= rows.PRIORITIES:
            raise InvalidInput(f"{booking.priority} is none", field="priority", remedy="give 1 (first) to 5 (last)")
        if not costs:
            now = self._clock()
            at = max(now, booking.not_before or now)
            return Slot(granted=at == now, at=at, why="" if at == now else f"not before {_utc(at)}")
        call = _Call(booking, costs)
        told = await self._calls.ask((booking.platform, booking.account, booking.priority, *costs.items()), call)
        if told is not None:
            return told
        async with self._open(booking.key) as book:  # it was booked at other costs, and that is how it stands
            if book.booking is not None:
                return await self._ask_again(book, booking, book.booking)
        return await self.reserve(booking)

    async def _serve(self, calls: Sequence[_Call]) -> list[Slot | None]:
        """Answers bookings of one account with the same costs and priority in one transaction. None for one that was
        booked at other costs before."""
        first, costs = calls[0].booking, calls[0].costs
        async with self._locked(first.platform, first.account, list(costs)) as (connection, now, locked):
            known = await rows.bookings_of(connection, [call.booking.key for call in calls])
            book = _Book(connection, now, locked, None)
            newcomers = {call.booking.key: call for call in calls if call.booking.key not in known}
            slots: dict[str, Slot | None] = dict(await self._arrive(book, list(newcomers.values())))
            for call in calls:
                there = known.get(call.booking.key)
                if there is not None and there.state != "released" and there.costs != costs:
                    slots[there.key] = None
                elif there is not None:
                    slots[there.key] = await self._ask_again(replace(book, booking=there), call.booking, there, costs)
        return [slots[call.booking.key] for call in calls]

    async def _arrive(self, book: _Book, calls: Sequence[_Call]) -> dict[str, Slot]:
        """Newcomers, each after those before; stored together."""
        if not calls:
            return {}
        first = calls[0].booking
        planner = self._planner(book, _newcomer(calls[0], book.now), newcomer=True)
        line = await rows.line_end(book.connection, first.platform, first.account, first.priority)
        arrived: list[tuple[BookingRow, list[Claim]]] = []
        taken: list[Claim] = []
        for call in calls:
            row = _newcomer(call, book.now)
            plan = await planner.earliest(row.slot_at if row.scheduled else max(row.slot_at, line or row.slot_at))
            row = _placed(row, plan, book.now)
            claims = _claims(book, row, plan)
            planner.note(claims)
            taken += claims
            arrived.append((row, _kept(book, claims)))
            if row.state == "waiting" and not row.scheduled:
                line = plan.at
        await rows.add_bookings(book.connection, arrived, book.now)
        await self._shift(book, [], taken)
        return {row.key: self._slot(book, row) for row, _ in arrived}

    async def _ask_again(
        self, book: _Book, booking: Booking, known: BookingRow, costs: dict[str, int] | None = None
    ) -> Slot:
        """The same answer, unless something has changed that concerns the booking. One that was released is booked
        anew, at the `costs` of now and in its old place in the order of arrival."""
        if known.state == "spent":
            return Slot(granted=True, at=known.slot_at)
        due, at = known.slot_at <= book.now, max(book.now, booking.not_before or book.now)
        claims = await book.claims()
        if known.state == "released":
            known, due = replace(known, costs=costs or known.costs, scheduled=at > book.now), False
        elif known.state == "held":
            if not await self._planner(book, known).overdrawn():
                await rows.hear(book.connection, known.key, book.now)
                return Slot(granted=True, at=known.slot_at)
            await self._shift(book, claims.values(), [])
            claims, due = {}, False
        elif not due and (known.scheduled or await rows.line_before(book.connection, known, None)):
            await rows.hear(book.connection, known.key, book.now)
            return self._slot(book, known)
        if not known.scheduled:
            at = max(at, await rows.line_before(book.connection, known, book.now) or at)
        plan = await self._planner(book, known, due=due).earliest(at)
        known = _placed(known, plan, book.now)
        taken = _claims(book, known, plan)
        await self._shift(book, claims.values(), taken)
        await rows.drop_claims(book.connection, known.seq)
        await rows.save_booking(book.connection, known, _kept(book, taken), book.now)
        return self._slot(book, known)

    async def commit(self, key: str) -> None:
        """The units are spent, in the windows of now. What was never booked is not counted."""
        async with self._open(key) as book:
            if book.booking is None or book.booking.state == "spent":
                return
            claims, spent = await book.claims(), replace(book.booking, state="spent")
            # What counted when it was granted is spent already.
            due = [row for row in book.buckets.values() if book.booking.state != "held" or not row.bucket.early]
            taken = [_claim(row, spent, window_at(row.bucket, book.now), book.now) for row in due]
            await self._shift(book, claims.values(), taken, spent=True)
            await rows.drop_claims(book.connection, spent.seq)
            await rows.save_booking(book.connection, spent, [], book.now)

    async def release(self, key: str) -> None:
        """The units are free again; those that are spent stay spent. An unknown key is nothing to release."""
        await self._release(key)

    async def _release(self, key: str, silent_since: datetime | None = None) -> bool:
        """Whether there was something to release; with `silent_since` only a hold without activity since then."""
        async with self._open(key) as book:
            known = book.booking
            if known is None or known.state not in ("waiting", "held"):
                return False
            if silent_since and not await book.connection.fetchval(
                "select state = 'held' and heard_at < $2 from quota_bookings where key = $1", key, silent_since
            ):
                return False
            await self._shift(book, (await book.claims()).values(), [])
            await rows.drop_claims(book.connection, known.seq)
            await rows.save_booking(book.connection, replace(known, state="released"), [], book.now)
            return True

    async def sweep(self) -> int:
        """Releases holds whose publications have shown no activity for a day, and returns how many. Deletes what ended
        three months ago."""
        now = self._clock()
        async with transaction(self._pool) as connection:
            silent = await connection.fetch(
                "select key from quota_bookings where state = 'held' and heard_at < $1 order by seq", now - SILENCE
            )
        released = [await self._release(row["key"], now - SILENCE) for row in silent]
        await quota_reports.forget(self._pool, now - KEPT)
        return sum(released)

    # --- limits: set by people, reported by platforms -------------------------------------------------------------

    async def correct(self, platform: Platform, account: str, readings: Sequence[QuotaReading]) -> None:
        """What the platform itself reports is believed; a reading of a bucket that is not kept is passed over."""
        known = [reading for reading in readings if (platform, reading.bucket) in self._buckets]
        async with self._locked(platform, account, [reading.bucket for reading in known]) as (connection, now, locked):
            for reading in known:
                await quota_reports.correct(connection, locked[reading.bucket], reading, now)

    async def spent(self, platform: Platform, account: str, bucket: str, until: datetime) -> None:
        """The platform refused for lack of quota: nothing more of the bucket is granted until then."""
        async with self._locked(platform, account, [bucket]) as (connection, _, locked):
            await quota_reports.close(connection, locked[bucket], until)

    async def set_limit(self, platform: Platform, bucket: str, units: int, account: str = "", *, by: str = "") -> None:
        """A person's limit, for one account or (empty) for all; a lower one that the platform reports still counts.

        Raises `InvalidInput` for a bucket that is not known or shared by all accounts, and for less than one unit."""
        definition = self._definition(platform, bucket)
        if not 1 <= units <= quota_reports.MOST:
            raise InvalidInput(f"{units} is no limit", field="limit", remedy=f"give 1 to {quota_reports.MOST}")
        if account and definition.scope != "account":
            raise InvalidInput(
                f"{platform.label}'s {definition.what} are counted for all accounts together",
                field="account",
                remedy="leave it out",
            )
        async with transaction(self._pool) as connection:
            await quota_reports.set_limit(connection, definition, account, units, self._clock(), by=by)

    async def state(self, platform: Platform | None = None, account: str | None = None) -> Sequence[BucketState]:
        """The present state of the ledger. An account that has never booked is shown when it is named."""
        wanted = [bucket for bucket in self._buckets.values() if platform in (None, bucket.platform)]
        for bucket in wanted:
            if bucket.scope == "app" or (platform and account):
                await self._make(bucket, rows.owner_of(bucket, account or ""))
        async with transaction(self._pool) as connection:
            return await quota_reports.state(connection, wanted, account, self._clock())

    # --- the machinery ----------------------------------------------------------------------------------------------

    def _definition(self, platform: Platform, name: str) -> Bucket:
        try:
            return self._buckets[platform, name]
        except KeyError:
            names = ", ".join(known for of, known in self._buckets if of is platform) or "none"
            raise InvalidInput(
                f"{platform.label} has no bucket {name[:80]!r}", field="bucket", remedy=f"there are: {names}"
            ) from None

    async def _make(self, bucket: Bucket, owner: str) -> None:
        """Makes the bucket's row if there is none, in a transaction of its own, and brings its limit up to date."""
        if (bucket, owner) not in self._made:
            async with transaction(self._pool) as connection:
                await quota_reports.make(connection, bucket, owner, self._clock())
            self._made.add((bucket, owner))

    @asynccontextmanager
    async def _locked(
        self, platform: Platform, account: str, names: Sequence[str]
    ) -> AsyncIterator[tuple[Any, datetime, dict[str, BucketRow]]]:
        """A transaction that holds the buckets' locks, and the time at which it got them."""
        buckets = [self._definition(platform, name) for name in names]
        for bucket in buckets:
            await self._make(bucket, rows.owner_of(bucket, account))
        async with transaction(self._pool) as connection:
            locked = await rows.buckets_of(connection, account, buckets)
            if len(locked) < len(buckets):
                self._made.clear()
                raise ProviderUnavailable(
                    "the database's books were replaced", field="database", remedy="it is tried again"
                )
            yield connection, self._clock(), locked

    @asynccontextmanager
    async def _open(self, key: str) -> AsyncIterator[_Book]:
        """The booking of `key`, if there is one, as it is once its buckets are locked."""
        async with transaction(self._pool) as connection:
            known = await rows.booking_of(connection, key)
            if known is None:
                yield _Book(connection, self._clock(), {}, None)
                return
            # A bucket that an older program kept is passed over, and its claims go with the booking.
            named = ((known.platform, name) for name in known.costs)
            buckets = [self._buckets[each] for each in named if each in self._buckets]
            locked = await rows.buckets_of(connection, known.account, buckets)
            yield _Book(connection, self._clock(), locked, await rows.booking_of(connection, key))

    def _planner(self, book: _Book, booking: BookingRow, *, newcomer: bool = False, due: bool = False) -> Planner:
        return Planner(
            book.connection,
            book.buckets,
            booking.costs,
            now=book.now,
            priority=booking.priority,
            seq=None if newcomer else booking.seq,
            due=due,
        )

    async def _shift(self, book: _Book, old: Iterable[Claim], new: Iterable[Claim], *, spent: bool = False) -> None:
        """Changes the windows' rooms: `old` claims are given back, `new` ones taken, and noted as used where that is
        so."""
        shifts = rows.Shifts()
        for claim in old:
            shifts.add(*_shift_of(book, claim, back=True))
        for claim in new:
            shifts.add(*_shift_of(book, claim))
            row = book.row(claim.bucket)
            if claim.held and row.bucket.window is WindowKind.ROLLING and (spent or row.bucket.early):
                await rows.add_use(book.connection, row, book.now, claim.units)
        await shifts.write(book.connection)

    def _slot(self, book: _Book, booking: BookingRow) -> Slot:
        if booking.state == "held":
            return Slot(granted=True, at=booking.slot_at)
        until = _utc(booking.slot_at)
        if booking.slot_bucket:
            bucket = book.buckets[booking.slot_bucket].bucket
            why = f"{bucket.platform.label}'s {bucket.what} are booked out until {until}"
        elif booking.scheduled:
            why = f"not before {until}"
        else:
            why = f"others of the account come first, until {until}"
        return Slot(granted=False, at=booking.slot_at, bucket=booking.slot_bucket, why=why)


def _newcomer(call: _Call, now: datetime) -> BookingRow:
    """A booking as it comes, not before its time."""
    booking, at = call.booking, max(now, call.booking.not_before or now)
    return BookingRow(
        key=booking.key,
        seq=0,
        platform=booking.platform,
        account=booking.account,
        priority=booking.priority,
        costs=call.costs,
        scheduled=at > now,
        state="waiting",
        slot_at=at,
        slot_bucket="",
    )


def _placed(booking: BookingRow, plan: Plan, now: datetime) -> BookingRow:
    """The booking with its turn; it holds its units when that has come."""
    if plan.at <= now:
        return replace(booking, state="held", slot_at=plan.at, slot_bucket="")
    return replace(booking, state="waiting", slot_at=plan.at, slot_bucket=plan.bucket)


def _claims(book: _Book, booking: BookingRow, plan: Plan) -> list[Claim]:
    """What the booking takes of each bucket's window."""
    return [_claim(row, booking, plan.places[name].window, plan.at) for name, row in book.buckets.items()]


def _kept(book: _Book, claims: Iterable[Claim]) -> list[Claim]:
    """Without those that are spent as soon as they are granted."""
    return [claim for claim in claims if not (claim.held and book.row(claim.bucket).bucket.early)]


def _claim(row: BucketRow, booking: BookingRow, window: Window, at: datetime) -> Claim:
    units = booking.costs[row.bucket.name]
    return Claim(row.id, units, booking.priority, window.start, at, held=booking.state != "waiting")


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _shift_of(book: _Book, claim: Claim, *, back: bool = False) -> tuple[BucketRow, Window, tuple[int, ...]]:
    """How a claim changes its window, or how giving it back does."""
    row, change = book.row(claim.bucket), claim.change
    return row, window_at(row.bucket, claim.starts_at), tuple(-each for each in change) if back else change
