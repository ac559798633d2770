"""deploy/kubernetes is in step with the code: command, port, probes, variables. There is no cluster here to ask."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from console.pages.health import ROUTES
from workers.console_settings import ConsoleEnvironment

from .test_compose import COMPOSE, OURS, TEMPORAL

FILE = Path(__file__).parents[2] / "deploy/kubernetes/console.yaml"
PARTS: dict[str, dict[str, Any]] = {part["kind"]: part for part in yaml.safe_load_all(FILE.read_text())}
POD: dict[str, Any] = PARTS["Deployment"]["spec"]["template"]
[CONSOLE] = POD["spec"]["containers"]


def test_it_is_the_console_that_compose_runs() -> None:
    assert CONSOLE["command"] == COMPOSE["services"]["console"]["command"]


def test_all_ports_are_the_consoles() -> None:
    default = ConsoleEnvironment.model_fields["port"].default
    given = {one["name"]: one["value"] for one in CONSOLE["env"]}
    assert [port["containerPort"] for port in CONSOLE["ports"]] == [default] == [int(given["REELWRIGHT_CONSOLE_PORT"])]
    name = CONSOLE["ports"][0]["name"]
    assert [port["targetPort"] for port in PARTS["Service"]["spec"]["ports"]] == [name]
    assert {CONSOLE[probe]["httpGet"]["port"] for probe in ("startupProbe", "readinessProbe", "livenessProbe")} == {
        name
    }


def test_probes_ask_pages_that_need_no_session() -> None:
    public = {page.path for page in ROUTES if page.needs is None}
    asked = {name: CONSOLE[name]["httpGet"]["path"] for name in ("startupProbe", "readinessProbe", "livenessProbe")}
    assert set(asked.values()) == public == {"/health", "/ready"}
    assert asked["livenessProbe"] == "/health", "a console is not killed because Temporal is away"


def test_variables_are_settings() -> None:
    told = set(re.findall(r"\b(?:REELWRIGHT|DATABASE|TEMPORAL)_[A-Z_]+\b", FILE.read_text()))
    assert told - TEMPORAL <= OURS
    assert {"DATABASE_URL", "REELWRIGHT_SECRET_KEY", "REELWRIGHT_MEDIA_URL", "REELWRIGHT_CONSOLE_URL"} <= told


def test_it_runs_without_rights_and_writes_to_its_volumes_alone() -> None:
    assert POD["spec"]["securityContext"]["runAsNonRoot"] and POD["spec"]["securityContext"]["runAsUser"] > 0
    own = CONSOLE["securityContext"]
    assert own["readOnlyRootFilesystem"] and not own["allowPrivilegeEscalation"]
    assert own["capabilities"]["drop"] == ["ALL"]
    mounted = {mount["name"]: mount["mountPath"] for mount in CONSOLE["volumeMounts"]}
    assert set(mounted) == {volume["name"] for volume in POD["spec"]["volumes"]}
    given = {one["name"]: one["value"] for one in CONSOLE["env"]}
    assert {given["REELWRIGHT_STATE_DIR"], "/tmp"} == set(mounted.values())


def test_service_and_budget_select_the_pods() -> None:
    labels = POD["metadata"]["labels"]
    deployment, budget = PARTS["Deployment"]["spec"], PARTS["PodDisruptionBudget"]["spec"]
    assert PARTS["Service"]["spec"]["selector"] == labels
    assert deployment["selector"]["matchLabels"] == budget["selector"]["matchLabels"] == labels
    assert budget["minAvailable"] < deployment["replicas"] == 2
