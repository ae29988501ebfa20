# Two commands: `make run` opens the lesson, `make test` checks it. Both do their own set-up. `make` alone lists the rest.

PORT ?= 8501
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11, 4))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
# not .venv/bin/streamlit, which holds the folder's path and stops where the folder has moved
STREAMLIT := $(BIN)/python -m streamlit run streamlit_app.py --server.port $(PORT) --server.headless $(if $(HEADLESS),true,false)
# One process more than there are cores, four at most (`tests/conftest.py`); each takes a whole file.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# Some machines set it. Python then keeps nothing of what it compiles, and uv has compiled nothing: importing fastai takes
# 19 s of a core instead of 7, in the app's workers and in each process of the tests.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run classroom setup setup-tests lock test check lint pictures bench

help:  ## print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "PORT=8600 make run takes another port; HEADLESS=1 make run opens no browser."

run: setup  ## open the lesson at http://127.0.0.1:8501, for this machine alone
	@$(BIN)/python -m lessonkit doctor --quick --port $(PORT)
	$(STREAMLIT) --server.address 127.0.0.1

classroom: setup  ## the same, for a room: everyone on this network can join; WORKERS=4 for a large class
	@$(BIN)/python -m lessonkit doctor --quick --port $(PORT)
	$(BIN)/python -m lessonkit app --classroom --port $(PORT) $(if $(WORKERS),--workers $(WORKERS)) $(if $(HEADLESS),--headless)

setup: .venv/.installed  ## install what the lesson needs, into .venv

.venv/.installed: requirements.lock scripts/install.py
	@test -n "$(PYTHON)" || { echo "This needs Python 3.11.4 or newer: install it, then run make again."; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	$(BIN)/python scripts/install.py
	@touch $@

setup-tests: .venv/.installed-tests  ## and what the tests need, Chromium too
	@sh tests/browser/install-chromium.sh

.venv/.installed-tests: requirements-dev.lock .venv/.installed
	$(BIN)/python scripts/install.py --tests
	@touch $@

lock: setup  ## after a change of a requirements file: write the lock files, with hashes, again
	$(BIN)/python scripts/install.py --lock

lint: setup-tests  ## check the style and the types
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m pyrefly check --summary=none

test: lint  ## lint, and run all tests, in a real browser too
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

check: lint  ## lint, and run the quick tests of what changed since main, in under a minute
	$(BIN)/python -m tests.chosen -n auto --maxprocesses 4 --dist worksteal

pictures: setup-tests  ## go through the whole lesson in the browser, and make the README's pictures of it
	$(BIN)/python -m tests.browser.pictures

bench: setup-tests  ## measure this machine beside plain fastai, for bench/RESULTS.md
	$(BIN)/python -m lessonkit bench
