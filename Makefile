# Everything a developer runs. `make check` is what CI runs, and nothing else is.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
JOBS ?= 2

.PHONY: install check lint types extension test parity notebooks browser binder bench format clean

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

check: lint types extension test parity notebooks browser binder  ## all that CI runs

lint: install  ## format and style
	$(BIN)/ruff format --check mpnb tests extensions
	$(BIN)/ruff check mpnb tests extensions

types: install  ## both type checkers
	$(BIN)/mypy mpnb tests/typing
	$(BIN)/pyright --pythonpath $(BIN)/python mpnb tests/typing

extension: install  ## the JupyterLab extension is what its sources build
	$(BIN)/python extensions/build.py --check

test: install  ## unit, property and house-rule tests
	$(BIN)/pytest -n $(JOBS) -m 'not browser and not notebook' tests

parity: install  ## recorded cases of the shared folder; skips with a message where it is absent
	$(BIN)/python -m tests.parity

notebooks: install  ## the gallery: run, compare exactly, twice with the same bytes
	$(BIN)/python -m tests.notebooks

browser: install  ## a real JupyterLab in headless Chromium
	$(BIN)/pytest -m browser tests/browser

binder: install  ## Binder's environment from nothing, and the tour in it
	$(BIN)/python -m tests.binder

bench: install  ## measure, and write the README's table
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	$(BIN)/python -m tests.benchmarks --write

format: install
	$(BIN)/ruff format mpnb tests extensions
	$(BIN)/ruff check --fix mpnb tests extensions

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache
