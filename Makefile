# Every line also runs by hand. `make demo` and `make test` do all of their own set-up.

PYTHON ?= $(shell for each in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; \
	done || echo python3)
VENV := .venv/bin
TREES := src tests tools benchmarks
SEEDS ?= 200
SECONDS ?= 60
TARGETS ?=
# Test processes side by side; `auto` takes every core.
WORKERS ?= auto

.PHONY: help setup demo test check fix sim fuzz bench docs lock

help:           ## these words
	@sed -n 's/^\([a-z]*\): *\(.*\)## \(.*\)/make \1\t\3/p' Makefile | expand -t 14

setup:          ## .venv with everything for work on Parley
	@$(PYTHON) tools/setup.py dev

demo:           ## two stations, a day between them, two consoles to look at; ARGS=--once ends by itself
	@$(PYTHON) tools/setup.py runtime
	@$(VENV)/parley demo $(ARGS)

test: setup     ## all tests, those in a real browser included
	@tools/install_programs.sh
	@$(VENV)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup    ## lint, format, types, the arrows between rooms, and the words of the docs
	$(VENV)/ruff check $(TREES)
	$(VENV)/ruff format --check $(TREES)
	$(VENV)/mypy
	$(VENV)/lint-imports --no-cache
	$(VENV)/python -m pytest tests/house

fix: setup      ## what of it can be put right by itself
	$(VENV)/ruff check --fix $(TREES)
	$(VENV)/ruff format $(TREES)

sim: setup      ## SEEDS=200 simulated worlds, each with its own faults
	$(VENV)/parley simulate --quiet --seeds $(SEEDS)
	$(VENV)/parley simulate --quiet --seeds $(SEEDS) --hostile
	$(VENV)/parley simulate --quiet --seeds $(SEEDS) --hostile --files

fuzz:           ## SECONDS=60 of coverage-guided fuzzing for each of TARGETS (all)
	@$(PYTHON) tools/setup.py fuzz
	$(VENV)/python tools/fuzz.py --seconds $(SECONDS) $(TARGETS)

bench: setup    ## measure this machine and write docs/speed.md
	$(VENV)/python -m benchmarks.run --write docs/speed.md

docs: setup     ## write the reference pages from the code, and the verifier page from its modules
	$(VENV)/python tools/reference_pages.py
	$(VENV)/python tools/desk_names.py src/parley_verify/page/desk_names.js
	$(VENV)/python tools/verifier_page.py src/parley_verify/verifier_page.html

lock:           ## new versions into the lock files; needs uv
	uv pip compile $(LOCK_ARGS) -o requirements/runtime.txt pyproject.toml
	uv pip compile $(LOCK_ARGS) -o requirements/dev.txt --extra dev pyproject.toml
	uv pip compile $(LOCK_ARGS) -o requirements/build.txt -c requirements/dev.txt requirements/build.in
	uv pip compile $(LOCK_ARGS) -o requirements/fuzz.txt -c requirements/dev.txt requirements/fuzz.in
	uv pip compile $(LOCK_ARGS) -o requirements/pdf.txt -c requirements/dev.txt requirements/pdf.in
	uv pip compile $(LOCK_ARGS) -o requirements/pkcs11.txt -c requirements/dev.txt requirements/pkcs11.in
	uv pip compile $(LOCK_ARGS) -o requirements/postgres.txt -c requirements/dev.txt requirements/postgres.in

# No addresses of an index stand in the lock files: where packages come from is the installer's choice.
LOCK_ARGS := --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate
