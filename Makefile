.PHONY: setup demo test coverage test-slow prefect serve bench bench-full docs lint lock clean forget
PYTHON ?= python3
PORT ?= 4200
PAGES ?= 8080
BIN := .venv/bin

# An environment inside the checkout, exactly what requirements.lock pins.
setup: .venv/.ready
.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-build-isolation --no-deps -e .
	$(BIN)/pip check
	touch .venv/.ready

# The main job on the sample drops, under a Prefect server of its own.
demo: setup
	$(BIN)/python -m flows.demo

# A local Prefect server with its UI on port 4200 (make prefect PORT=4201: there), serving what flows/deployments.py
# names until Ctrl-C, and the pages on port 8080 (PAGES=8081: there).
prefect: setup
	$(BIN)/crossdock prefect --port $(PORT) --pages-port $(PAGES) --deployments flows/deployments.py

# The pages and the APIs alone, without Prefect.
serve: setup
	$(BIN)/crossdock serve --port $(PAGES)

# Everything but the slow tests; a real PostgreSQL and a real Prefect server included.
test: setup
	$(BIN)/python -m pytest -m "not slow" -n auto --dist worksteal

# The same, measured, which costs half as much again: branch coverage below 95 % fails.
coverage: setup
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -m "not slow" -n auto --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# The slow rest: large files, every sample on both databases, many kills, the memory limit, many more examples that
# chance makes.
test-slow: setup coverage
	$(BIN)/python -m pytest -m slow -n auto --dist worksteal
	$(BIN)/python -m pytest -m "hypothesis and not slow" --hypothesis-profile=thorough -n auto --dist worksteal

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The parts of docs/ that the code tells, anew.
docs: setup
	$(BIN)/python -m docs.generate

# The short form: a few minutes on two idle cores.
bench: setup
	$(BIN)/python -W ignore -m bench.start_up
	$(BIN)/python -W ignore -m bench.small_drops --drops 60
	$(BIN)/python -W ignore -m bench.import_csv --lines 200000
	$(BIN)/python -W ignore -m bench.reports

# The tables of bench/README.md and docs/speed.md, anew.
bench-full: setup
	$(BIN)/python -W ignore -m bench.start_up
	$(BIN)/python -W ignore -m bench.small_drops
	$(BIN)/python -W ignore -m bench.workers
	$(BIN)/python -W ignore -m bench.waiting
	$(BIN)/python -W ignore -m bench.partners
	$(BIN)/python -W ignore -m bench.import_csv
	$(BIN)/python -W ignore -m bench.whole
	$(BIN)/python -W ignore -m bench.import_formats
	$(BIN)/python -W ignore -m bench.edi
	$(BIN)/python -W ignore -m bench.edi_imports --answered
	$(BIN)/python -W ignore -m bench.goods
	$(BIN)/python -W ignore -m bench.checking
	$(BIN)/python -W ignore -m bench.reports
	$(BIN)/python -W ignore -m bench.workbooks
	$(BIN)/python -W ignore -m bench.localising
	$(BIN)/python -W ignore -m bench.beside
	$(BIN)/python -W ignore -m bench.http
	$(BIN)/python -W ignore -m bench.peers

# The lock file anew, from pyproject.toml (needs uv).
lock:
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --all-extras pyproject.toml -o requirements.lock

# The environment goes; what was imported stays.
clean:
	rm -rf .venv

# What was imported goes, once somebody says yes: data/home with its database, inbox, archive, answers and Prefect's history.
forget:
	@printf 'Remove data/home: its database, the files in its inbox and archive, its answers? Type yes: '; read answer; \
	if [ "$$answer" = yes ]; then rm -rf data/home && echo "data/home is removed"; else echo "data/home is kept"; fi
