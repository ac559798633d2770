"""The paths of the first specifications: the same operations as below `/v1`, under their old names."""

from __future__ import annotations

from http import HTTPStatus

from control import channel_put, channels, operations
from control.studio import Books
from reelwright.domain.people import Role

from ..calls import Called
from ..models.contents import ContentStatus, NewContent, Started, Stopping
from ..models.house import Models, ModelsOfChannel, NewModels, Version
from ..models.money import Experiment, Experiments, NewExperiment
from ..parameters import ContentPath
from ..problems import Refused
from ..routing import operation
from .contents import started

TAG, CONFIG = "Pipeline", "Configuration"


@operation(
    "POST", "/pipeline/start", needs=Role.OPERATOR, tag=TAG, answers=Started, status=201, once="required",
    responses={200: {"model": Started, "description": "The same request was started before"}},
)  # fmt: skip
async def start_pipeline(call: Called, body: NewContent) -> Started:
    """As `POST /v1/contents`."""
    return await started(call, body)


@operation("GET", "/pipeline/status/{id:path}", needs=Role.VIEWER, tag=TAG, answers=ContentStatus)
async def pipeline_status(call: Called, id: ContentPath) -> ContentStatus:
    """As `GET /v1/contents/{id}`."""
    return ContentStatus.told(await operations.status(call.studio, id))


@operation("POST", "/pipeline/stop/{id:path}", needs=Role.OPERATOR, tag=TAG, answers=Stopping, status=202)
async def stop_pipeline(call: Called, id: ContentPath) -> Stopping:
    """As `POST /v1/contents/{id}/cancel`."""
    return Stopping.model_validate(await operations.cancel(call.studio, id))


@operation("GET", "/config/models", needs=Role.VIEWER, tag=CONFIG, answers=Models)
async def get_models(call: Called) -> Models:
    """Which providers and models make what, by channel."""
    return await _models(call.books, call.parts.providers)


@operation("POST", "/config/models", needs=Role.ADMIN, tag=CONFIG, answers=Version)
async def set_models(call: Called, body: NewModels) -> Version:
    """Other providers for a channel, as a new version of it."""
    applied = await channel_put.set_providers(
        call.books, body.channel, body.providers, by=call.caller.name, known=call.parts.providers
    )
    return Version.applied(applied)


async def _models(books: Books, known: channel_put.Providers) -> Models:
    rows = []
    for shown in await channels.channels(books):
        config = shown.whole or shown.version.config
        providers = {str(capability): tuple(names) for capability, names in config.providers.items()}
        rows.append(ModelsOfChannel(channel=shown.version.name, version=shown.version.version, providers=providers))
    return Models(items=tuple(rows), known={str(capability): tuple(names) for capability, names in known.items()})


@operation("GET", "/config/ab-test", needs=Role.VIEWER, tag=CONFIG, answers=Experiments)
async def get_experiments(call: Called) -> Experiments:
    """The experiments. This build has none: `offered` is false."""
    return Experiments()


@operation("POST", "/config/ab-test", needs=Role.ADMIN, tag=CONFIG, answers=Experiment, once="", refuses=(409,))
async def start_experiment(call: Called, body: NewExperiment) -> Experiment:
    """Starts an experiment. This build has none, and answers 409."""
    raise Refused(
        HTTPStatus.CONFLICT,
        "this build has no experiments yet",
        field="",
        remedy="GET /api/config/ab-test says `offered` once it has",
        kind="not-offered",
    )


OPERATIONS = [
    start_pipeline,
    pipeline_status,
    stop_pipeline,
    get_models,
    set_models,
    get_experiments,
    start_experiment,
]
