# Two commands matter: `make run` and `make test`. The rest is for people who change the code.
# Only relative paths here: the folder may have spaces or non-ASCII letters in its name.
.DEFAULT_GOAL := help
BIN := .venv/bin
PATHS := airflow_wizard tests tools hatch_build.py $(wildcard screenshots)
export PYTHON

.PHONY: run test unit e2e lint format dev lock bench screenshots docs clean help

run: ## open the wizard; without a terminal: launch the standalone profile to proven (ARGS="..." is passed on)
	@sh tools/bootstrap.sh run
	@sh tools/run.sh $(ARGS)

test: ## everything: lint, unit tests, and end-to-end with a real Airflow
	@sh tools/bootstrap.sh dev
	@sh tools/test.sh

dev: ## .venv with the locked development tools
	@sh tools/bootstrap.sh dev

lint: dev ## ruff, mypy, import contracts
	$(BIN)/ruff check $(PATHS)
	$(BIN)/ruff format --check $(PATHS)
	$(BIN)/mypy
	$(BIN)/lint-imports

format: dev ## let ruff fix and format what it can
	$(BIN)/ruff check --fix $(PATHS)
	$(BIN)/ruff format $(PATHS)

unit: dev ## tests without an Airflow, in parallel
	$(BIN)/pytest -n auto --dist worksteal -q

e2e: dev ## tests with a real Airflow, the long ones as well
	$(BIN)/pytest -m e2e -q --timeout 1800

lock: dev ## renew both locks from pyproject.toml (UPGRADE=1 takes newer releases)
	@sh tools/lock.sh

bench: dev ## speed beside the bare thing, as ratios
	$(BIN)/python -m tests.bench $(ARGS)

screenshots: dev ## draw the pictures again, by driving the real app
	$(BIN)/python -m screenshots $(ARGS)

docs: dev ## write the generated tables of README.md again
	$(BIN)/python -m airflow_wizard.cli.reference --write README.md

clean: ## remove what can be made again
	rm -rf .venv .venv.lock dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

help: ## this list
	@sed -n 's/^\([a-z0-9]*\):[^#]*## /  make \1#/p' Makefile | awk -F'#' '{ printf "%-20s %s\n", $$1, $$2 }'
