"""Connecting Instagram accounts by Facebook Login (docs/connecting.md#instagram): each belongs to a Facebook page,
whose token it is posted to with. Instagram's own login gives tokens that cannot upload bytes."""

from __future__ import annotations

from typing import Any

import httpx

from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.domain.publishing.connecting import Choice, Identity, ScopeUse

from ..common.connect import text
from ..meta.connect import LISTED, PORTFOLIO, MetaConnect, picture_of
from .settings import InstagramSettings

SCOPES = (
    LISTED,
    ScopeUse(name="instagram_basic", gives="knowing whose account it is", needed=True),
    ScopeUse(name="instagram_content_publish", gives="posting", needed=True),
    ScopeUse(name="pages_read_engagement", gives="finding the page's Instagram account", needed=True),
    ScopeUse(name="instagram_manage_comments", gives="first comments"),
    ScopeUse(name="instagram_manage_insights", gives="figures: views, reach"),
    ScopeUse(name="instagram_manage_contents", gives="deleting posts"),
    PORTFOLIO,
)


class InstagramConnect(MetaConnect):
    """See `domain.ports.connecting.Connector`."""

    platform = Platform.INSTAGRAM
    short = "i"
    wanted = SCOPES

    def __init__(self, http: httpx.AsyncClient, settings: InstagramSettings, origin: Origin) -> None:
        super().__init__(http, settings, origin, settings.instagram_scopes)

    def choice(self, page: dict[str, Any]) -> Choice:
        """See `MetaConnect.choice`. A page without an Instagram account is shown with the reason."""
        linked: Any = page.get("instagram_business_account")
        name = text(page.get("name")) or text(page.get("id"))
        if not isinstance(linked, dict) or not linked.get("id"):
            why = (
                "this page has no Instagram account: it must be a professional one, linked to the page, and ticked"
                " in the dialog"
            )
            page_id = text(page.get("id"))
            return Choice(identity=Identity(external_id=page_id, name=name, kind="page", refused=why))
        handle = text(linked.get("username"))
        identity = Identity(
            external_id=text(linked.get("id")),
            name=text(linked.get("name")) or handle or text(linked.get("id")),
            kind="account",
            handle=f"@{handle}" if handle else "",
            picture=text(linked.get("profile_picture_url"), 2_000) or picture_of(page),
            details=f"by the page {name}",
        )
        return Choice(identity=identity, options={"page_id": text(page.get("id"))})

    def fields(self) -> str:
        """See `MetaConnect.fields`."""
        return "id,username"
