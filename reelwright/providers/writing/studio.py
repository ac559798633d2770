"""The writer the studio uses: picks the right one for each request."""

from __future__ import annotations

from reelwright.domain.content.story import Story, WriteTask
from reelwright.domain.ports.making import Writer

from .composer import TemplateComposer
from .extract import FeedWriter
from .script import ScriptWriter


class StudioWriter:
    """A script is kept word for word; an entry or a topic goes to the language model where there is one.

    Without a model an entry is summarised by its own sentences and a topic composed from templates; a revision of
    either is another take. `name` names the writers in use.
    """

    def __init__(self, model: Writer | None = None) -> None:
        self._script = ScriptWriter()
        self._item: Writer = model or FeedWriter()
        self._topic: Writer = model or TemplateComposer()
        names = [self._script.name, self._item.name, self._topic.name]
        self.name = "+".join(dict.fromkeys(names))

    async def write(self, task: WriteTask) -> Story:
        """The story; errors are those of the writer used."""
        if task.request.script is not None:
            return await self._script.write(task)
        if task.item is not None or task.request.source in ("item", "feed"):
            return await self._item.write(task)
        return await self._topic.write(task)
