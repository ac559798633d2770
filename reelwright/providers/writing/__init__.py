"""Who writes the story: the person's own script, a summary, templates, or a language model.

The writers by model are in `openai` and `anthropic`; they are not imported here, since their SDKs take
seconds to load and an offline studio never needs them.
"""

from .composer import TemplateComposer
from .extract import FeedWriter
from .script import ScriptWriter
from .studio import StudioWriter

__all__ = ["FeedWriter", "ScriptWriter", "StudioWriter", "TemplateComposer"]
