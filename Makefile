# Every target brings along what it needs, on a fresh Debian or Ubuntu with Python 3.11 or newer, and says what it
# installs. A second run installs nothing.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
# Where it is set, as in images for Python, each process compiles all that it imports, and pytest all tests, again.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.requirements-dev
IN_PARALLEL := --dist=loadfile --no-loadscope-reorder --numprocesses=
BENCH_VENV := .venv-bench
BENCH_STAMP := $(BENCH_VENV)/.requirements
SUPPLY_VENV := .venv-supply
SUPPLY_STAMP := $(SUPPLY_VENV)/.requirements
SHIPPED_VENV := .venv-shipped
SHIPPED_STAMP := $(SHIPPED_VENV)/.requirements
# The unit tests make hundreds of small databases, 8 MB together, and on a disk they wait for it at each commit.
IN_MEMORY := $(if $(wildcard /dev/shm/.),TMPDIR=/dev/shm)
COMPOSE := docker compose

.PHONY: help setup format docs texts demo test check coverage lint types units chaos fuzz bench corpus sbom audit up down clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## the Python environment in .venv, from the hashed lock, with the command `intake`
	@scripts/link-intake $(VENV)

format: $(STAMP) ## the code as ruff formats it, with what it can mend
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

docs: $(STAMP) ## the tables of docs/reference, from the code
	@$(PY) -m scripts.reference

texts: $(STAMP) ## the texts of the web console, for translators, in console/web/locale/web.pot
	@$(VENV)/bin/pybabel --quiet extract --mapping-file console/web/locale/extract.cfg --omit-header --no-location --output-file console/web/locale/web.pot console/web

demo: $(STAMP) ## everything against a simulated portal, told step by step (ONCE=1: ends by itself)
	@scripts/install-for demo
	@$(PY) -m demo $(if $(ONCE),--once) $(ARGS)

check: $(STAMP) ## format, lint, types, imports, unit tests; under a minute on two cores
	@$(MAKE) --jobs=2 --output-sync=target lint units

lint: $(STAMP)
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/ruff check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

# `lint` has looked at those that run as programs. Half a minute, so not a part of check.
types: $(STAMP) ## the types of all tests and measurements
	$(VENV)/bin/mypy tests bench

units: $(STAMP)
	$(IN_MEMORY) $(PY) -m pytest $(IN_PARALLEL)2 -q tests/unit

# With K=, the tests of that expression alone, in one process. Else in three on two cores: half of the time they wait.
test: $(if $(K),$(STAMP),check types) ## check, then all other tests, against real RabbitMQ and PostgreSQL (K="an expression")
	@scripts/install-for test
	$(PY) -m pytest $(if $(K),-k "$(K)",$(IN_PARALLEL)3 --ignore=tests/unit) $(ARGS)

# What the tests run in processes of their own is not counted.
coverage: $(STAMP) ## the lines that no unit test runs (ARGS="tests/unit tests/contract": that none of these runs)
	@if [[ -n "$(ARGS)" ]]; then scripts/install-for test; fi
	$(VENV)/bin/coverage run -m pytest -q $(or $(ARGS),tests/unit)
	@$(VENV)/bin/coverage report

chaos: $(STAMP) ## 2,000 uploads while everything is killed, frozen and cut (CHAOS_EVENTS, CHAOS_SEED, CHAOS_RATE)
	@scripts/install-for test
	@$(PY) -m tests.chaos $(ARGS)

fuzz: $(STAMP) ## 10,000 hostile connections to the ingress on each server, and 1,000 posts beside (FUZZ_SEED)
	@scripts/install-for test
	@$(PY) -m tests.fuzz $(if $(FUZZ_SEED),--seed $(FUZZ_SEED)) $(ARGS)

# What is measured beside the peers is a part of `python -m bench`, all else a program of its own that needs no peers.
WITH_PEERS := worker ingress
bench: $(STAMP) $(if $(filter-out $(WITH_PEERS),$(ONLY)),,$(BENCH_STAMP)) ## this product beside its peers, about 40 minutes (ONLY=worker, ingress, or a part of ours: see docs/measurements/speed.md)
	@scripts/install-for $(if $(filter growth history,$(ONLY)),test,bench)
	$(PY) -m bench$(if $(filter $(WITH_PEERS),$(ONLY)), --only $(ONLY),$(if $(ONLY),.$(ONLY))) $(ARGS)

corpus: $(STAMP) ## what the reader reads of a folder of invoices, field by field (DIR="../shared/corpus")
	@$(PY) -m bench.corpus $(DIR)

sbom: $(SUPPLY_STAMP) $(SHIPPED_STAMP) ## the packages of our images with their licences, as CycloneDX, in var/sbom.cdx.json
	@mkdir -p var
	@$(SUPPLY_VENV)/bin/cyclonedx-py environment --pyproject pyproject.toml --mc-type application --output-reproducible --output-file var/sbom.cdx.json $(SHIPPED_VENV)
	@echo wrote var/sbom.cdx.json

# A package that the service does not know fails it: a mirror that answers nothing would pass else.
audit: $(SUPPLY_STAMP) ## what is publicly known against the packages of our images
	$(SUPPLY_VENV)/bin/pip-audit --strict --require-hashes --disable-pip --requirement requirements/workers.txt

up: ## docker compose up, against the portal in .env or, without one, the simulated portal
	@$(COMPOSE) up --build --detach --wait || { $(COMPOSE) logs --no-log-prefix settings; exit 1; }
	@$(COMPOSE) ps

down: ## stop what `make up` started; the data stays
	$(COMPOSE) down

clean: ## remove the environment, caches and local data, and the demo's containers and images
	@if docker info >/dev/null 2>&1; then \
	  $(COMPOSE) --project-name intake-demo --env-file /dev/null down --volumes --rmi local --remove-orphans; fi
	rm -rf $(VENV) $(BENCH_VENV) $(SUPPLY_VENV) $(SHIPPED_VENV) var .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements/dev.txt scripts/make-venv
	@scripts/make-venv $(VENV) requirements/dev.txt
	@touch $@

$(BENCH_STAMP): bench/requirements.txt bench/peers/express/package-lock.json scripts/make-venv scripts/install-express
	@scripts/make-venv $(BENCH_VENV) bench/requirements.txt
	@scripts/install-express $(BENCH_VENV)/node
	@touch $@

$(SUPPLY_STAMP): requirements/supply.txt scripts/make-venv
	@scripts/make-venv $(SUPPLY_VENV) requirements/supply.txt
	@touch $@

$(SHIPPED_STAMP): requirements/workers.txt scripts/make-venv
	@scripts/make-venv $(SHIPPED_VENV) requirements/workers.txt
	@touch $@
