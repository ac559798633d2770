"""The writer the studio uses: picks the right one for each request."""

from __future__ import annotations

from reelwright.domain.content.story import Story, WriteTask
from reelwright.domain.costs.estimate import Estimate, free
from reelwright.domain.ports.making import PricedWriter, Writer

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
        return await self._chosen(task).write(task)

    def estimate(self, task: WriteTask) -> Estimate:
        """What the story may cost by the writer used."""
        writer = self._chosen(task)
        return writer.estimate(task) if isinstance(writer, PricedWriter) else free("writing", writer.name)

    def _chosen(self, task: WriteTask) -> Writer:
        if task.request.script is not None:
            return self._script
        if task.item is not None or task.request.source in ("item", "feed"):
            return self._item
        return self._topic
