"""The bases every model here stands on.

A model's validator is built when it is first used (`defer_build`): otherwise importing the models costs a fifth of a
second of CPU, which every command would pay. Safe in threads from Pydantic 2.14 on (pydantic #13438).
"""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, SerializationInfo, SerializerFunctionWrapHandler, model_serializer


class Model(BaseModel):
    """A frozen value that travels between our own processes.

    Unknown fields are ignored, so that a field added with a default does not break an older worker.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class UserInput(BaseModel):
    """A frozen value that a person types: an unknown field is a typing error, and is reported as one."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Grown(BaseModel):
    """A model that has got fields since its first release, named in `added`.

    Such a field is left out of the JSON while it has its default. The sha256 of what was made before the field existed
    then stays what it was: keys of effects, digests that reviewers gave, and what replayed workflows compute anew.
    """

    added: ClassVar[frozenset[str]] = frozenset()

    @model_serializer(mode="wrap")
    def _without_unused(self, handler: SerializerFunctionWrapHandler, info: SerializationInfo) -> dict[str, Any]:
        data: dict[str, Any] = handler(self)
        fields = type(self).model_fields
        # With `exclude_unset`, a field that was set is kept also where it has its default.
        wanted = self.model_fields_set if info.exclude_unset else frozenset[str]()
        unused = {name for name in self.added - wanted if getattr(self, name) == fields[name].get_default()}
        return {name: value for name, value in data.items() if name not in unused}
