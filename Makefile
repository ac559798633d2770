# Everything sets itself up: a virtual environment in .venv from requirements.lock, and nothing outside this folder.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test chaos faults check lock clean histories fingerprints bench-render bench-publish

demo: .venv/ready  ## a script that ships with the project becomes three videos and a post on each of the sandbox's platforms
	rm -rf out/demo
	$(BIN)/reelwright run --script examples/octopus.md --auto-approve --platform all --out out/demo

test: .venv/ready  ## all tests, on a real Temporal server, PostgreSQL, S3 server and FFmpeg
	$(BIN)/pytest $(PYTEST_ARGS)

chaos: .venv/ready  ## kill -9 the render worker, Temporal's server and `up` itself (prints one summary line); SIGSTOP a worker in mid-post
	$(BIN)/pytest -m slow -s tests/faults

faults: .venv/ready  ## 300 publications a platform, each with a fault in wait, under kill -9; prints one JSON line per platform
	$(BIN)/python -m tests.faults.publishing $(FAULT_ARGS)

bench-render: .venv/ready .venv-bench/ready  ## the render engine against the encoder alone, MoviePy and FFmpeg graphs
	$(BIN)/python -m bench.render $(BENCH_ARGS)

bench-publish: .venv/ready  ## bookings, ten thousand waiting publications, and a large upload against a bare PUT
	$(BIN)/python -m bench.publish $(BENCH_ARGS)

check: .venv/ready  ## style, types and the house's import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

histories: .venv/ready  ## record fingerprints and histories of a new version, which the replay tests guard; earlier ones stay
	$(BIN)/python -m tests.replay.fingerprints
	$(BIN)/python -m tests.replay.record

# What differs from the last release without a patch needs a reason: make fingerprints UNVERSIONED="only renamed".
fingerprints: .venv/ready  ## write down which commands each workflow of this version can issue
	$(BIN)/python -m tests.replay.fingerprints $(if $(UNVERSIONED),--unversioned "$(UNVERSIONED)")

lock: .venv/ready  ## resolve pyproject.toml anew (needs uv)
	uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 \
		--extra dev --extra emoji --output-file requirements.lock pyproject.toml

clean:  ## remove the environment, the state of the local studio and all output
	rm -rf .venv .venv-bench .reelwright out

# The lock holds hashes of everything that is installed; --no-deps keeps pip from adding anything to it.
.venv/ready: requirements.lock pyproject.toml reelwright/render/picture/_pixels.c
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# Peers that are only measured live in an environment of their own; its .gitignore keeps it out of everything.
.venv-bench/ready: requirements-bench.lock
	$(PYTHON) -m venv .venv-bench
	echo '*' > .venv-bench/.gitignore
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-bench.lock
	touch $@
