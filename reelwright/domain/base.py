"""The two bases every model here stands on."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen value that travels between our own processes.

    Unknown fields are ignored, so that a field added with a default does not break an older worker.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")


class UserInput(BaseModel):
    """A frozen value that a person types: an unknown field is a typing error, and is told as one."""

    model_config = ConfigDict(frozen=True, extra="forbid")
