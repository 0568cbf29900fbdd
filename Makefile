# `make run` does the main job, `make test` passes the tests; both install into .venv first.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ALL := .venv-all
PEER := .venv-datacompy
RELEASE_PEERS := .venv-release-peers
TABLE_PEERS := .venv-table-peers
CHAINLADDER := .venv-chainladder
SBOM := .venv-sbom
IMAGE := .venv-image
KETENBALANS := $(BIN)/ketenbalans
EXTRACTS := $(patsubst ~/%,$(HOME)/%,$(or $(KETENBALANS_HOME),.ketenbalans))/extracts/2014
FAST := -n 2 --dist loadfile -m "not laws and not stack and not spark and not faults"
unexport PYTHONDONTWRITEBYTECODE

# A certificate of one's own counts for every download: pip has another name for it than uv.
ifdef SSL_CERT_FILE
export PIP_CERT ?= $(SSL_CERT_FILE)
endif
# A terminal sees what is fetched while it is; a log has a line per step.
QUIET := $(shell test -t 2 || echo --quiet)
OR_SAY = || { echo "setup: that failed. Behind a proxy that opens TLS (its certificate is not trusted: UnknownIssuer," \
  "CERTIFICATE_VERIFY_FAILED) set SSL_CERT_FILE to a file with its certificate (PEM), and try again" >&2; exit 1; }

# What requirements.lock is made with, after a change of pyproject.toml: names, versions and hashes, no addresses.
AS_A_LOCK := --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 --quiet
LOCK := uv pip compile pyproject.toml --extra dev $(AS_A_LOCK)

.DEFAULT_GOAL := help
.PHONY: help setup setup-all run run-later test faults check format lock sbom bench docs docs-images down clean

