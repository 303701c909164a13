# `make play` needs Python 3.11 or newer, and nothing else: what it installs goes into .venv.
# ARGS is passed on:  make play ARGS=consensus/paxos    make test ARGS="-k paxos"

VENV ?= .venv
PYTHON ?= .ci/python
BIN := $(VENV)/bin

.PHONY: help play test lint check slow bench docs clean

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' Makefile

play: $(VENV)/.play ## set up and run
	@"$(BIN)/playground" $(ARGS)

test: $(VENV)/.dev ## set up and test
	"$(BIN)/python" -m pytest -n auto $(COVERAGE) $(ARGS)

lint: $(VENV)/.dev ## style, formatting, types, and who may import whom
	PATH="$(abspath $(BIN)):$$PATH" .ci/lint

check: COVERAGE := --cov
check: lint test ## lint, and test with coverage: what a change must pass

slow: $(VENV)/.dev ## the tests that `make test` leaves out
	"$(BIN)/python" -m pytest -n auto -m slow --timeout 1200 $(ARGS)

bench: $(VENV)/.dev ## speed, as ratios to a floor measured in the same run
	"$(BIN)/python" -m benchmarks $(ARGS)

docs: $(VENV)/.dev ## tables and pictures in docs/, made again by running the playground
	"$(BIN)/python" -m docs

clean: ## remove .venv and all caches
	rm -rf .venv .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name .git -prune -o -name __pycache__ -prune -exec rm -rf {} +

# The stamps make a second start immediate, and a changed pyproject.toml install again.
# uv is faster, but knows nothing of pip's configuration: if it fails, pip has the last word.
define install
	@"$(BIN)/python" -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null \
	|| $(PYTHON) -m venv --clear "$(VENV)"
	@echo "Installing into $(VENV) ..."
	@uv pip install --quiet --python "$(BIN)/python" --editable "$(1)" 2>/dev/null \
	|| "$(BIN)/python" -m pip install --quiet --disable-pip-version-check --editable "$(1)"
	@touch $@
endef

$(VENV)/.play: pyproject.toml
	$(call install,.)

$(VENV)/.dev: pyproject.toml
	$(call install,.[dev])
	@touch $(VENV)/.play
