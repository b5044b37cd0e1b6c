# Readable verbs, the same here and in CI. `make demo` and `make test` set up everything they need.
# Empty: the newest Python here that fits (>= 3.11).
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 10

.PHONY: help setup demo test long machine matrix fmt lint types layers lab soak fuzz bench docs clean

help:
	@echo "make setup   apt packages (Debian) and a virtual environment in .venv"
	@echo "make demo    break, diagnose, prove, repair and undo the three founding causes in a sandboxed host"
	@echo "make test    lint, types, layers, docs, and all tests but those of make long and make machine"
	@echo "make long    real guests that boot for minutes: the founding stories to their end, and more firmware"
	@echo "make machine whole machines under emulation: what needs another kernel, systemd, or a real reboot"
	@echo "make matrix  releases and firewall managers against each other, in whole machines: docs/matrix.md"
	@echo "make fmt | lint | types | layers | docs    one of these alone; docs also builds the site into build/site"
	@echo "make lab     every fault and decoy of the lab, as JSON"
	@echo "make soak    a day of the keeper, compressed; then the kernel judges the evaluator of rules, without end"
	@echo "make fuzz    every law of the unit tests on new examples, forty times as many as make test tries"
	@echo "make bench   the published figures, measured in one run"
	@echo "make clean   remove what these verbs made"

setup:
	@scripts/setup-packages
	@scripts/setup-venv "$(PYTHON)" $(VENV)

demo: setup
	@$(BIN)/pxedoctor lab demo

test: setup lint types layers docs
	@scripts/run-tests $(BIN) $(WORKERS)

long: setup
	@$(BIN)/pytest -m long -n 4 --dist=load --maxschedchunk=1

machine: setup
	@$(BIN)/pytest -m machine

matrix: setup
	@$(BIN)/python scripts/matrix --run site >/dev/null & $(BIN)/python scripts/matrix --run machine >/dev/null; \
		wait; $(BIN)/python scripts/matrix --write

fmt: setup
	@$(BIN)/ruff format src tests scripts && $(BIN)/ruff check --fix src tests scripts

lint: setup
	@$(BIN)/ruff format --check src tests scripts && $(BIN)/ruff check src tests scripts

types: setup
	@$(BIN)/mypy
	@MYPYPATH=src:scripts $(BIN)/mypy --strict scripts

layers: setup
	@$(BIN)/lint-imports

docs: setup
	@$(BIN)/python scripts/generate_docs.py --check
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

lab: setup
	@$(BIN)/pxedoctor lab run --all --json

soak: setup
	@$(BIN)/python scripts/soak_keeper.py
	@$(BIN)/python scripts/soak

# Which files hold laws is asked, so that a worker need not read the others.
fuzz: setup
	@PXEDOCTOR_EXAMPLES=fuzz $(BIN)/pytest -q -n auto -m "not lab and not firmware and not machine" \
		$$(grep -rl "hypothesis import" tests --include='test_*.py')

bench: setup
	@$(BIN)/python scripts/bench.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage .hypothesis
