# Everything a developer runs. `make` alone prints this list.
.DEFAULT_GOAL := help
.PHONY: help setup demo test up lint bench bench-localdb conformance libraries chaos audit fuzz verify-whole verify clean

python := .venv/bin/python
#: Each process of the tests starts a localdb of its own; the order of tests/conftest.py is kept.
parallel := --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
#: Used by `make audit` alone, in an environment of their own.
audit_tools := cyclonedx-bom==7.5.0 pip-audit==2.10.1
#: Used by `make fuzz` alone, in an environment of their own: pytest would load its plugin each time.
fuzz_tools := schemathesis==4.32.5

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

setup: ## make .venv with pinned packages (quick when it is up to date)
	@deploy/setup.sh

demo: setup ## a whole OraQ in a temporary folder: runs jobs, shows them, checks them, cleans up
	@exec $(python) -m deploy.demo

up: setup ## localdb with durable data in .localdb/, API and workers until Ctrl-C
	@exec $(python) -m deploy.up

test: setup ## all tests, a file to each processor; one by one on a real Oracle, which they share
	@exec $(python) -m pytest $(if $(ORAQ_TEST_DSN),,$(parallel)) $(ARGS)

lint: setup ## style, format, types, import rules
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .
	@$(python) -m mypy
	@.venv/bin/lint-imports --no-logo

bench: setup ## round trips, commits, CPU and rates against their floors (ARGS=--full, ARGS="drain paced")
	@exec $(python) -m tests.bench $(ARGS)

bench-localdb: setup ## what localdb costs beside the PostgreSQL under it (table and bench-localdb.json)
	@exec $(python) -m tests.bench.localdb

libraries: setup ## how much of three public PL/SQL libraries localdb compiles (clones them)
	@exec $(python) -m tests.localdb.libraries $(ARGS)

conformance: setup ## the driver's own test suite against localdb, in both handshakes
	@exec $(python) -m tests.localdb.conformance $(ARGS)

chaos: setup ## kill and cut at random, account for every job (ARGS="--jobs --kills --seed --minutes")
	@exec $(python) -m tests.chaos $(ARGS)

audit: setup ## known holes in what is pinned, and a bill of materials (sbom.json); needs the network
	@$(python) -m venv .audit
	@.audit/bin/pip install --quiet $(audit_tools)
	@.audit/bin/cyclonedx-py requirements deploy/requirements.txt --pyproject pyproject.toml --output-reproducible --output-file sbom.json
	@.audit/bin/pip-audit --strict --requirement deploy/requirements.txt --no-deps --disable-pip

fuzz: setup ## requests drawn from the OpenAPI document against a running API (ARGS="--seed --examples")
	@$(python) -m venv .fuzz
	@.fuzz/bin/pip install --quiet --disable-pip-version-check $(fuzz_tools)
	@exec $(python) -m tests.security.fuzz --tool .fuzz/bin/st $(ARGS)

verify-whole: setup ## the tests of many minutes: all steps with all faults, 10,000 requests, long chaos
	@exec $(python) -m pytest -m whole

verify: setup ## all of the above, as before a release; a table with the commit's id in verify.md (ARGS="--steps lint test")
	@exec $(python) -m tests.verify $(ARGS)

clean: ## remove .venv, caches and .localdb/
	rm -rf .venv .audit .fuzz sbom.json verify.md .localdb .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .conformance .libraries *.egg-info
