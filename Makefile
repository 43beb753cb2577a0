# Karyabina: everything from a bare checkout. `make run` opens the shop, `make test` runs every test.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PORT
export FLASK_APP := wsgi

PLAIN := not browser and not concurrency

help: ## Show the targets
	@grep -hE '^[a-z][a-z-]*:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(VENV)/bin/python:
	@echo "• Menyiapkan lingkungan Python …"
	@scripts/python_environment.sh "$(PYTHON)" "$(VENV)"

$(VENV)/.runtime: requirements.lock | $(VENV)/bin/python
	@echo "• Memasang pustaka …"
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.development: requirements-dev.lock | $(VENV)/bin/python
	@echo "• Memasang pustaka pengembangan …"
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/.runtime

node_modules/.installed: package.json package-lock.json
	@echo "• Memasang paket tampilan …"
	@npm ci --no-audit --no-fund --silent
	@touch $@

static/dist/manifest.json: node_modules/.installed $(shell find static/scss static/js static/img -type f) static/icons.json static/build.mjs static/contrast.mjs
	@echo "• Membangun tampilan …"
	@npm run --silent build

run: $(VENV)/.runtime static/dist/manifest.json ## Open the shop on PORT (8000)
	@$(BIN)/flask serve --port $(PORT)

system: ## Install PostgreSQL and Chromium on Debian (as root), for the tests
	@scripts/system_packages.sh

test: $(VENV)/.development static/dist/manifest.json system ## Run the whole suite on SQLite and PostgreSQL, and in Chromium
	@scripts/run_tests.sh

lint: $(VENV)/.development ## Format, lint, imports, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

check: lint test ## What CI runs

bench: $(VENV)/.development static/dist/manifest.json system ## Measure, each figure beside a limit of the same run
	@scripts/run_bench.sh

format: $(VENV)/.development ## Bring the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.development ## Renew the locks from setup.cfg
	@scripts/lock.sh

.PHONY: help run system test lint check bench format lock
