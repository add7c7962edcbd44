# Everything a newcomer needs: `make demo` to see it, `make test` to trust it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help venv venv-test demo test coverage test-long check bench kills pictures lock clean

help: ## show what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

venv: $(VENV)/.ready ## make .venv with the pinned dependencies

$(VENV)/.ready: pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

venv-test: $(VENV)/.ready-test

$(VENV)/.ready-test: $(VENV)/.ready requirements-test.lock
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-test.lock
	touch $@

demo: $(VENV)/.ready ## run the whole system with the built-in WhatsApp stand-in
	@$(BIN)/stadtbote demo

test: venv-test ## the test suite
	$(BIN)/python -m pytest -n auto

coverage: venv-test ## the test suite, counting the lines it runs (takes twice as long)
	$(BIN)/python -m pytest -n auto --cov --cov-report=term:skip-covered --cov-fail-under=95

test-long: venv-test ## kills, outages and browsers (up to 15 minutes)
	$(BIN)/python -m pytest -m long $(PYTEST_ARGS)

check: venv-test ## linters, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: ## pin anew what is installed in .venv
	sh tools/lock.sh

bench: venv-test ## measure, print, write benchmarks/results.md (about 20 minutes)
	$(BIN)/python -m benchmarks

pictures: venv-test ## take the pictures of docs/ anew (wants Chromium)
	$(BIN)/python -m tools.pictures

kills: venv-test ## a hundred kills more for the running total (about 5 minutes)
	$(BIN)/python -m benchmarks.kill --runs 4 --kills 25 --readers 800

clean: ## remove what was built
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
