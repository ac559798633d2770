"""`reelwright cost` and `reelwright budget`: the commands and their options; what they do is in `costs`."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import AsJson, OfChannel, one_of, user_name

app = typer.Typer(help="What the channels may spend: limits, spent, reserved, left.", no_args_is_help=True)

Limit = str | None
_AMOUNT = "US dollars, or none."


def cost(
    by: Annotated[
        str,
        typer.Option(
            "--by",
            help="day, channel, provider or content.",
            autocompletion=one_of("day", "channel", "provider", "content"),
        ),
    ] = "day",
    channel: OfChannel = None,
    since: Annotated[str | None, typer.Option(metavar="DAY", help="From this day on, in UTC: 2026-12-01.")] = None,
    as_json: AsJson = False,
) -> None:
    """What was paid to providers, in US dollars. A purchase counts on the day (UTC) of its reservation, as budgets
    count it. See docs/costs.md."""
    from . import console, costs

    console.run(costs.cost(by, channel=channel, since=since, as_json=as_json), as_json=as_json)


@app.command("show")
def show_command(channel: OfChannel = None, as_json: AsJson = False) -> None:
    """The limits of each channel, and what of them is spent, reserved and left. Days and months are those of UTC."""
    from . import console, costs

    console.run(costs.show(channel, as_json=as_json), as_json=as_json)


@app.command("set")
def set_command(
    channel: Annotated[str, typer.Argument(help="The channel's name.")],
    by: Annotated[str, typer.Option("--by", help="Who sets it; kept with the version.", default_factory=user_name)],
    per_content: Annotated[
        Limit, typer.Option(metavar="USD", help=f"The most that one content may cost: {_AMOUNT}")
    ] = None,
    per_day: Annotated[
        Limit, typer.Option(metavar="USD", help=f"The most that a day (UTC) may cost: {_AMOUNT}")
    ] = None,
    per_month: Annotated[Limit, typer.Option(metavar="USD", help=f"The most that a month may cost: {_AMOUNT}")] = None,
    as_json: AsJson = False,
) -> None:
    """Set limits of a channel: a new version of its configuration, in force at once for running contents too. Contents
    that wait for the budget look again."""
    from . import console, costs

    given = {"content": per_content, "day": per_day, "month": per_month}
    limits = {period: limit for period, limit in given.items() if limit is not None}
    console.run(costs.change(channel, limits, by=by, as_json=as_json), as_json=as_json)


@app.command("unknown")
def unknown_command(as_json: AsJson = False) -> None:
    """Purchases of which nobody knows whether they were charged for: a worker died, or a connection broke, between the
    call and its answer. What is reserved for them counts until they are settled."""
    from . import console, unknown

    console.run(unknown.show(as_json=as_json), as_json=as_json)


@app.command("settle")
def settle_command(
    purchase: Annotated[int, typer.Argument(help="Its number, from `budget unknown`.")],
    usd: Annotated[str, typer.Option(metavar="USD", help="What the provider charged for it; 0 where it did not.")],
    by: Annotated[str, typer.Option("--by", help="Who has looked; kept in the audit.", default_factory=user_name)],
    as_json: AsJson = False,
) -> None:
    """Say what the provider's own list of calls shows of such a purchase."""
    from . import console, unknown

    console.run(unknown.settle(purchase, usd, by=by, as_json=as_json), as_json=as_json)
