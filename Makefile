# `make` alone lists the targets. Variables: PORT=8001, DETECTOR=small (no large download), PYTHON=/path/to/python3.11.
.DEFAULT_GOAL := help
.PHONY: help demo start dev backup restore check test prove bench screenshots shots keys fmt lint types units walks crashes editor set-up set-up-demo set-up-tests

# The first Python that is new enough; set-up says so when there is none.
NEW_ENOUGH = import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$name && exit; done; echo python3)
PY := .venv/bin/python
UNITS := not browser and not faults and not prove
# Node on PATH comes first; the wheel's lies beside our python.
export PATH := $(PATH):$(CURDIR)/.venv/bin

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 13

demo: set-up-demo ## run Tessera with sample data and six sign-ins
	@exec $(PY) -m config.supervisor demo

start: set-up ## run Tessera, empty
	@exec $(PY) -m config.supervisor start

dev: set-up-demo ## run the demo for developers: pages reload, errors show
	@exec $(PY) -m config.supervisor dev

backup: set-up ## save database, files and secrets: make backup TO=folder
	@$(PY) -m config.supervisor backup "$(TO)"

restore: set-up ## bring a backup back into an empty var/: make restore FROM=folder
	@$(PY) -m config.supervisor restore "$(FROM)"

check: set-up-tests ## lint, types, contracts and unit tests (under 6 min)
	@$(MAKE) --jobs=2 --output-sync=target --no-print-directory lint types editor
	@$(MAKE) --no-print-directory units

test: check ## check, then the browser walk and the faults: what CI runs (under 10 min)
	@$(MAKE) --jobs=2 --output-sync=target --no-print-directory walks crashes

prove: test bench ## all of it, then long storms and the benches: before an issue is resolved
	$(PY) -m pytest -m prove --durations=5
	$(PY) -m bench kill_storm

bench: set-up-tests ## print the figures
	$(PY) -m bench

screenshots: set-up-tests ## take the pictures of the guides anew
	@$(PY) -m docs.screenshots

shots: set-up-tests ## photograph every page into var/shots
	@$(PY) -m pytest tests/look/shots.py -q

keys: set-up-tests ## write anew which keys the API sends to each role (then read the difference)
	@$(PY) -m pytest tests/access/renew.py -q

fmt: set-up-tests ## format the Python sources
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix-only .

lint: set-up-tests
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/lint-imports --no-logo

types: set-up-tests
	$(PY) -m mypy
	npm run --silent types

units: set-up-tests
	$(PY) -m pytest -n auto -m "$(UNITS)" --durations=5

# Two at a time: those that share one running demo; and looks, and those that start and kill Tesseras of their own.
ON_THE_DEMO := tests/browser tests/docs tests/faults
walks: set-up-tests
	$(PY) -m pytest $(ON_THE_DEMO) -m "browser or faults" --durations=5

crashes: set-up-tests
	$(PY) -m pytest $(ON_THE_DEMO:%=--ignore=%) -m "browser or faults" --durations=5

editor: set-up-tests
	npm run --silent test

set-up:
	@$(PYTHON) config/bootstrap.py start

set-up-demo:
	@$(PYTHON) config/bootstrap.py demo

set-up-tests:
	@$(PYTHON) config/bootstrap.py test
