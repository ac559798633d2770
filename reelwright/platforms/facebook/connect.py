"""Connecting Facebook pages (docs/connecting.md#facebook)."""

from __future__ import annotations

from typing import Any

import httpx

from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.domain.publishing.connecting import Choice, Identity, ScopeUse

from ..common.connect import text
from ..meta.connect import LISTED, PORTFOLIO, MetaConnect, picture_of
from .settings import FacebookSettings

SCOPES = (
    LISTED,
    ScopeUse(name="pages_manage_posts", gives="posting", needed=True),
    ScopeUse(name="pages_read_engagement", gives="reading back what was posted", needed=True),
    ScopeUse(name="pages_manage_engagement", gives="first comments"),
    ScopeUse(name="pages_read_user_content", gives="reading comments"),
    ScopeUse(name="read_insights", gives="figures: views, reach"),
    PORTFOLIO,
)


class FacebookConnect(MetaConnect):
    """See `domain.ports.connecting.Connector`."""

    platform = Platform.FACEBOOK
    short = "f"
    wanted = SCOPES

    def __init__(self, http: httpx.AsyncClient, settings: FacebookSettings, origin: Origin) -> None:
        super().__init__(http, settings, origin, settings.facebook_scopes)

    def choice(self, page: dict[str, Any]) -> Choice:
        """See `MetaConnect.choice`."""
        handle = text(page.get("username"))
        identity = Identity(
            external_id=text(page.get("id")),
            name=text(page.get("name")) or text(page.get("id")),
            kind="page",
            handle=f"@{handle}" if handle else "",
            picture=picture_of(page),
        )
        return Choice(identity=identity)

    def fields(self) -> str:
        """See `MetaConnect.fields`."""
        return "id,name,link"
