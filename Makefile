# The two commands for a newcomer: `make run` and `make test`. `make` alone lists all.

PYTHON ?= python3
PORT ?= 8000
# More arguments for pytest: make test ARGS='-k publish -x'
ARGS ?=

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# Two processes suit two cores; each has databases of its own.
PARALLEL ?= -n 2 --dist worksteal
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# The project itself, as a path to this checkout; its build backend is in the lock file.
INSTALL_PROJECT := $(INSTALL) --no-deps --no-build-isolation --editable .

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test sure static long attack audit slow bench coverage format lock assets programs clean

help: ## list the commands
	@echo "reviewflow: make COMMAND"
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  \1 \2/p' $(MAKEFILE_LIST) | while read -r name text; do printf '  %-10s %s\n' "$$name" "$$text"; done

run: export REVIEWFLOW_PUBLIC_URL ?= http://127.0.0.1:$(PORT)
run: .venv/.runtime ## start on http://127.0.0.1:8000 with the demonstration (PORT=8080 for another); data are kept
# The server shares its port with any other that allows it, so two could answer in turn unless somebody looks.
	@$(BIN)/python -c "import socket, sys; sys.exit('Port $(PORT) is taken; try another: make run PORT=8001' if socket.socket().connect_ex(('127.0.0.1', $(PORT))) == 0 else 0)"
	@$(BIN)/python .ci/prepare.py
	@exec .ci/serve $(PORT)

test: .venv/.development programs ## the whole suite, with PostgreSQL and Chromium for real
	$(PYTEST) $(PARALLEL) -m "not slow and not long and not attack" $(ARGS)

sure: static ## format, lint, types, import contracts, migrations, and the tests that need no server
	$(PYTEST) $(PARALLEL) -q -m "not slow and not long and not attack" tests/unit tests/architecture $(ARGS)

static: .venv/.development ## the checks of `make sure` without tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/reviewflow db check

long: .venv/.development ## the largest worlds of the model, random people, who sees what: minutes; checked before landing too
	$(PYTEST) $(PARALLEL) -m long $(ARGS)

attack: .venv/.development programs ## what an attacker tries: scripts, injections, other sites, bombs; checked before landing too
	$(PYTEST) $(PARALLEL) -m attack $(ARGS)

audit: .venv/.development ## compare what is locked with published vulnerabilities, where their data can be had
	$(BIN)/python .ci/audit.py

slow: .venv/.development ## every mutant of the rules, hundreds of races, every page: half an hour
	$(PYTEST) $(PARALLEL) -m slow $(ARGS)

bench: .venv/.development ## measure, and write docs/performance.md
	$(BIN)/python -m bench $(ARGS)

coverage: .venv/.development programs ## the whole suite with coverage; domain and services must be complete
	rm -f .coverage .coverage.*
	$(PYTEST) $(PARALLEL) -m "not slow and not attack" --cov --cov-report= $(ARGS)
	$(BIN)/coverage report
	$(BIN)/coverage report --include='reviewflow/domain/*,reviewflow/services/*' --fail-under=100

format: .venv/.development ## put the sources in form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Hashes are those of the public index, whatever this machine's own settings for pip are.
LOCK := env -u PIP_FIND_LINKS -u PIP_CONSTRAINT PIP_CONFIG_FILE=/dev/null CUSTOM_COMPILE_COMMAND='make lock' \
	$(BIN)/python -m piptools compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-options \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host $(if $(UPGRADE),--upgrade)

lock: .venv/.development ## write the lock files anew from requirements*.in (UPGRADE=1 for newer versions)
	$(LOCK) --output-file requirements.lock requirements.in
	$(LOCK) --constraint requirements.lock --output-file requirements-oidc.lock requirements-oidc.in
	$(LOCK) --output-file requirements-dev.lock requirements-dev.in

assets: ## build the style sheets and scripts from assets/ (needs Node; the results are committed)
	cd assets && npm ci --no-audit --no-fund && npm run build

programs: ## get the browser and the Java that the tests use, if there are none
	@.ci/programs

clean: ## remove the environment, caches and results; data in instance/ are kept
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov test-results
	find . -name __pycache__ -type d -not -path './assets/*' -prune -exec rm -rf {} +

# The stamps tell which lock file the environment was last filled from. The development lock contains the other.
.venv/.runtime: requirements.lock pyproject.toml .ci/environment
	@PYTHON=$(PYTHON) .ci/environment
	@echo "Installing what reviewflow needs ..."
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL_PROJECT)
	@touch $@

.venv/.development: requirements-dev.lock pyproject.toml .ci/environment
	@PYTHON=$(PYTHON) .ci/environment
	@echo "Installing what the tests and checks need ..."
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@$(INSTALL_PROJECT)
	@touch .venv/.runtime $@
