"""What every library of found works does, against stand-ins that speak each one's wire."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.domain.licences import LICENCES
from reelwright.domain.ports.providing import StockHit, StockQuery
from reelwright.domain.redaction import redact
from reelwright.providers.stock import source
from reelwright.providers.stock.rules import Rules
from reelwright.providers.stock.source import CachedLibrary, Gone
from tests.stand_ins.libraries import CONTACT, KEY, Memory, Twin, Work, library_of, photo
from tests.stand_ins.server import CHALLENGE, Answer

LIBRARIES = ("pexels", "pixabay", "openverse", "wikimedia")
WITH_CLIPS = ("pexels", "pixabay", "wikimedia")
PHOTOS = StockQuery(words=("lighthouse sea",))
CLIPS = StockQuery(words=("lighthouse sea",), kind="clip", shapes=("9:16",), seconds=5)
DATA = photo(1, 64, 64)


@pytest.fixture(params=LIBRARIES)
def twin(request: pytest.FixtureRequest) -> Iterator[Twin]:
    with library_of(request.param, Work(1, DATA), Work(2, DATA, title="a mountain", tags=("mountain",))) as made:
        yield made


async def one(twin: Twin, query: StockQuery = PHOTOS, rules: Rules | None = None) -> StockHit:
    (hit,) = await twin.library(rules).search(query, "lighthouse")
    return hit


async def test_a_hit_says_whose_it_is_and_what_it_owes(twin: Twin) -> None:
    hit = await one(twin)
    assert (hit.kind, hit.width, hit.height) == ("photo", 2_400, 2_400)
    assert hit.credit.provider == twin.name and hit.credit.author == "Ada Example" and hit.credit.query == "lighthouse"
    assert hit.credit.page.startswith("https://") and hit.credit.read is not None
    assert hit.credit.licence in LICENCES and LICENCES[hit.credit.licence].terms.startswith("https://")
    assert hit.credit.owed == (twin.name in ("openverse", "wikimedia"))
    assert "Ada Example" in hit.credit.line and "<" not in hit.credit.line
    assert hit.credit.raw_sha256 == hashlib.sha256(hit.raw.encode()).hexdigest()
    assert KEY not in hit.model_dump_json()


async def test_it_asks_safely_and_says_who_asks(twin: Twin) -> None:
    await one(twin)
    asked = twin.calls()[0]
    assert asked.headers["user-agent"] == CONTACT
    wanted = {"pixabay": {"safesearch": "true"}, "openverse": {"mature": "false", "license": "by,cc0,pdm"}}
    assert wanted.get(twin.name, {}).items() <= asked.query.items()


async def test_nothing_found_is_an_empty_answer(twin: Twin) -> None:
    assert list(await twin.library().search(PHOTOS, "zeppelin")) == []


async def test_a_work_is_fetched_whole(twin: Twin, tmp_path: Path) -> None:
    hit = await one(twin)
    file = await twin.library().fetch(hit, tmp_path / "work")
    assert file.read_bytes() == DATA and list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    "answer, error",
    [
        (Answer(200, DATA[:-9], {"Content-Type": "image/jpeg"}, announced=len(DATA)), ProviderUnavailable),
        (Answer(200, b"", {"Content-Type": "image/jpeg"}), ProviderUnavailable),
        (Answer(503, b"away"), ProviderUnavailable),
        (Answer(429, b"slowly"), ProviderUnavailable),
        (Answer(404, b"no"), Gone),
        (Answer(410, b"no"), Gone),
        (Answer(403, b"no"), Gone),
        (Answer(200, b"<html>", {"Content-Type": "text/html"}), Gone),
        (Answer(302, b"", {"Location": "http://other.example.net/work"}), Gone),
    ],
    ids=("cut off", "empty", "503", "429", "404", "410", "403", "a web page", "redirected away"),
)
async def test_what_is_not_whole_is_not_there(twin: Twin, tmp_path: Path, answer: Answer, error: type) -> None:
    hit = await one(twin)
    twin.change(1, answer=answer)
    with pytest.raises(error) as caught:
        await twin.library().fetch(hit, tmp_path / "work")
    assert list(tmp_path.iterdir()) == []
    assert caught.value.field == twin.name and caught.value.cost_known


async def test_more_bytes_than_a_photo_has_are_not_taken(
    twin: Twin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hit = await one(twin)
    monkeypatch.setattr(source, "PHOTO_BYTES", len(DATA) - 1)
    with pytest.raises(Gone, match="more than"):
        await twin.library().fetch(hit, tmp_path / "work")
    assert list(tmp_path.iterdir()) == []


async def test_files_come_from_public_addresses_alone(twin: Twin, tmp_path: Path) -> None:
    hit = await one(twin)
    library = twin.library()
    library._rules = Rules(user_agent=CONTACT)  # type: ignore[attr-defined]
    with pytest.raises(Gone, match=r"not a public web port|private or local"):
        await library.fetch(hit, tmp_path / "work")


@pytest.mark.parametrize(
    "answer, error, why, wait",
    [
        (CHALLENGE, ProviderRefused, "blocked", None),
        (Answer(403, b"<html>", {"Content-Type": "text/html"}), ProviderRefused, "blocked", None),
        (Answer.of({"error": "slowly"}, 429, Retry_After="7"), ProviderUnavailable, None, 7.0),
        (Answer.of({"error": "oops"}, 500), ProviderUnavailable, None, None),
        (Answer(200, b"{", {"Content-Type": "application/json"}), ProviderUnavailable, None, None),
        (Answer.of([1]), ProviderUnavailable, None, None),
        (Answer.of({"error": "no"}, 403), ProviderRefused, "key", None),
    ],
    ids=("challenge", "html", "429", "500", "cut off", "a list", "403"),
)
async def test_trouble_is_never_no_result(
    twin: Twin, answer: Answer, error: type, why: str | None, wait: float | None
) -> None:
    twin.server.next = [answer]
    with pytest.raises(error) as caught:
        await twin.library().search(PHOTOS, "lighthouse")
    if why is not None:
        assert caught.value.why == why
    else:
        assert caught.value.retry_after_s == wait


async def test_an_answer_without_its_list_is_nonsense(twin: Twin) -> None:
    if twin.name == "wikimedia":
        pytest.skip("an answer without pages is one without hits")
    twin.server.next = [Answer.of({"hello": "world"})]
    with pytest.raises(ProviderUnavailable, match="has no"):
        await twin.library().search(PHOTOS, "lighthouse")


async def test_a_server_that_is_not_there_is_away(twin: Twin) -> None:
    library = twin.library()
    api = getattr(library, "_service", None)
    if twin.name == "openverse":
        library._base = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    else:
        object.__setattr__(api, "base", "http://127.0.0.1:9")
    with pytest.raises(ProviderUnavailable) as caught:
        await library.search(PHOTOS, "lighthouse")
    assert caught.value.cost_known


async def test_works_beyond_the_first_page_are_seen_and_the_page_past_the_end_is_the_end(twin: Twin) -> None:
    # Too small to be of use, so that the next page is asked for.
    twin.works = [Work(n, DATA, width=100, height=100) for n in range(1, 42)] + [Work(99, DATA)]
    hits = await twin.library().search(PHOTOS, "lighthouse")
    assert any(hit.width == 2_400 for hit in hits) or twin.name == "openverse"  # whose first pages have 40
    assert len({hit.asset for hit in hits}) == len(hits)
    twin.works = twin.works[:20]
    assert len(await twin.library().search(PHOTOS, "lighthouse")) == 20


async def test_a_work_that_was_withdrawn_is_not_found(twin: Twin) -> None:
    hit = await one(twin)
    assert (await twin.library().find(hit.credit.asset, PHOTOS)) is not None
    twin.change(1, gone=True)
    assert await twin.library().find(hit.credit.asset, PHOTOS) is None


async def test_a_search_is_asked_for_once_a_day(twin: Twin) -> None:
    library = CachedLibrary(twin.library(), Memory())
    first = await library.search(PHOTOS, "lighthouse")
    asked = len(twin.calls())
    assert await library.search(PHOTOS, "lighthouse") == first and len(twin.calls()) == asked
    await library.search(PHOTOS, "mountain")
    assert len(twin.calls()) > asked


# --- clips -----------------------------------------------------------------------------------------------------------


@pytest.fixture(params=WITH_CLIPS)
def clips(request: pytest.FixtureRequest) -> Iterator[Twin]:
    works = (Work(1, DATA, width=1_080, height=1_920, seconds=12), Work(2, DATA, width=1_920, height=1_080, seconds=9))
    with library_of(request.param, *works) as made:
        yield made


async def test_of_a_clips_files_the_one_of_use_is_taken(clips: Twin) -> None:
    hits = await clips.library().search(CLIPS, "lighthouse")
    first = next(hit for hit in hits if hit.credit.asset == "1")
    assert (first.width, first.height, first.kind) == (1_080, 1_920, "clip") and first.address.endswith("/full")
    assert round(first.seconds) == 12
    # Asked for portrait, libraries answer landscape too: whoever chooses looks at the size.
    assert {hit.credit.asset for hit in hits} <= {"1", "2"}


async def test_openverse_has_no_clips() -> None:
    with library_of("openverse", Work(1, DATA, seconds=5)) as twin:
        assert list(await twin.library().search(CLIPS, "lighthouse")) == [] and twin.calls() == []


# --- licences --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ("openverse", "wikimedia"))
@pytest.mark.parametrize(
    "licence, id",
    [
        ("by 4.0", "CC-BY-4.0"),
        ("by 2.0", "CC-BY-2.0"),
        ("cc0", "CC0-1.0"),
        ("by-nc 2.0", ""),
        ("by-nd 2.0", ""),
        ("by-nc-sa 4.0", ""),
        ("by-sa 4.0", ""),
        ("sampling+ 1.0", ""),
        ("by 9.9", ""),
        ("", ""),
    ],
)
async def test_only_licences_that_allow_the_use_are_accepted(name: str, licence: str, id: str) -> None:
    with library_of(name, Work(1, DATA, licence=licence)) as twin:
        hits = await twin.library().search(PHOTOS, "lighthouse")
        assert [hit.credit.licence for hit in hits] == ([id] if id else [])


@pytest.mark.parametrize("name", ("openverse", "wikimedia"))
async def test_share_alike_is_accepted_where_it_is_switched_on(name: str) -> None:
    rules = Rules(user_agent=CONTACT, licences=frozenset({"by-sa"}))
    with library_of(name, Work(1, DATA, licence="by-sa 3.0"), Work(2, DATA, licence="by 4.0")) as twin:
        (hit,) = await twin.library(rules).search(PHOTOS, "lighthouse")
        assert hit.credit.licence == "CC-BY-SA-3.0" and hit.credit.owed and "CC BY-SA 3.0" in hit.credit.line


@pytest.mark.parametrize("name", ("openverse", "wikimedia"))
async def test_a_licence_that_changed_between_search_and_use_is_found_out(name: str) -> None:
    with library_of(name, Work(1, DATA)) as twin:
        library = CachedLibrary(twin.library(), Memory())
        (hit,) = await library.search(PHOTOS, "lighthouse")
        fresh = await library.again(hit)
        assert fresh is not None and fresh.credit.query == "lighthouse"
        twin.change(1, licence="by-nc 4.0")
        assert await library.again(hit) is None
        twin.change(1, licence="by 4.0", gone=True)
        assert await library.again(hit) is None


@pytest.mark.parametrize(
    "meta",
    [
        {"License": ""},
        {"NonFree": "true"},
        {"DeletionReason": "copyvio"},
        {"Restrictions": "personality|trademarked"},
        {"License": "cc-by-sa-4.0,cc-by-nc-4.0"},
    ],
    ids=lambda meta: next(iter(meta)),
)
async def test_commons_refuses_what_only_a_person_could_judge(meta: dict[str, str]) -> None:
    with library_of("wikimedia", Work(1, DATA, meta=meta)) as twin:
        assert list(await twin.library().search(PHOTOS, "lighthouse")) == []


@pytest.mark.parametrize(
    "code, id",
    [("pd", "public-domain"), ("pd-usgov", "public-domain"), ("cc-by-3.0-de", "CC-BY-3.0"), ("cc0", "CC0-1.0")],
)
async def test_the_codes_of_commons_are_read(code: str, id: str) -> None:
    with library_of("wikimedia", Work(1, DATA, meta={"License": code})) as twin:
        assert (await one(twin)).credit.licence == id


async def test_commons_html_and_foreign_text_is_cleaned() -> None:
    meta = {
        "Artist": '<div onclick="x()">Eve<script>alert(1)</script>\u202e</div>',
        "Attribution": "<b>Eve</b> &amp; sons",
    }
    with library_of("wikimedia", Work(1, DATA, meta=meta)) as twin:
        credit = (await one(twin)).credit
        assert credit.author == "Eve" and credit.line.startswith("“a lighthouse at the sea” by Eve & sons, CC BY 4.0,")


# --- each one's own --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code, error", [("maxlag", ProviderUnavailable), ("ratelimited", ProviderUnavailable), ("bad", ProviderRefused)]
)
async def test_errors_of_commons_come_with_status_200(code: str, error: type) -> None:
    with library_of("wikimedia", Work(1, DATA)) as twin:
        twin.server.next = [Answer.of({"error": {"code": code, "info": "no"}}, Retry_After="5")]
        with pytest.raises(error) as caught:
            await twin.library().search(PHOTOS, "lighthouse")
        assert getattr(caught.value, "retry_after_s", 5.0) == 5.0


async def test_commons_originals_must_have_the_sha1_that_their_page_names(tmp_path: Path) -> None:
    with library_of("wikimedia", Work(1, DATA)) as twin:
        hit = await one(twin)
        twin.change(1, answer=Answer(200, photo(2, 64, 64), {"Content-Type": "image/jpeg"}))
        with pytest.raises(ProviderUnavailable, match="another file"):
            await twin.library().fetch(hit, tmp_path / "work")


async def test_commons_names_no_one_without_a_contact() -> None:
    with library_of("wikimedia", Work(1, DATA)) as twin, pytest.raises(ProviderRefused):
        await twin.library(Rules()).search(PHOTOS, "lighthouse")


async def test_pexels_says_its_limits_with_good_answers_alone() -> None:
    with library_of("pexels", Work(1, DATA)) as twin:
        library = twin.library()
        twin.server.next = [Answer.of({"error": "Rate limit exceeded"}, 429)]
        with pytest.raises(ProviderUnavailable) as caught:
            await library.search(PHOTOS, "lighthouse")
        assert caught.value.retry_after_s == 900
        reset = str(int(time.time()) + 3_000)
        empty = Answer.of({"photos": [], "page": 1}, X_Ratelimit_Remaining="0", X_Ratelimit_Reset=reset)
        twin.server.next = [empty]
        await library.search(PHOTOS, "lighthouse")
        asked = len(twin.calls())
        with pytest.raises(ProviderUnavailable) as caught:
            await library.search(PHOTOS, "lighthouse")
        assert len(twin.calls()) == asked, "what certainly has no quota left is not asked"
        assert 2_000 < (caught.value.retry_after_s or 0) <= 3_000


async def test_pixabays_429_says_in_seconds_when_it_is_over() -> None:
    with library_of("pixabay", Work(1, DATA)) as twin:
        limits = {"X_RateLimit_Limit": "100", "X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "41"}
        twin.server.next = [Answer.of({}, 429, **limits)]
        with pytest.raises(ProviderUnavailable) as caught:
            await twin.library().search(PHOTOS, "lighthouse")
        assert caught.value.retry_after_s == 41


@pytest.mark.parametrize("name", ("pexels", "pixabay"))
async def test_a_wrong_key_is_refused_and_never_shown(name: str) -> None:
    with library_of(name, Work(1, DATA)) as twin:
        library = twin.library()
        wrong = "wrong-key-98765432100"
        if name == "pexels":
            library._service.headers["Authorization"] = wrong  # type: ignore[attr-defined]
        else:
            library._service.params["key"] = wrong  # type: ignore[attr-defined]
        with pytest.raises(ProviderRefused) as caught:
            await library.search(PHOTOS, "lighthouse")
        assert caught.value.why == "key" and wrong not in str(caught.value)
        assert KEY not in repr(library._service) and redact(f"key={KEY}") != f"key={KEY}"  # type: ignore[attr-defined]


async def test_pixabays_old_addresses_are_asked_for_anew() -> None:
    with library_of("pixabay", Work(1, DATA)) as twin:
        library = twin.library()
        (hit,) = await library.search(PHOTOS, "lighthouse")
        assert await library.again(hit) == hit and len(twin.calls()) == 1
        fresh = await library.again(hit.model_copy(update={"read_at": hit.read_at - 7_200}))
        assert fresh is not None and fresh.credit.query == "lighthouse" and len(twin.calls()) == 2


async def test_openverse_takes_a_token_once() -> None:
    with library_of("openverse", Work(1, DATA)) as twin:
        library = twin.library(client=("studio", SecretStr("right-secret-123")))
        await library.search(PHOTOS, "lighthouse")
        await library.search(PHOTOS, "lighthouse")
        tokens = [asked for asked in twin.calls() if asked.path.endswith("/token/")]
        assert len(tokens) == 1 and b"client_id=studio" in tokens[0].body
        assert twin.calls()[-1].headers["authorization"] == "Bearer openverse-token-1"
        with pytest.raises(ProviderRefused) as caught:
            await twin.library(client=("studio", SecretStr("wrong-secret-123"))).search(PHOTOS, "lighthouse")
        assert caught.value.why == "key"
