"""Parameters that several operations have."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Path, Query

from reelwright.domain.formats import Platform
from reelwright.domain.ids import ACCOUNT

from .cursors import CURSOR_CHARS

ROWS, MOST_ROWS = 100, 500

Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="rows of a page")]
After = Annotated[
    str | None, Query(max_length=CURSOR_CHARS, description="the `next` of the page before; the first page without it")
]
ChannelQuery = Annotated[str | None, Query(pattern=ACCOUNT, description="only of this channel")]
PlatformQuery = Annotated[Platform | None, Query(description="only of this platform")]
AccountQuery = Annotated[str | None, Query(pattern=ACCOUNT, description="only of this account")]
ContentPath = Annotated[str, Path(min_length=1, max_length=1_000, description="the content's id, or its workflow's")]
ChannelPath = Annotated[str, Path(pattern=ACCOUNT, description="the channel's name")]
AccountPath = Annotated[str, Path(pattern=ACCOUNT, description="the account's name")]
PlatformPath = Annotated[Platform, Path()]
IfMatch = Annotated[str | None, Header(description="the `ETag` of the version that you have seen; `*` never suffices")]
