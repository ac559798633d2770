"""Does what batches are for, through `control`, in the name of whoever made the batch."""

from __future__ import annotations

from dataclasses import dataclass, replace

from control import contents, operations
from control.retrying import Wanted
from control.studio import Studio
from reelwright.domain.batches import BatchAction
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.people import Caller, Role


@dataclass(frozen=True)
class ControlDesk:
    """`studio` is opened for the process; each call is made as an operator of the batch maker's name, whose role was
    checked when the batch was made."""

    studio: Studio

    async def start(self, content_id: str, request: ContentRequest, *, by: str) -> str:
        """Starts it, or finds it started."""
        _, new = await contents.start(self.studio.client, self.studio.contents, content_id, request)
        return "started" if new else "was started before"

    async def act(self, action: BatchAction, content_id: str, *, by: str) -> str:
        """Stops it, or tries its failed posts again."""
        studio = self._as(by)
        if action is BatchAction.CANCEL:
            await operations.cancel(studio, content_id)
            return "its cancellation was requested"
        _, started = await operations.retry(studio, content_id, Wanted())
        return ", ".join(f"{one.platform.value} {one.error or 'is tried again'}" for one in started)

    def _as(self, by: str) -> Studio:
        return replace(self.studio, caller=Caller(name=by, role=Role.OPERATOR))
