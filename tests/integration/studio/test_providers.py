"""Contents by providers on the wire, in a real studio: with everything well, and with every provider failing.
`make providers` has all of them, failing in each way."""

from __future__ import annotations

from tests.faults.providers.making import Found
from tests.faults.providers.vendors import Vendors
from tests.faults.providers.ways import cases
from tests.faults.providers.whole import Whole

from .running import LocalStudio


def test_contents_are_made_by_providers_and_end_without_them(studio: LocalStudio, vendors: Vendors) -> None:
    whole = Whole(studio, vendors, found := Found())
    whole.well(
        "by-providers", {"writing": "openai", "speech": "elevenlabs", "images": "stability", "music": "elevenlabs"}
    )
    ways = {
        "speech": "gemini: audio of zero length",
        "images": "gemini: not an image",
        "music": "elevenlabs: spent credit",
    }
    wanted = {f"{capability}/{way}" for capability, way in ways.items()}
    failing = [case for case in cases() if case.name in wanted]
    whole.failing("without-providers", "each its own", failing, script="The moon pulls at the sea.")
    assert found.wrong == []
    assert (found.runs, found.fell_back) == (2, 1)
