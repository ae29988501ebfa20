# Two commands: `make run` opens the lesson, `make test` checks it. Both do their own set-up.

PORT ?= 8501
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11, 4))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
STREAMLIT := $(BIN)/streamlit run streamlit_app.py --server.port $(PORT) --server.headless $(if $(HEADLESS),true,false)

.PHONY: run classroom setup setup-tests test lint bench

run: setup
	$(STREAMLIT) --server.address 127.0.0.1

# The same, for a room: everyone on this network can join.
classroom: setup
	$(STREAMLIT) --server.address 0.0.0.0

setup: .venv/.installed

.venv/.installed: requirements.txt
	@test -n "$(PYTHON)" || { echo "This needs Python 3.11.4 or newer: install it, then run make again."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

setup-tests: .venv/.installed-tests
	@sh tests/browser/install-chromium.sh

.venv/.installed-tests: requirements-dev.txt .venv/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

lint: setup-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

test: lint
	$(BIN)/python -m pytest

bench: setup-tests
	$(BIN)/python -m lessonkit bench
