"""The classifiers of OpenAI, Azure and Mistral, against a loopback server that speaks their wire shapes."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

import pytest
from PIL import Image
from pydantic import SecretStr

from reelwright.domain.content.judging import ModerationContext
from reelwright.domain.content.policy import CATEGORIES, ModerationPolicy
from reelwright.domain.content.story import Scene, Story, Translation
from reelwright.domain.errors import AssetCorrupt, InvalidInput
from reelwright.domain.redaction import redact
from reelwright.policies import Policies, standard
from reelwright.providers.moderation.moderator import StudioModerator
from reelwright.providers.moderation.remote import asking, chain
from reelwright.providers.moderation.remote.azure import AzureClassifier
from reelwright.providers.moderation.remote.categories import Kind, ours, table
from reelwright.providers.moderation.remote.chain import Classifiers
from reelwright.providers.moderation.remote.mistral import MistralClassifier
from reelwright.providers.moderation.remote.openai import OpenAIClassifier
from reelwright.providers.moderation.remote.shrinking import shrunk
from reelwright.providers.moderation.rules import RulesModerator
from tests.stand_ins.server import Answer, Asked, Loopback
from workers.judging import build_classifiers
from workers.settings import Settings

KEY = "sk-test-0123456789abcdefghij"
VENDORS = ("openai", "azure", "mistral")
OPENAI = (
    *("harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm"),
    *("self-harm/intent", "self-harm/instructions", "sexual", "sexual/minors", "violence", "violence/graphic"),
)
MISTRAL = (
    *("sexual", "hate_and_discrimination", "violence_and_threats", "dangerous_and_criminal_content", "selfharm"),
    *("health", "financial", "law", "pii"),
)
AZURE = ("Hate", "SelfHarm", "Sexual", "Violence")
BAD = {"openai": "hate", "azure": "Hate", "mistral": "hate_and_discrimination"}
"""The vendor's category that a text with BAD in it is in."""

Reply = tuple[int, dict[str, str], Any]


def answer(vendor: str, path: str, body: dict[str, Any]) -> Any:
    """A good answer, as the vendor shapes it: hatred where the input has BAD in it, sexual where a picture is red."""
    if vendor == "azure":
        found = {BAD["azure"]: 6} if "BAD" in body.get("text", "") else {}
        if "image:analyze" in path:
            found = {"Sexual": 4} if red(base64.b64decode(body["image"]["content"])) else {}
        rows = [{"category": name, "severity": found.get(name, 0)} for name in AZURE]
        return {"blocklistsMatch": [], "categoriesAnalysis": rows}
    names, results = OPENAI if vendor == "openai" else MISTRAL, []
    for given in body["input"]:
        scores = dict.fromkeys(names, 0.001)
        if isinstance(given, dict):
            data = base64.b64decode(given["image_url"]["url"].removeprefix("data:image/jpeg;base64,"))
            scores["sexual"] = 0.97 if red(data) else 0.01
        elif "BAD" in given:
            scores[BAD[vendor]] = 0.95
        flags = {name: score > 0.5 for name, score in scores.items()}
        results.append({"flagged": any(flags.values()), "categories": flags, "category_scores": scores})
    return {"id": "modr-1", "model": body["model"], "results": results}


def red(jpeg: bytes) -> bool:
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert picture.format == "JPEG" and max(picture.size) <= 2_048 and min(picture.size) >= 50
        red, green, _ = picture.convert("RGB").resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
        return bool(red > 150 and green < 100)


class Stub:
    """Answers well, or with the replies it was given, in order. A None reply hangs up, a number waits so long; bytes
    are a body that is cut off."""

    def __init__(self) -> None:
        self.vendor = "openai"
        self.replies: list[Reply | float | bytes | None] = []
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.server = Loopback(self._reply)
        self.url = self.server.url

    def _reply(self, asked: Asked) -> Answer | None:
        self.requests.append((asked.target, asked.headers, asked.json))
        reply: Any = self.replies.pop(0) if self.replies else (200, {}, answer(self.vendor, asked.target, asked.json))
        if isinstance(reply, float):
            time.sleep(reply)
        if reply is None or isinstance(reply, float):
            return None
        cut = isinstance(reply, bytes)
        status, headers, said = (200, {}, reply) if cut else reply
        data = said if cut else said.encode() if isinstance(said, str) else json.dumps(said).encode()
        return Answer(status, data, {"content-type": "application/json", **headers}, len(data) + 100 * cut)

    def classifier(self, vendor: str) -> Any:
        """The vendor's, which asks this server."""
        self.vendor, key = vendor, SecretStr(KEY)
        if vendor == "azure":
            return AzureClassifier(key, f"{self.url}/")
        return OpenAIClassifier(key, f"{self.url}/v1") if vendor == "openai" else MistralClassifier(key, self.url)