help:  ## what there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.installed  ## install everything that requirements.lock names into .venv

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("ketenbalans needs Python 3.11 or newer; PYTHON=python3.12 make ... uses another" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || { echo "setup: fetching the installer (uv)"; \
	  $(BIN)/python -m pip install $(QUIET) --disable-pip-version-check "uv==$$(sed -nE 's/^uv==([^ ]+).*/\1/p' requirements.lock)" $(OR_SAY); }
	@echo "setup: installing the $$(grep -c '==' requirements.lock) locked packages into $(VENV), half a minute to two"
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync $(QUIET) --require-hashes --compile-bytecode requirements.lock $(OR_SAY)
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

setup-all: $(ALL)/.installed  ## a second environment, .venv-all, with the extras: Spark as an engine, the peers of the benchmarks

$(ALL)/.installed: requirements-all.lock pyproject.toml $(VENV)/.installed
	@test -x $(ALL)/bin/python || $(BIN)/python -m venv --without-pip $(ALL)
	@echo "setup: installing the locked packages and the extras into $(ALL)"
	@VIRTUAL_ENV=$(ALL) $(BIN)/uv pip sync $(QUIET) --require-hashes --compile-bytecode requirements-all.lock $(OR_SAY)
	@VIRTUAL_ENV=$(ALL) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(PEER)/.installed: bench/datacompy.lock $(VENV)/.installed
	@test -x $(PEER)/bin/python || $(BIN)/python -m venv --without-pip $(PEER)
	@echo "setup: installing datacompy, which is made for the Polars before ours, into $(PEER)"
	@VIRTUAL_ENV=$(PEER) $(BIN)/uv pip sync --quiet --require-hashes bench/datacompy.lock
	@touch $@

$(TABLE_PEERS)/.installed: bench/table_peers.lock $(VENV)/.installed
	@test -x $(TABLE_PEERS)/bin/python || $(BIN)/python -m venv --without-pip $(TABLE_PEERS)
	@echo "setup: installing what compares tables in PostgreSQL, with the DuckDB that its scanner is made for, into $(TABLE_PEERS)"
	@VIRTUAL_ENV=$(TABLE_PEERS) $(BIN)/uv pip sync --quiet --require-hashes bench/table_peers.lock
	@touch $@

$(CHAINLADDER)/.installed: bench/chainladder.lock $(VENV)/.installed
	@test -x $(CHAINLADDER)/bin/python || $(BIN)/python -m venv --without-pip $(CHAINLADDER)
	@echo "setup: installing chainladder, which the nowcast is held against, into $(CHAINLADDER)"
	@VIRTUAL_ENV=$(CHAINLADDER) $(BIN)/uv pip sync --quiet --require-hashes bench/chainladder.lock
	@touch $@

$(RELEASE_PEERS)/.installed: bench/release_peers.lock $(VENV)/.installed
	@test -x $(RELEASE_PEERS)/bin/python || $(BIN)/python -m venv --without-pip $(RELEASE_PEERS)
	@echo "setup: installing acro, which suppresses or rounds one table at a time, into $(RELEASE_PEERS)"
	@VIRTUAL_ENV=$(RELEASE_PEERS) $(BIN)/uv pip sync --quiet --require-hashes bench/release_peers.lock
	@touch $@

run: setup  ## the main job: start the stack, publish 2014, let Airflow balance it, show the balance
	@$(KETENBALANS) up
	@$(KETENBALANS) scenario 2014 --out "$(EXTRACTS)"
	@$(KETENBALANS) produce police "$(EXTRACTS)/police-2015-01-31.csv"
	@$(KETENBALANS) produce om "$(EXTRACTS)/om-2015-01-31.csv"
	@$(KETENBALANS) produce hotline "$(EXTRACTS)/hotline-2015-01-31.jsonl"
	@$(KETENBALANS) balance --period 2014 --as-of 2015-01-31 --wait 120
	@echo
	@$(KETENBALANS) status
	@echo
	@echo "Publish what came in until June 2015 and see what was late:   make run-later"
	@echo "Stop everything:                                              make down"

run-later: setup  ## publish the second set of extracts, until 2015-06-30; the same page then shows what came late
	@$(KETENBALANS) produce police "$(EXTRACTS)/police-2015-06-30.csv"
	@$(KETENBALANS) produce om "$(EXTRACTS)/om-2015-06-30.csv"
	@$(KETENBALANS) produce hotline "$(EXTRACTS)/hotline-2015-06-30.jsonl"
	@$(KETENBALANS) balance --period 2014 --as-of 2015-06-30 --wait 120
	@echo
	@$(KETENBALANS) restate --period 2014 --from 2015-01-31 --to 2015-06-30 --brief
	@echo
	@echo "Each suspect that moved, with its reason:   $(KETENBALANS) restate --period 2014 --from 2015-01-31 --to 2015-06-30"

test: setup setup-all  ## every check and every test, those on the real stack and on Spark included, side by side
	@$(BIN)/python tests/run.py

faults: setup  ## the faults to survive, in full: two hundred random kills, servers and Airflow too; prints kills by place
	@$(BIN)/python -m pytest -m faults tests/faults

check: setup  ## what a change passes before its commit: format, lint, types, import contracts, the quick tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest -q $(FAST)

format: setup  ## format the code and mend what can be mended by itself
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

lock: setup  ## resolve the dependencies of pyproject.toml anew into requirements.lock
	@$(BIN)/$(LOCK) --output-file requirements.lock
	@$(BIN)/uv pip compile pyproject.toml $(AS_A_LOCK) --constraints requirements.lock --output-file requirements-run.lock
	@$(BIN)/$(LOCK) --extra spark --extra bench --constraints requirements.lock --output-file requirements-all.lock
	@echo datacompy | $(BIN)/uv pip compile - $(AS_A_LOCK) --no-annotate --output-file bench/datacompy.lock
	@echo chainladder | $(BIN)/uv pip compile - $(AS_A_LOCK) --no-annotate --output-file bench/chainladder.lock
	@printf 'duckdb-extension-postgres-scanner\npsycopg2-binary\nreladiff\n' | $(BIN)/uv pip compile - $(AS_A_LOCK) --no-annotate --output-file bench/table_peers.lock
	@echo acro | $(BIN)/uv pip compile - $(AS_A_LOCK) --no-annotate --output-file bench/release_peers.lock
	@echo cyclonedx-bom | $(BIN)/uv pip compile - $(AS_A_LOCK) --no-annotate --output-file ops/image/sbom.lock

$(SBOM)/.installed: ops/image/sbom.lock $(VENV)/.installed
	@test -x $(SBOM)/bin/python || $(BIN)/python -m venv --without-pip $(SBOM)
	@VIRTUAL_ENV=$(SBOM) $(BIN)/uv pip sync --quiet --require-hashes ops/image/sbom.lock
	@touch $@

sbom: $(SBOM)/.installed  ## what the image holds: dist/sbom.cdx.json (CycloneDX) and dist/licences.txt
	@test -x $(IMAGE)/bin/python || $(BIN)/python -m venv --without-pip $(IMAGE)
	@VIRTUAL_ENV=$(IMAGE) $(BIN)/uv pip sync --quiet --require-hashes requirements-run.lock
	@mkdir -p dist
	@$(SBOM)/bin/cyclonedx-py environment $(IMAGE) --pyproject pyproject.toml --output-reproducible \
	  --output-format JSON --output-file dist/sbom.cdx.json
	@$(BIN)/python ops/image/licences.py dist/sbom.cdx.json > dist/licences.txt
	@echo "dist/sbom.cdx.json and dist/licences.txt: $$(grep -c . dist/licences.txt) packages"

bench: setup-all $(PEER)/.installed $(TABLE_PEERS)/.installed $(CHAINLADDER)/.installed $(RELEASE_PEERS)/.installed  ## the benchmarks; they print ratios against a named peer or limit
	@for bench in bench/bench_*.py; do PYTHONPATH=. $(ALL)/bin/python $$bench || exit 1; done

docs: setup  ## everything that is generated anew: the data dictionary, the contracts, the pages of the measures
	@$(BIN)/python -m ketenbalans.jobs.pages.generated

docs-images: setup  ## the pictures of the docs anew, from the stack that make run started and a report of 2014
	@$(BIN)/python docs/images/make.py

down:  ## stop the embedded stack; what it keeps stays
	@test ! -x $(KETENBALANS) || $(KETENBALANS) down

clean: down  ## stop the stack and remove what it kept, with the environment
	rm -rf .ketenbalans $(VENV) $(ALL) $(PEER) $(TABLE_PEERS) $(CHAINLADDER) $(RELEASE_PEERS) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
