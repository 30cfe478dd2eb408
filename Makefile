.PHONY: setup demo test test-slow prefect bench lint lock clean
PYTHON ?= python3
BIN := .venv/bin

# An environment inside the checkout, exactly what requirements.lock pins.
setup: .venv/.ready
.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-build-isolation --no-deps -e .
	$(BIN)/pip check
	touch .venv/.ready
