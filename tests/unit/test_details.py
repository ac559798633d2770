"""What workflows show in Temporal's UI: Markdown of our own, in which outside text stays text."""

from __future__ import annotations

import pytest
from temporalio import workflow

from workflows import details


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    shown: list[str] = []
    monkeypatch.setattr(workflow, "set_current_details", shown.append)
    return shown


def test_outside_text_is_neither_markup_nor_a_row_of_its_own(page: list[str]) -> None:
    bad = "<script>x</script> [a](javascript:1) | b\n| c | **d** &lt;"
    details.show("**h**", ("step", "state"), [("post", bad)], [bad])
    row, note = (line for line in page[0].splitlines() if "script" in line)
    assert row.startswith("| post | ") and note.startswith("- ")
    for line in (row, note):
        assert all(f"\\{sign}" in line for sign in "<>[]|*&"), "each is escaped"
        assert not any(f"{before}{sign}" in line for sign in "<[*&" for before in " >x"), "none stands bare"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("https://x.com/i/status/1_2", "<https://x.com/i/status/1_2>"),
        ("see https://x.com/a_b", "see https://x.com/a\\_b"),
        ("https://x.com/<b>", "https://x.com/\\<b\\>"),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_an_address_alone_is_a_link(page: list[str], cell: str, shown: str) -> None:
    details.show("h", ("", ""), [("post", cell)], [])
    assert f"| post | {shown} |" in page[0].splitlines()


def test_a_page_stays_below_what_temporal_takes(page: list[str]) -> None:
    details.show("h", ("", ""), [], ["я" * 10_000] * 100)
    assert 10_000 < len(page[0].encode()) <= details.PAGE_BYTES
