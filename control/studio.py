"""What the operations are handed: the one object that a front end builds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from reelwright.domain.errors import ProviderUnavailable
from reelwright.domain.people import HERE, Caller

if TYPE_CHECKING:  # what only some operations need is loaded by them
    from reelwright.domain.ports.making import MediaStore
    from reelwright.domain.ports.media import MediaIntake
    from reelwright.storage.accounts import PostgresAccountStore
    from reelwright.storage.api_tokens import PostgresApiTokens
    from reelwright.storage.audit import PostgresAudit
    from reelwright.storage.batches import PostgresBatches
    from reelwright.storage.boards import PostgresBoards
    from reelwright.storage.budgets import PostgresBudgets
    from reelwright.storage.calendar import PostgresCalendar
    from reelwright.storage.channels import PostgresChannels
    from reelwright.storage.connecting import PostgresConnections
    from reelwright.storage.consents import PostgresConsents
    from reelwright.storage.contents import PostgresContents
    from reelwright.storage.evidence import PostgresEvidence
    from reelwright.storage.feeds import PostgresFeeds
    from reelwright.storage.grants import PostgresGrants
    from reelwright.storage.links import PostgresLinks
    from reelwright.storage.news import PostgresNews
    from reelwright.storage.oidc_logins import PostgresOidcLogins
    from reelwright.storage.own_media import PostgresMediaBook
    from reelwright.storage.pauses import PostgresGate
    from reelwright.storage.people import PostgresPeople
    from reelwright.storage.quota.ledger import PostgresQuotaLedger
    from reelwright.storage.sessions import PostgresSessions
    from reelwright.storage.unknown import PostgresUnknown
    from reelwright.storage.uploads import PostgresUploads

    from .background import Layout
    from .temporal.port import Client


class NoStudio(ProviderUnavailable):
    """There is none to talk to, and none is to be started."""

    def __init__(self, *, field: str) -> None:
        super().__init__("no studio is running", field=field, remedy="start one with `reelwright up`")


@dataclass(frozen=True)
class Studio:
    """A connected studio. `contents` is None without a database: then only what Temporal still has is reported.
    `media` opens the media store; it is called by the operations that move files. `layout` lays a plan out in time.
    `intake` takes in the user's own media; None without a database. `caller` is who asks: operations check the role."""

    client: Client
    contents: PostgresContents | None
    media: Callable[[], MediaStore]
    layout: Layout
    intake: Callable[[], MediaIntake] | None = None
    caller: Caller = HERE

    @property
    def channels(self) -> PostgresChannels | None:
        """The versions of channels; None without a database."""
        from reelwright.storage.channels import PostgresChannels

        return PostgresChannels(self.contents.pool) if self.contents else None


@dataclass(frozen=True)
class Books:
    """A studio's database alone: for quotas, pauses and accounts no Temporal is needed. `pool` is an `asyncpg.Pool`;
    the vault is opened only when `accounts` is asked for. `caller` is who asks: operations check the role."""

    pool: Any
    secret_key: SecretStr
    caller: Caller = HERE

    @property
    def quota(self) -> PostgresQuotaLedger:
        """What is used of the platforms' quotas."""
        from reelwright.storage.quota.ledger import PostgresQuotaLedger

        return PostgresQuotaLedger(self.pool)

    @property
    def gate(self) -> PostgresGate:
        """What is paused."""
        from reelwright.storage.pauses import PostgresGate

        return PostgresGate(self.pool)

    @property
    def channels(self) -> PostgresChannels:
        """The versions of channels."""
        from reelwright.storage.channels import PostgresChannels

        return PostgresChannels(self.pool)

    @property
    def budgets(self) -> PostgresBudgets:
        """What the channels may spend, and what was spent."""
        from reelwright.storage.budgets import PostgresBudgets

        return PostgresBudgets(self.pool)

    @property
    def calendar(self) -> PostgresCalendar:
        """What was posted and will be, in time."""
        from reelwright.storage.calendar import PostgresCalendar

        return PostgresCalendar(self.pool)

    @property
    def unknown(self) -> PostgresUnknown:
        """Purchases of which nobody knows whether they were charged for."""
        from reelwright.storage.unknown import PostgresUnknown

        return PostgresUnknown(self.pool)

    @property
    def batches(self) -> PostgresBatches:
        """Batches and their items."""
        from reelwright.storage.batches import PostgresBatches

        return PostgresBatches(self.pool)

    @property
    def uploads(self) -> PostgresUploads:
        """Files that are being sent in parts."""
        from reelwright.storage.uploads import PostgresUploads

        return PostgresUploads(self.pool)

    @property
    def links(self) -> PostgresLinks:
        """Signed links to reviews."""
        from reelwright.storage.links import PostgresLinks

        return PostgresLinks(self.pool)

    @property
    def own_media(self) -> PostgresMediaBook:
        """The user's own files in the media store."""
        from reelwright.storage.own_media import PostgresMediaBook

        return PostgresMediaBook(self.pool)

    @property
    def boards(self) -> PostgresBoards:
        """How each content stands."""
        from reelwright.storage.boards import PostgresBoards

        return PostgresBoards(self.pool)

    @property
    def news(self) -> PostgresNews:
        """Which rows have changed."""
        from reelwright.storage.news import PostgresNews

        return PostgresNews(self.pool)

    @property
    def accounts(self) -> PostgresAccountStore:
        """Who posts where, and with which tokens."""
        from reelwright.storage.accounts import PostgresAccountStore
        from reelwright.storage.vault import Vault

        return PostgresAccountStore(self.pool, Vault(self.secret_key))

    @property
    def connections(self) -> PostgresConnections:
        """Accounts that are being connected."""
        from reelwright.storage.connecting import PostgresConnections
        from reelwright.storage.vault import Vault

        return PostgresConnections(self.pool, Vault(self.secret_key))

    @property
    def grants(self) -> PostgresGrants:
        """What people have allowed our applications."""
        from reelwright.storage.grants import PostgresGrants
        from reelwright.storage.vault import Vault

        return PostgresGrants(self.pool, Vault(self.secret_key))

    @property
    def audit(self) -> PostgresAudit:
        """Who decided or changed what."""
        from reelwright.storage.audit import PostgresAudit

        return PostgresAudit(self.pool)

    @property
    def evidence(self) -> PostgresEvidence:
        """What is on record about assets and decisions."""
        from reelwright.storage.evidence import PostgresEvidence

        return PostgresEvidence(self.pool)

    @property
    def feeds(self) -> PostgresFeeds:
        """Sources of feeds, and what has become of their entries."""
        from reelwright.storage.feeds import PostgresFeeds

        return PostgresFeeds(self.pool)

    @property
    def consents(self) -> PostgresConsents:
        """What people and licences allow."""
        from reelwright.storage.consents import PostgresConsents

        return PostgresConsents(self.pool)

    @property
    def people(self) -> PostgresPeople:
        """Who may sign in."""
        from reelwright.storage.people import PostgresPeople

        return PostgresPeople(self.pool)

    @property
    def sessions(self) -> PostgresSessions:
        """Who is signed in."""
        from reelwright.storage.sessions import PostgresSessions

        return PostgresSessions(self.pool)

    @property
    def api_tokens(self) -> PostgresApiTokens:
        """What programs act with."""
        from reelwright.storage.api_tokens import PostgresApiTokens

        return PostgresApiTokens(self.pool)

    @property
    def oidc_logins(self) -> PostgresOidcLogins:
        """Sign-ins under way at an identity provider."""
        from reelwright.storage.oidc_logins import PostgresOidcLogins

        return PostgresOidcLogins(self.pool)
