"""The specifications of libraries, makers of clips and composers: cheap to import, complete, buildable."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import ValidationError

from reelwright.domain.costs.prices import PriceTable
from reelwright.domain.ports.providing import PricedComposer, PricedIllustrator
from reelwright.providers.clips.specs import SPECS as CLIPS
from reelwright.providers.common.spec import ProviderSpec, Tools
from reelwright.providers.music.specs import SPECS as MUSIC
from reelwright.providers.stock.settings import StockSettings
from reelwright.providers.stock.specs import SPECS as STOCK
from tests.stand_ins.libraries import Memory

ALL = (*STOCK, *CLIPS, *MUSIC)
KEYS = {
    "PEXELS_API_KEY": "a-pexels-key-1",
    "PIXABAY_API_KEY": "a-pixabay-key-1",
    "REELWRIGHT_CONTACT": "studio@example.org",
    "RUNWAYML_API_SECRET": "a-runway-key-1",
    "LUMA_AGENTS_API_KEY": "a-luma-key-1",
    "ELEVENLABS_API_KEY": "an-elevenlabs-key-1",
    "MUBERT_CUSTOMER_ID": "customer-1",
    "MUBERT_ACCESS_TOKEN": "a-mubert-token-1",
}


@dataclass
class Shared:
    stock: Memory


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: f"{spec.capability}-{spec.name}")
def test_a_provider_names_what_it_misses_and_is_built_of_its_settings(spec: ProviderSpec[Any]) -> None:
    missing = spec.missing(spec.settings())
    assert set(missing) <= set(KEYS) and bool(missing) != spec.offline
    settings = spec.settings.model_validate({name: KEYS[name] for name in missing})
    assert spec.missing(settings) == ()
    made = spec.build(settings, Tools(PriceTable(), Shared(Memory())))
    assert made.name.partition(":")[0] == spec.name
    if spec.capability == "images":
        assert isinstance(made, PricedIllustrator)
    elif spec.capability == "music" and not spec.offline:
        assert isinstance(made, PricedComposer)
    elif spec.capability == "clips":
        assert all(callable(getattr(made, name)) for name in ("estimate", "submit", "poll", "fetch", "cancel"))
    for value in map(KEYS.get, missing):
        assert value is None or "@" in value or value == "customer-1" or value not in repr(settings)


def test_no_name_stands_twice() -> None:
    names = [(spec.capability, spec.name) for spec in ALL]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("licences", ("by-nc", "cc0,by-nd", "all", ""))
def test_settings_cannot_accept_what_forbids_the_use(licences: str) -> None:
    with pytest.raises(ValidationError):
        StockSettings.model_validate({"REELWRIGHT_STOCK_LICENCES": licences})
    assert StockSettings.model_validate({"REELWRIGHT_STOCK_LICENCES": "cc0, by-sa"}).stock_rules.licences == {
        "cc0",
        "by-sa",
    }


def test_the_contact_goes_along() -> None:
    settings = StockSettings.model_validate({"REELWRIGHT_CONTACT": "studio@example.org"})
    assert "(studio@example.org)" in settings.stock_rules.user_agent
    with pytest.raises(ValidationError):
        StockSettings.model_validate({"REELWRIGHT_CONTACT": "me\r\nX-Other: header"})


def test_importing_them_loads_no_adapter() -> None:
    code = (
        "import sys; import reelwright.providers.stock.specs, reelwright.providers.clips.specs, "
        "reelwright.providers.music.specs; "
        "print(*sorted({'httpx', 'av', 'PIL', 'lxml', 'numpy'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == ""
