# The words of this project. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
BIN := .venv/bin
# Stamps: each says that something was installed from the files it depends on.
STAMPS := .venv/stamps
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
# Tests at the same time.
PARALLEL ?= 2
KILLS ?= 200
MAIL_PACKAGES := postfix postfix-pgsql dovecot-core dovecot-imapd dovecot-lmtpd dovecot-pgsql dovecot-sieve
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
# Type and template checks load the settings, and need no database.
CHECK_ENVIRONMENT := OXHERD_SECRET_KEY=check OXHERD_ENCRYPTION_KEY=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE= \
	DATABASE_URL=postgresql://check@/check?host=/nonexistent PYTHONWARNINGS="ignore:Got an error checking a consistent migration history"

# As in production, for the check of what Django warns of there.
DEPLOYED := OXHERD_BASE_URL=https://panel.example OXHERD_ALLOWED_HOSTS=panel.example \
	OXHERD_SECRET_KEY=0123456789-check-check-check-check-check-check-abcdefghij

.PHONY: help setup run test check torture torture-aps bench-provisioning bench-adopt bench-groups bench-audit bench-drift bench-mail bench-stand-in fuzz screenshots guide lock packages

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-20s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(STAMPS)/project $(STAMPS)/assets ## make .venv with the `oxherd` command, and fetch the look of the panel

run: setup ## run everything on this machine, with demo data; ARGS="--port 9000 --data DIR" goes to `oxherd run`
	@exec $(BIN)/oxherd run $(ARGS)

test: setup $(STAMPS)/test $(STAMPS)/aps-clients packages ## run all tests; ARGS="tests/people -k alias" goes to pytest
	@$(BIN)/python -m pytest -n $(PARALLEL) -rfEsR $(ARGS)

check: setup $(STAMPS)/test ## check format, lint, types, import order, migrations, templates, sizes, settings, known holes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python tools/check_sizes.py
	$(CHECK_ENVIRONMENT) $(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/djlint --quiet --check --lint src
	$(CHECK_ENVIRONMENT) $(BIN)/oxherd manage makemigrations --check --dry-run
	$(CHECK_ENVIRONMENT) $(BIN)/oxherd manage check --fail-level WARNING
	$(CHECK_ENVIRONMENT) $(DEPLOYED) $(BIN)/oxherd manage check --deploy --fail-level WARNING
	$(BIN)/python tools/audit_dependencies.py

torture: setup ## kill parts at random while users are added; KILLS=200, ARGS="--dialect ox_cloud" or cloud_api
	$(BIN)/python bench/torture.py --kills $(KILLS) $(ARGS)

torture-aps: setup ## the same while users come from a controller by APS; ARGS="--users 60 --kills 30"
	$(BIN)/python bench/aps.py $(ARGS)

bench-stand-in: setup ## measure the stand-in's lists with 100,000 users
	$(BIN)/python bench/stand_in_lists.py $(ARGS)

bench-provisioning: setup ## measure how fast users reach the platform
	$(BIN)/python bench/provisioning.py $(ARGS)

bench-groups: setup ## measure a group of 5,000 among 100,000 users
	$(BIN)/python bench/groups.py $(ARGS)

bench-adopt: setup ## measure the adoption of 10,000 users in 100 contexts
	$(BIN)/python bench/adopt.py $(ARGS)

bench-audit: setup ## measure the audit with 1,000,000 entries
	$(BIN)/python bench/audit.py $(ARGS)

bench-mail: setup ## measure the mail servers' look-ups among 1,000,000 mailboxes
	$(BIN)/python bench/mail.py $(ARGS)

bench-drift: setup ## measure the comparison of 20,000 users with their context
	$(BIN)/python bench/drift.py $(ARGS)

fuzz: setup $(STAMPS)/test ## fill in every form of a running panel with nonsense; ARGS="http://localhost:8000 var/sign-ins.txt --minutes 10"
	$(BIN)/python tools/fuzz_forms.py $(ARGS)

screenshots: setup $(STAMPS)/test packages ## take pictures of every page, light and dark, wide and narrow
	$(BIN)/python tools/screenshots.py $(ARGS)

guide: setup $(STAMPS)/test packages ## take the pictures of docs/user-guide.md anew
	@OXHERD_GUIDE=write $(BIN)/python -m pytest tests/journeys/user_guide $(ARGS)

lock: $(STAMPS)/test ## write requirements*.txt anew from pyproject.toml; ARGS=--upgrade takes the newest versions
	$(PIP) uv
	$(LOCK) $(ARGS) pyproject.toml --group build -o requirements.txt
	$(LOCK) $(ARGS) pyproject.toml --group build --group test -c requirements.txt -o requirements-test.txt
	$(LOCK) $(ARGS) --group node -o requirements-node.txt
	$(LOCK) $(ARGS) --group aps-clients -o requirements-aps-clients.txt

# A missing browser fails the run in CI only; elsewhere the browser tests are skipped, and the summary says so.
packages:
	@tools/install_debian_packages.sh chromium xmlsec1 opendkim nginx-light $(MAIL_PACKAGES) || [ "$${CI:-}" != true ]

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv \
		|| { rm -rf .venv; echo "Python cannot make a virtual environment. On Debian: apt-get install python3-venv" >&2; exit 1; }

# uv is much faster, but knows nothing of pip's configuration: where it finds no packages, pip does it.
define install_locked
	@echo "Installing $(1) ..."
	@{ command -v uv >/dev/null && uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) 2>/dev/null; } \
		|| $(PIP) --only-binary :all: --require-hashes -r $(1)
	@mkdir -p $(STAMPS) && touch $@
endef

$(STAMPS)/requirements: requirements.txt | .venv/bin/python
	$(call install_locked,requirements.txt)

$(STAMPS)/test: requirements-test.txt $(STAMPS)/requirements
	$(call install_locked,requirements-test.txt)

# As with a missing browser: only in CI it is a failure.
$(STAMPS)/aps-clients: requirements-aps-clients.txt tools/install_aps_clients.sh | .venv/bin/python
	@if tools/install_aps_clients.sh; then mkdir -p $(STAMPS) && touch $@; else [ "$${CI:-}" != true ]; fi

$(STAMPS)/node: requirements-node.txt | .venv/bin/python
	$(call install_locked,requirements-node.txt)

$(STAMPS)/project: pyproject.toml $(STAMPS)/requirements
	@$(PIP) --no-index --no-deps --no-build-isolation --editable .
	@touch $@

# Node is needed for this one step: the system's, or else one from a Python package inside .venv.
$(STAMPS)/packages: package.json package-lock.json $(shell command -v npm >/dev/null || echo $(STAMPS)/node)
	@echo "Fetching the look of the panel ..."
	@PATH="$$PATH:$(CURDIR)/$(BIN)" npm ci --loglevel error
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/assets: $(STAMPS)/packages tools/collect_assets.py src/oxherd/panel/icons.txt
	@$(PYTHON) tools/collect_assets.py
	@touch $@
