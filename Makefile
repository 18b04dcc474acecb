# Prerequisites: git, make, Python 3.11 or later with venv. `make` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export OPENBLAS_NUM_THREADS := 1
# whole files, which share what they make, in order: those that drive Chromium take longest, first
PARALLEL := -n 4 --dist loadfile --no-loadscope-reorder
# empty: the tests start dozens of processes, and each would compile all of it again
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup test-setup run demo test test-all bench bench-r lint types browser reference fonts messages pictures lock docs clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.installed ## install what the program needs, system libraries included
	@$(PYTHON) tools/system.py run

test-setup: $(VENV)/.installed-dev ## install what the tests need, Chromium and PostgreSQL included
	@$(PYTHON) tools/system.py run test

$(VENV)/bin/uv:
	@echo "Making the virtual environment ..."
	@$(PYTHON) -c 'import sys; sys.exit("Midtier needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Say which to use: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv is missing. Debian, Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check uv

$(VENV)/.installed: $(VENV)/bin/uv requirements.lock pyproject.toml
	@echo "Installing the locked requirements ..."
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes --compile-bytecode -r requirements.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	@echo "Installing the locked requirements of the tests ..."
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes --compile-bytecode -r requirements-dev.lock
	@touch $@

$(VENV)-bench/.installed: bench/requirements.txt
	@$(PYTHON) -m venv $(VENV)-bench
	@$(VENV)-bench/bin/pip install --quiet --disable-pip-version-check -r bench/requirements.txt
	@touch $@

run: setup ## serve the demonstration on 127.0.0.1:8000
	@MIDTIER_DATA_DIR=demo $(BIN)/midtier run --demonstration

demo: setup ## write the demonstration's profile.pdf and validation.pdf
	@MIDTIER_DATA_DIR=demo $(BIN)/midtier demo

test: test-setup ## the tests: unit, database on SQLite and PostgreSQL, browser
	@$(BIN)/python -m pytest $(PARALLEL) -m "not long" --durations 8

test-all: test-setup ## the long tests too, every page on PostgreSQL, and random examples that were never tried
	@$(BIN)/python -m pytest $(PARALLEL) --hypothesis-profile=searching

browser: test-setup ## only the tests that drive Chromium
	@$(BIN)/python -m pytest -m browser

bench: test-setup $(VENV)-bench/.installed ## measure: estimators beside other packages, what they recover, coverage of the bands, commands, pages on a phone
	@$(BIN)/python bench/psychometrics.py --others $(VENV)-bench/bin/python
	@$(BIN)/python bench/recovery.py
	@$(BIN)/python bench/coverage.py
	@$(BIN)/python bench/commands.py
	@$(BIN)/python bench/phone.py

bench-r: ## install R with psych and lavaan from Debian, so that make bench measures them too
	@$(PYTHON) tools/system.py bench-r

docs: setup ## write what the program knows into pages of docs/
	@$(BIN)/python tools/docs.py

lint: test-setup types ## ruff, mypy and the import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@! grep -nE 'https?://' requirements.lock requirements-dev.lock || { echo "A lock names a registry host"; exit 1; }

types: test-setup ## mypy, strict
	@$(BIN)/mypy

lock: $(VENV)/bin/uv ## renew the locks from requirements.in and requirements-dev.in
	@$(BIN)/uv pip compile --quiet --no-emit-index-url --generate-hashes --custom-compile-command 'make lock' requirements.in -o requirements.lock
	@$(BIN)/uv pip compile --quiet --no-emit-index-url --generate-hashes --custom-compile-command 'make lock' requirements-dev.in -o requirements-dev.lock

messages: test-setup ## collect the web's messages and bring the catalogs up to date
	@$(BIN)/python tools/messages.py

pictures: test-setup ## draw the kept pictures of four profiles again, after a change that is meant
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/reports/pictures.py

fonts: setup ## fetch Source Sans 3 again from its npm packages and cut it for the screen (needs npm)
	@sh tools/fonts.sh

clean: ## remove what the targets made; the demonstration included
	@rm -rf $(VENV) $(VENV)-bench demo build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
