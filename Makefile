# The desk runs what CI runs. Every target alone does all it needs on a machine with Python 3.11+ and make.

SCALE ?= 0.05
WORKERS ?= 2
ROUNDS ?= 3
RUNS ?= 8
TRIALS ?= 20
SETS ?= A,B,C

VENV := .venv
BIN := $(VENV)/bin
LOCKED := $(VENV)/.locked
READY := $(VENV)/.ready

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUTF8 := 1

.DEFAULT_GOAL := setup
.PHONY: help setup demo ui bench bench-buckets bench-peers bench-scale faults faults-buckets distributed test test-slow lint format types layers lock clean

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: $(READY) help ## the virtual environment, from the lock; made again only when the lock changes

$(LOCKED): requirements.lock
	@echo "Making $(VENV) from requirements.lock ..."
	@PYTHON="$(PYTHON)" sh .ci/python $(VENV)
	@$(BIN)/python -m pip install -qq --no-compile --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null 2>&1 || true
	@touch $@

$(READY): $(LOCKED) pyproject.toml
	@$(BIN)/python -m pip install -qq --no-compile --no-deps --no-build-isolation --no-index -e .
	@touch $@

demo: $(READY) ## a TPC-H shop in an old database, migrated and verified (SCALE=0.05)
	@$(BIN)/migrate demo --scale $(SCALE)

ui: $(READY) ## the same world in the Dagster UI, http://127.0.0.1:3000
	@$(BIN)/migrate demo --scale $(SCALE) --ui

bench: SCALE = 1
bench: $(READY) ## how fast rows move, beside the limit and the peers (SCALE=1 ROUNDS=3 CASES= CONTENDERS=)
	@$(BIN)/python -m benchmark run --scale $(SCALE) --rounds $(ROUNDS) \
		--cases "$(CASES)" --contenders "$(CONTENDERS)"

bench-buckets: SCALE = 1
bench-buckets: $(READY) ## how fast objects move between two S3 servers, beside the peers (SCALE=1 ROUNDS=3 SETS=A,B,C)
	@$(BIN)/python -m benchmark.buckets --scale $(SCALE) --rounds $(ROUNDS) --sets "$(SETS)"

bench-peers: $(READY) ## what a user would take instead, into .bench/peers; pgcopydb, pgloader and radosgw by apt-get
	@sh .ci/peers $(BIN)/python

bench-scale: $(READY) ## what 1,000 contracts and 100,000 partitions cost beside their rows; into .bench/scale.json
	@$(BIN)/python -m benchmark.scale

faults: $(READY) ## kills, cuts, stops and fills up what moves rows, and looks at both databases (TRIALS=20 SEED= KIND= FIRST=)
	@$(BIN)/python -m faults --trials $(TRIALS) --kind "$(KIND)" \
		$(if $(SEED),--seed $(SEED)) $(if $(FIRST),--first $(FIRST))

faults-buckets: $(READY) ## bad days of two S3 servers while a bucket is moved (TRIALS=20 SEED= KIND= FIRST=)
	@$(BIN)/python -m faults.buckets --trials $(TRIALS) --kind "$(KIND)" \
		$(if $(SEED),--seed $(SEED)) $(if $(FIRST),--first $(FIRST))

distributed: $(READY) ## webserver, daemon and run workers as processes of their own, staging in S3 (SCALE=0.05 RUNS=8)
	@$(BIN)/python -m migration_assets_tests.deploy.distributed --scale $(SCALE) --runs $(RUNS)

test: $(READY) ## all tests; names what could not run, and why
	@$(BIN)/python -m pytest -n $(WORKERS) -rs --no-fold-skipped

test-slow: $(READY) ## the tests that take too long for every run
	@$(BIN)/python -m pytest -n $(WORKERS) -m slow -rs --no-fold-skipped

lint: $(READY) ## ruff: rules and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(READY) ## ruff puts the code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: $(READY) ## pyright, strict
	@$(BIN)/pyright --pythonpath $(BIN)/python

layers: $(READY) ## import-linter: imports point one way
	@$(BIN)/lint-imports

lock: $(READY) ## new versions and hashes for requirements.lock, from pyproject.toml
	@$(BIN)/python -m pip install -qq uv
	@$(BIN)/uv pip compile pyproject.toml --extra demo --extra cloud --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --upgrade \
		--output-file requirements.lock

clean: ## away with everything that a clone makes for itself
	@sh .ci/clean
