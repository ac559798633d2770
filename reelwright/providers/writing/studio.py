"""The writer the studio uses: picks the right one for each request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from reelwright.domain.content.story import Story, WriteTask
from reelwright.domain.costs.estimate import Estimate, free
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ports.making import PricedWriter, Writer

from .composer import TemplateComposer
from .extract import FeedWriter
from .script import ScriptWriter
from .translated import Translated, left_out


@runtime_checkable
class Translator(Protocol):
    """A writer that translates a story's words."""

    async def translate(self, story: Story, languages: Sequence[str]) -> Translated:
        """See `ModelWriter.translate`."""
        ...


class StudioWriter:
    """A script is kept word for word; an entry or a topic goes to the language model where there is one.

    Without a model an entry is summarised by its own sentences and a topic composed from templates; a revision of
    either is another take. A script's captions in other languages are the model's too; without one they are refused,
    or left out with a note where it stands in for a model that is away (`stand_in`). `name` names the writers in use.
    """

    def __init__(self, model: Writer | None = None, *, stand_in: bool = False) -> None:
        self._script = ScriptWriter()
        self._model = model
        self._item: Writer = model or FeedWriter()
        self._topic: Writer = model or TemplateComposer()
        self._stand_in = stand_in
        names = [self._script.name, self._item.name, self._topic.name]
        self.name = "+".join(dict.fromkeys(names))

    async def write(self, task: WriteTask) -> Story:
        """The story; errors are those of the writer used."""
        writer, languages = self._chosen(task), task.request.translated_into
        if not languages or (writer is self._model and isinstance(writer, Translator)):
            return await writer.write(task)
        if isinstance(self._model, Translator):
            story = await writer.write(task)
            return (await self._model.translate(story, languages)).added_to(story)
        if not self._stand_in:
            raise InvalidInput(
                "there is no language model that could translate",
                field="caption_languages",
                remedy="set the key of one, give `translations` with a script, or leave it out",
            )
        notes = tuple(left_out(language, "no language model is there to translate") for language in languages)
        return Translated(notes=notes).added_to(await writer.write(task))

    def estimate(self, task: WriteTask) -> Estimate:
        """What the story may cost by the writers used."""
        writer = self._chosen(task)
        if task.request.translated_into and self._model is not None:
            writer = self._model  # of a script it has the translations alone
        return writer.estimate(task) if isinstance(writer, PricedWriter) else free("writing", writer.name)

    def _chosen(self, task: WriteTask) -> Writer:
        if task.request.script is not None:
            return self._script
        if task.item is not None or task.request.source in ("item", "feed"):
            return self._item
        return self._topic
