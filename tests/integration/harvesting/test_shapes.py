"""The whole corpus of feed shapes, harvested over HTTP into PostgreSQL: each entry that can be told is claimed once."""

from __future__ import annotations

from typing import Any

import pytest

from reelwright.domain.content.request import ContentRequest
from reelwright.providers.feeds import dates
from tests.unit.feed_shapes import SHAPES
from tests.unit.test_feeds import Page, Site

from .kit import NOW, Harvester

OPTIONS = {"least_words": 5, "max_age_days": 3_650, "most_items": 1}


@pytest.mark.lengthy
async def test_every_shape_is_harvested_once(pool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates.Dates, "is_future", lambda self, when: when > NOW + dates.CLOCK_ERROR)
    harvester, wrong = Harvester(pool), []
    assert len(SHAPES) >= 40
    with Site.running() as site:
        for n, shape in enumerate(SHAPES):
            headers = {"Content-Type": shape.content_type} if shape.content_type else {}
            site.pages[f"/{n}"] = Page(shape.data, headers=headers)
            source = await harvester.add(f"{site.url}/{n}", **OPTIONS)
            found = await harvester.read(source)
            if shape.refused:
                told = found.error or "; ".join(item.reason for item in await harvester.items(source))
                if found.claimed or not told:
                    wrong.append(f"{shape.name}: refused, but {found}")
                continue
            if len(found.claimed) != 1:
                wrong.append(f"{shape.name}: {found} {await harvester.items(source)}")
                continue
            claimed = await harvester.book.request(found.claimed[0].content_id)
            item = ContentRequest.model_validate(claimed.request).item
            assert item is not None
            if (item.title, item.text[: len(shape.begins)], item.published) != (
                shape.title, shape.begins, shape.published,
            ):  # fmt: skip
                wrong.append(f"{shape.name}: {item.title!r} {item.text[:60]!r} {item.published}")
            await harvester.start(found)
            again = await harvester.read(source)
            if found.claimed[0].content_id in [one.content_id for one in again.claimed]:
                wrong.append(f"{shape.name}: twice")
    assert not wrong, "\n".join(wrong)
