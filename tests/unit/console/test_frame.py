"""The frame of the console: who may come in, errors as pages and problems, assets, templates that escape."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.routing import Route

from console.app import create_app
from console.assets import ASSETS, IN_BASE, _wrapped
from console.templating import ENVIRONMENT
from control.access import allowed
from reelwright.domain.people import Caller, NotAllowed, Role
from tests.console_app import ORIGIN, PERSONS, app_of, browsing, parts_of

CONSOLE = Path(__file__).parents[3] / "console"
TEMPLATES = sorted((CONSOLE / "templates").glob("*.html"))
SCRIPTS = sorted((CONSOLE / "static").glob("*.js"))


async def test_nobody_is_sent_to_the_login_and_comes_back() -> None:
    async with browsing(app_of(caller=None)) as client:
        answer = await client.get("/contents?stage=done")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/login?to=%2Fcontents%3Fstage%3Ddone"


async def test_a_program_without_a_token_is_told_401_as_a_problem() -> None:
    async with browsing(app_of(caller=None), Accept="application/json") as client:
        answer = await client.get("/contents")
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == 401


async def test_a_role_that_does_not_suffice_is_named() -> None:
    async with browsing(app_of(caller=PERSONS[Role.VIEWER])) as client:
        answer = await client.post("/contents/content-x/cancel")
        assert answer.status_code == 403
        assert "needs the role operator" in answer.text


async def test_what_a_title_holds_is_text() -> None:
    shown = ENVIRONMENT.from_string("<td>{{ title }}</td>").render(title="<script>alert(1)</script>")
    assert shown == "<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>"


async def test_a_fault_of_the_program_is_not_told_to_browsers() -> None:
    async def broken(connection: object) -> Caller:
        raise RuntimeError("password=hunter2")

    async with browsing(app_of(recognise=broken)) as client:
        answer = await client.get("/contents")
        assert answer.status_code == 500
        assert "hunter2" not in answer.text


async def test_an_unknown_path_is_a_page_for_browsers_and_a_problem_for_programs() -> None:
    app = app_of()
    async with browsing(app) as client:
        answer = await client.get("/nothing-here")
        assert (answer.status_code, "Not Found" in answer.text) == (404, True)
        answer = await client.get("/nothing-here", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")


async def test_health_needs_nobody_and_ready_says_which_part_is_missing() -> None:
    async def away() -> None:
        raise OSError("refused")

    async with browsing(app_of(caller=None, temporal_answers=away)) as client:
        assert (await client.get("/health")).status_code == 200
        answer = await client.get("/ready")
        assert answer.status_code == 503
        assert answer.json()["parts"]["temporal"] != "ok"


async def test_assets_are_kept_for_good_under_their_digest() -> None:
    async with browsing(app_of(caller=None)) as client:
        named = ASSETS.named("console.js")
        answer = await client.get(f"/static/{named}")
        assert answer.headers["cache-control"].endswith("immutable")
        assert answer.headers["content-type"].startswith("text/javascript")
        for imported in re.findall(r'from "\./(\S+)"', answer.text):
            assert (await client.get(f"/static/{imported}")).headers["cache-control"].endswith("immutable"), imported
        older = await client.get("/static/console.000000000000.js")
        assert (older.status_code, older.headers["cache-control"]) == (200, "no-store")
        assert (await client.get("/static/..%2Fparts.py")).status_code == 404


def test_every_route_names_a_role_or_is_public() -> None:
    routes = [route for route in create_app(parts_of()).routes if isinstance(route, Route)]
    assert len(routes) > 4
    for route in routes:
        assert hasattr(route, "page"), f"{route.path} was not made with @page or @public"


async def test_an_operation_checks_the_role_before_anything_is_done() -> None:
    done = []

    class Handed:
        caller = PERSONS[Role.REVIEWER]

    @allowed(Role.OPERATOR)
    async def stop_all(handed: Handed) -> None:
        done.append(handed)

    with pytest.raises(NotAllowed, match="stop all needs the role operator"):
        await stop_all(Handed())
    assert not done


@pytest.mark.parametrize("role", Role)
def test_roles_include_those_before_them(role: Role) -> None:
    assert [other for other in Role if role.includes(other)] == list(Role)[: list(Role).index(role) + 1]


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_templates_hold_nothing_that_the_policy_forbids(file: Path) -> None:
    text = file.read_text()
    assert not re.search(r"\|\s*safe\b|autoescape\s+false", text), "values are escaped"
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", text), "styles and handlers are in files"
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "scripts are in files"


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)
def test_scripts_make_no_markup_of_text(file: Path) -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", file.read_text()
    )


def test_the_origin_is_of_the_public_address() -> None:
    assert parts_of().settings.origin == ORIGIN


def test_what_every_page_needs_is_one_file() -> None:
    text = ASSETS.content("base.js").decode()
    assert not re.search(r"^import\b", text, re.MULTILINE), "another file would have to be asked for first"
    exports = [
        name.strip()
        for names in re.findall(r"^export const \{ (.*) \} =", text, re.MULTILINE)
        for name in names.split(",")
    ]
    assert len(exports) == len(set(exports)) and {"part", "keys", "subscribe"} <= set(exports)
    for file in SCRIPTS:
        if file.name not in IN_BASE:
            served = ASSETS.content(file.name).decode()
            assert not re.search(r"/(dom|keys|console|live)\.", served), "a second copy would have a second policy"


def test_a_module_that_comes_too_early_in_the_file_is_refused() -> None:
    with pytest.raises(ValueError, match="which is not before it"):
        _wrapped("dom.js", 'import { keys } from "./keys.js";\n')