class Memory:
    """Answers kept in memory, as the table keeps them."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], dict[str, float]] = {}

    async def known(self, classifier: str, inputs: Sequence[str]) -> Mapping[str, dict[str, float]]:
        return {each: self.kept[classifier, each] for each in inputs if (classifier, each) in self.kept}

    async def keep(self, classifier: str, answers: Mapping[str, dict[str, float]]) -> None:
        for digest, scores in answers.items():
            self.kept.setdefault((classifier, digest), scores)


@pytest.fixture(scope="module")
def server() -> Iterator[Stub]:
    stub = Stub()
    yield stub
    stub.server.close()


@pytest.fixture
def stub(server: Stub, monkeypatch: pytest.MonkeyPatch) -> Stub:
    monkeypatch.setattr(asking, "WAIT_S", (0.0, 0.02))
    server.replies, server.requests = [], []
    return server


def story(*texts: str) -> Story:
    scenes = tuple(Scene(index=number, text=text) for number, text in enumerate(texts))
    return Story(title="Tides", description="", scenes=scenes, writer="test")


def judged(classifiers: Classifiers, *texts: str, policy: ModerationPolicy | None = None, **context: Any) -> Any:
    moderator = StudioModerator(RulesModerator(), classifiers)
    return moderator.judge(story(*texts), policy or standard(), ModerationContext(**context))


def picture(colour: str, size: tuple[int, int] = (80, 60), kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


# --- what they find ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vendor", VENDORS)
async def test_what_a_classifier_finds_joins_what_the_rules_find(stub: Stub, vendor: str) -> None:
    classifier = stub.classifier(vendor)
    verdict = await judged(Classifiers([classifier], Memory()), "Fine.", "This is BAD.", "Call (202) 555-0143 tonight.")
    found = {(finding.place, finding.rule, finding.decision) for finding in verdict.findings}
    assert found == {("scene 2", f"{vendor}/hate", "block"), ("scene 3", "personal/phone", "review")}
    assert verdict.decision == "block" and verdict.provider == f"rules+{classifier.name}"
    assert all(finding.cure and finding.reason.startswith(finding.place) for finding in verdict.findings)
    path, headers, body = stub.requests[0]
    expected = {
        "openai": ("/v1/moderations", "authorization", f"Bearer {KEY}"),
        "azure": ("/contentsafety/text:analyze?api-version=2024-09-01", "ocp-apim-subscription-key", KEY),
        "mistral": ("/v1/moderations", "authorization", f"Bearer {KEY}"),
    }[vendor]
    assert (path, headers[expected[1]]) == (expected[0], expected[2])
    assert body.get("model") == {"openai": "omni-moderation-latest", "mistral": "mistral-moderation-2603"}.get(vendor)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_clean_texts_pass_and_nothing_is_asked_twice(stub: Stub, vendor: str) -> None:
    classifiers = Classifiers([stub.classifier(vendor)], Memory())
    assert (await judged(classifiers, "Fine.", "Good.", "Fine.")).decision == "allow"
    asked = len(stub.requests)
    assert asked == 1, "short texts travel together"
    assert (await judged(classifiers, "Good.", "Fine.")).decision == "allow"
    assert len(stub.requests) == asked
    await judged(classifiers, "Good.", "Fine.", "New.")
    sent = json.dumps(stub.requests[-1][2])
    assert "New." in sent and "Fine." not in sent


async def test_azure_asks_for_each_text_alone_where_one_of_them_is_bad(stub: Stub) -> None:
    verdict = await judged(Classifiers([stub.classifier("azure")], Memory()), "Fine.", "BAD.", "Good.")
    assert [finding.place for finding in verdict.findings] == ["scene 2"]
    assert len(stub.requests) == 1 + 4, "title and three scenes"
    stub.requests.clear()
    assert (
        await judged(Classifiers([stub.classifier("azure")], Memory()), "a " * 4_000, "b " * 4_000)
    ).decision == "allow"
    assert all(len(body["text"]) <= 10_000 for _, _, body in stub.requests) and len(stub.requests) == 2


async def test_a_long_text_is_judged_in_pieces(stub: Stub) -> None:
    text = "word " * 2_500 + "BAD"
    verdict = await judged(Classifiers([stub.classifier("openai")], Memory()), text)
    assert [finding.place for finding in verdict.findings] == ["scene 1"]
    assert max(len(given) for given in stub.requests[0][2]["input"]) <= 8_000


async def test_what_the_rules_block_is_not_sent_out(stub: Stub) -> None:
    verdict = await judged(Classifiers([stub.classifier("openai")], Memory()), "Death to all Zorblaxians!")
    assert (verdict.decision, stub.requests) == ("block", [])


async def test_translations_posts_and_final_texts_are_sent_too(stub: Stub) -> None:
    classifiers = Classifiers([stub.classifier("openai")], Memory())
    moderator = StudioModerator(RulesModerator(), classifiers)
    other = Translation(language="de", scenes=("BAD auf Deutsch.",))
    told = story("Fine.").model_copy(update={"translations": (other,)})
    verdict = await moderator.judge(told, standard(), ModerationContext(texts={"x reply 1": "BAD reply."}))
    assert {finding.place for finding in verdict.findings} == {"scene 1 in de", "x reply 1"}
    found = await moderator.judge_texts(
        {"youtube text": "BAD text.", "x text": "Fine. Pay with 4242 4242 4242 4242."}, standard(), ModerationContext()
    )
    assert [(finding.place, finding.rule) for finding in found] == [("x text", "personal/card")], "blocked by the rules"
    found = await moderator.judge_texts({"youtube text": "BAD text."}, standard(), ModerationContext())
    assert [(finding.place, finding.decision) for finding in found] == [("youtube text", "block")]


@pytest.mark.parametrize(("vendor", "decision"), [("openai", "block"), ("azure", "review")])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_pictures(stub: Stub, vendor: str, decision: str, kind: str) -> None:
    classifiers = Classifiers([stub.classifier(vendor)], Memory())
    size = (3_000, 200) if kind == "PNG" else (80, 60)
    [finding] = await classifiers.judge_picture("picture of scene 2", picture("red", size, kind), standard())
    assert (finding.place, finding.rule, finding.decision) == ("picture of scene 2", f"{vendor}/explicit", decision)
    assert await classifiers.judge_picture("picture of scene 1", picture("blue", (80, 60), kind), standard()) == []
    asked = len(stub.requests)
    assert await classifiers.judge_picture("picture of scene 7", picture("red", size, kind), standard())
    assert len(stub.requests) == asked, "an answer is kept"


def test_a_strip_is_set_on_white() -> None:
    with Image.open(io.BytesIO(shrunk(picture("red", (3_000, 40))))) as seen:
        assert seen.size == (1_024, 64)
    with pytest.raises(AssetCorrupt, match="cannot be read"):
        shrunk(b"no picture")


async def test_mistral_sees_no_pictures(stub: Stub) -> None:
    classifiers = Classifiers([stub.classifier("mistral")], Memory())
    assert classifiers.name == "" and await classifiers.judge_picture("picture", picture("red"), standard()) == []
    assert stub.requests == []


# --- what goes wrong --------------------------------------------------------------------------------------------------

FAILURES: dict[str, tuple[Sequence[Reply | float | bytes | None], str, int]] = {
    "refused key": ([(401, {}, {"error": {"code": "invalid_api_key", "message": f"Wrong: {KEY}"}})], "HTTP 401", 1),
    "no access": ([(403, {}, {"error": {"code": "403", "message": "denied"}})], "HTTP 403", 1),
    "not there": ([(404, {}, "<html>")], "HTTP 404", 1),
    "bad request": ([(400, {}, {"error": {"code": "InvalidRequestBody", "message": "no"}})], "InvalidRequestBody", 1),
    "unprocessable": ([(422, {}, {"detail": [{"msg": "field required"}]})], "HTTP 422", 1),
    "spent": ([(429, {}, {"error": {"code": "insufficient_quota", "message": "x"}})], "spending limit", 1),
    "throttled for long": ([(429, {"retry-after": "60"}, {"error": {"message": "slow"}})], "HTTP 429", 1),
    "overloaded": ([(503, {}, "busy")] * 2, "HTTP 503", 2),
    "hung up": ([None, None], "broke off", 2),
    "cut off": ([b'{"results": [{"categ'] * 2, "broke off", 2),
    "no JSON": ([(200, {}, "<html>"), (200, {}, "[1, 2]")], "no JSON object", 2),
    "nothing in it": ([(200, {}, {})] * 1, "its answer has", 1),
    "too slow": ([0.6], "did not answer within", 1),
}


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("failure", FAILURES)
async def test_one_that_cannot_judge_means_review(
    stub: Stub, vendor: str, failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "TIMEOUT_S", 0.3)
    replies, reason, tries = FAILURES[failure]
    memory, classifier = Memory(), stub.classifier(vendor)
    stub.replies = [*replies]
    verdict = await judged(Classifiers([classifier], memory), "Fine.", policy=lenient())
    [finding] = verdict.findings
    assert (verdict.decision, finding.rule, finding.place) == ("review", "classifier/unavailable", "texts")
    assert reason in finding.reason and classifier.name in finding.reason and "person" in finding.cure
    assert KEY not in str(verdict) and len(stub.requests) == tries and not memory.kept
    stub.replies = [*replies]
    if vendor != "mistral":
        [seen] = await Classifiers([classifier], memory).judge_picture("picture of scene 1", picture("red"), lenient())
        assert (seen.rule, seen.decision, seen.place) == ("classifier/unavailable", "review", "picture of scene 1")
    stub.replies = []
    assert (await judged(Classifiers([classifier], memory), "Fine.")).decision == "allow", "it is asked again"


def lenient() -> ModerationPolicy:
    """A policy that lets everything pass."""
    never = {category: {"review": None, "block": None} for category in CATEGORIES}
    return ModerationPolicy.model_validate({"name": "lenient", "categories": never})


@pytest.mark.parametrize(
    "scores",
    [{"hate": 1.5}, {"hate": "high"}, {"hate": True}, {}, None, [], {"hate": float("nan")}],
    ids=str,
)
async def test_scores_that_are_none_mean_review(stub: Stub, scores: Any) -> None:
    said = {"results": [{"category_scores": scores}, {"category_scores": scores}]}
    stub.replies = [(200, {}, said)] * 2
    verdict = await judged(Classifiers([stub.classifier("openai")], Memory()), "Fine.")
    assert [finding.rule for finding in verdict.findings] == ["classifier/unavailable"]


async def test_a_short_pause_is_kept_and_the_call_repeated(stub: Stub) -> None:
    stub.replies = [(429, {"retry-after-ms": "300"}, {"error": {"message": "slow"}})]
    began = time.monotonic()
    assert (await judged(Classifiers([stub.classifier("openai")], Memory()), "Fine.")).decision == "allow"
    assert time.monotonic() - began >= 0.3 and len(stub.requests) == 2


async def test_all_together_have_a_deadline(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "TEXTS_WITHIN_S", 0.2)
    stub.replies = [0.6]
    verdict = await judged(Classifiers([stub.classifier("openai")], Memory()), "Fine.")
    assert [finding.rule for finding in verdict.findings] == ["classifier/unavailable"]
    assert "did not answer in time" in verdict.reasons[0]


async def test_a_server_that_is_not_there_means_review() -> None:
    away = OpenAIClassifier(SecretStr(KEY), "http://127.0.0.1:9/v1")
    assert (await judged(Classifiers([away], Memory()), "Fine.")).decision == "review"


async def test_the_gravest_of_several_counts(stub: Stub) -> None:
    away = MistralClassifier(SecretStr(KEY), "http://127.0.0.1:9")
    classifiers = Classifiers([away, stub.classifier("openai")], Memory())
    verdict = await judged(classifiers, "BAD.")
    assert (verdict.decision, [finding.rule for finding in verdict.findings]) == (
        "block",
        ["openai/hate", "classifier/unavailable"],
    )


# --- the table, and the settings --------------------------------------------------------------------------------------


def test_every_category_of_every_vendor_is_in_the_table() -> None:
    assert set(table()) == set(VENDORS)
    assert set(table()["openai"]["text"]) == set(table()["openai"]["picture"]) == set(OPENAI)
    assert set(table()["azure"]["text"]) == set(table()["azure"]["picture"]) == set(AZURE)
    assert set(MISTRAL) <= set(table()["mistral"]["text"])
    assert {kind for rows in table().values() for kind in rows} == set(get_args(Kind))


@pytest.mark.parametrize(
    ("vendor", "kind", "scores", "found"),
    [
        ("openai", "text", {"violence": 0.99, "violence/graphic": 0.2}, {"violence": 0.6}),
        ("openai", "text", {"hate": 0.2, "hate/threatening": 0.92}, {"hate": 0.92}),
        ("openai", "picture", {"violence/graphic": 0.8, "hate": 0.9}, {"explicit": 0.8}),
        ("openai", "text", {"brand-new": 0.8}, {"other-harm": 0.8}),
        ("mistral", "text", {"law": 0.9, "pii": 0.9}, {"personal-data": 0.6}),
    ],
)
def test_scores_by_our_categories(vendor: str, kind: Kind, scores: dict[str, float], found: dict[str, float]) -> None:
    assert ours(vendor, kind, scores) == found


async def test_what_a_vendor_flags_is_reviewed_whatever_its_score(stub: Stub) -> None:
    row = {"category_scores": {"hate": 0.31}, "categories": {"hate": True}}
    stub.replies = [(200, {}, {"results": [row, row]})]
    verdict = await judged(Classifiers([stub.classifier("openai")], Memory()), "Fine.")
    assert {(finding.rule, finding.score, finding.decision) for finding in verdict.findings} == {
        ("openai/hate", 0.5, "review")
    }


def test_thresholds_are_the_policys() -> None:
    standard, kids = Policies().find("standard"), Policies().find("kids")
    assert (standard.decide("explicit", 0.5), standard.decide("explicit", 0.95)) == ("review", "block")
    assert kids.decide("explicit", 0.6) == "block" and standard.decide("other-harm", 1.0) == "review"
    old = ModerationPolicy.model_validate({"name": "old", "categories": {"hate": {"review": 0.5, "block": 0.9}}})
    assert [old.decide(new, 1.0) for new in ("duplicate", "instruction", "other-harm")] == ["review"] * 3  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, ""),
        ({"OPENAI_API_KEY": KEY, "REELWRIGHT_MODERATION_CHAIN": "openai"}, "openai:omni-moderation-latest"),
        (
            {
                "REELWRIGHT_MODERATION_CHAIN": "mistral, azure",
                "MISTRAL_API_KEY": KEY,
                "AZURE_CONTENT_SAFETY_KEY": KEY,
                "AZURE_CONTENT_SAFETY_ENDPOINT": "https://acme.cognitiveservices.azure.com/",
            },
            "mistral:mistral-moderation-2603+azure:2024-09-01",
        ),
    ],
)
def test_the_settings_name_the_chain(given: dict[str, str], names: str) -> None:
    assert build_classifiers(Settings.model_validate(given), None).texts_name == names


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"REELWRIGHT_MODERATION_CHAIN": "openai"}, "OPENAI_API_KEY"),
        ({"REELWRIGHT_MODERATION_CHAIN": "mistral"}, "MISTRAL_API_KEY"),
        ({"REELWRIGHT_MODERATION_CHAIN": "azure"}, "AZURE_CONTENT_SAFETY_ENDPOINT"),
        (
            {"REELWRIGHT_MODERATION_CHAIN": "azure", "AZURE_CONTENT_SAFETY_ENDPOINT": "https://a.example"},
            "AZURE_CONTENT_SAFETY_KEY",
        ),
    ],
)
def test_a_classifier_without_its_key_is_refused(given: dict[str, str], wanted: str) -> None:
    with pytest.raises(InvalidInput, match=f"REELWRIGHT_MODERATION_CHAIN: .*{wanted}"):
        build_classifiers(Settings.model_validate(given), None)


def test_the_keys_are_struck_out_of_foreign_text() -> None:
    Settings.model_validate({"MISTRAL_API_KEY": "mk-9f8e7d6c5b4a", "AZURE_CONTENT_SAFETY_KEY": "az-1a2b3c4d5e6f"})
    assert "mk-9f8e7d6c5b4a" not in redact("mk-9f8e7d6c5b4a az-1a2b3c4d5e6f") != "mk-9f8e7d6c5b4a az-1a2b3c4d5e6f"
