# One list of commands. Each sets up what it needs in .venv, and can be run twice.
.DEFAULT_GOAL := help
.PHONY: help setup browser test lint types arch docs demo story bench evidence check audit lock clean
BIN := .venv/bin
# Tests share the machine's cores; ARGS adds to a command: make test ARGS="tests/engine -x"
CORES ?= 2
ARGS ?=

help: ## List these commands
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

setup: ## Make .venv from the lock file
	@bin/setup

browser: setup ## Find or install the browser that the page tests use
	@bin/browser >/dev/null

test: setup ## Run every test, those in a real browser included
	@bin/test -n $(CORES) --dist worksteal $(ARGS)

lint: setup ## Check style, spelling and unused libraries
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/typos
	@$(BIN)/deptry .

types: setup ## Check types
	@WATCHBILL_SECRET_KEY=check $(BIN)/mypy  # it loads the settings, which would make a key

arch: setup ## Check the arrows between the rooms
	@$(BIN)/lint-imports
	@$(BIN)/pytest tests/architecture

docs: setup ## Check that the docs name every setting, command, library and link
	@$(BIN)/pytest tests/architecture/test_docs.py

demo: setup ## Load a real incident history and open the control room at http://127.0.0.1:8000
	@$(BIN)/watchbill demo $(ARGS)

story: setup ## Run the stories: whole days, with time moved forward
	@bin/test tests/stories $(ARGS)

bench: setup ## Measure; one JSON line per case
	@$(BIN)/python -m benchmarks $(ARGS)

evidence: setup ## Backtest the public incident log anew, and write its page in docs/evidence (half an hour)
	@$(BIN)/python docs/evidence/write.py $(ARGS)

check: ## Run what CI runs
	@.ci/run

audit: setup ## Look up known vulnerabilities of what the lock pins (asks a server on the network)
	@$(BIN)/pip-audit --disable-pip --require-hashes --requirement requirements.lock

lock: ## Write requirements.lock anew (needs uv)
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--all-extras pyproject.toml -o requirements.lock

clean: ## Remove .venv and everything that was generated
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist test-results
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
