# Auftakt: everything a newcomer needs. Requires Python 3.11 or newer with venv, and make.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: install demo test walk smoke check bench messages screenshots clean

install: $(STAMP)

$(STAMP): requirements-dev.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $(STAMP)

demo: install            ## the demo company on the embedded database; prints the address and the log-in
	$(BIN)/auftakt demo

test: install            ## the whole suite on PostgreSQL 18, then smoke tests on 16
	sh tests/chromium.sh
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not walk"
	TEST_POSTGRES=16 $(BIN)/python -m pytest -q -m smoke

walk: install            ## every page in a browser: axe, widths, links; takes minutes
	sh tests/chromium.sh
	$(BIN)/python -m pytest -q -m walk tests/browser

check: install           ## architecture, style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/pyright
	$(BIN)/python -m pytest -q tests/house

bench: install           ## capture, promise, advance, console: ratios to the floor of the same run
	$(BIN)/auftakt bench capture
	$(BIN)/auftakt bench promise
	$(BIN)/auftakt bench advance
	$(BIN)/auftakt bench console

messages: install        ## collect and compile the console's texts
	$(BIN)/python -m auftakt.console.messages

screenshots: install     ## the pictures in docs/img, taken from the demo company
	sh tests/chromium.sh
	$(BIN)/python -m tests.screenshots

clean:
	rm -rf .venv build dist
