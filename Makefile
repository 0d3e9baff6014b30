# Only python3 and make are assumed; everything else goes into .venv from the package registry.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
BENCH_VENV ?= .venv-bench
OUTPUT ?= ./lake
FEEDS ?=
ARGS ?=

SEED ?= 1

DATA ?=

.PHONY: run test test-crash check bench bench-flink bench-web bench-extract bench-lake bench-scale bench-watch clean docs bench-datelines bench-entities pages screenshot test-flink test-spark

$(VENV)/.installed: setup.py constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "Dateline runs on Python 3.11 to 3.13; name one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@echo 'Installing into $(VENV), once: 1.6 GB on disk, some minutes.'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

run: $(VENV)/.installed
	@$(BIN)/python examples/run.py --output '$(OUTPUT)' $(if $(FEEDS),--feeds $(FEEDS)) $(ARGS)

test: $(VENV)/.installed
	$(BIN)/python -m pytest -q -n 2 --dist loadfile $(ARGS)

test-crash: $(VENV)/.installed
	$(BIN)/python -m tests.crash_run --articles 300 --kills 20 --seed $(SEED) --edit $(ARGS)

# Clusters on this machine, of parts from package registries that are fetched once into .flink and .spark (Java 11 or
# 17, Maven).
test-flink: $(VENV)/.installed
	$(BIN)/python -m pytest -q -o faulthandler_timeout=900 tests/flink $(ARGS)

test-spark: $(VENV)/.installed
	$(BIN)/python -m pytest -q -o faulthandler_timeout=900 tests/spark $(ARGS)

check: $(VENV)/.installed
	scripts/check

docs: $(VENV)/.installed
	$(BIN)/python -m schemas.tables > docs/tables.md
	$(BIN)/python -m pipelines.configuration > docs/configuration.md
	$(BIN)/python -m pipelines.errors_page > docs/errors.md

screenshot: $(VENV)/.installed
	$(BIN)/python -m tests.screenshot docs/images/report.png

# newspaper4k and news-please go into an environment of their own: they bring Scrapy, boto3 and drivers of databases.
$(BENCH_VENV)/.installed: benchmarks/other_libraries.txt
	@$(PYTHON) -m venv $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python -m pip install -qq --disable-pip-version-check -r $<
	@touch $@

bench: $(VENV)/.installed
	@$(MAKE) -s $(BENCH_VENV)/.installed || { rm -rf $(BENCH_VENV); echo 'The libraries to compare with could not be installed.' >&2; }
	$(BIN)/python -m benchmarks.end_to_end --libraries $(BENCH_VENV)/bin/python $(ARGS)

bench-web: $(VENV)/.installed
	$(BIN)/python -m benchmarks.web $(ARGS)

bench-extract: $(VENV)/.installed
	@$(if $(DATA),,echo 'name a folder of pages with gold answers: make bench-extract DATA=...' >&2; exit 2)
	$(BIN)/python -m benchmarks.extraction --data '$(DATA)' $(ARGS)

bench-scale: $(VENV)/.installed
	$(BIN)/python -m benchmarks.scale $(ARGS)
	$(BIN)/python -m benchmarks.memory 2000 10000

# On a cluster on this machine; Java and Maven needed.
bench-flink: $(VENV)/.installed
	$(BIN)/python -m benchmarks.flink_scale $(ARGS)

bench-watch: $(VENV)/.installed
	$(BIN)/python -m benchmarks.watch
	$(BIN)/python -m benchmarks.week

bench-datelines: $(VENV)/.installed
	@$(if $(DATA),,echo 'name a folder of openings with gold answers: make bench-datelines DATA=...' >&2; exit 2)
	@$(BIN)/python -m benchmarks.datelines --data '$(DATA)' $(ARGS)

bench-entities: $(VENV)/.installed
	@$(if $(DATA),,echo 'name a folder of texts with gold answers: make bench-entities DATA=...' >&2; exit 2)
	@$(BIN)/python -m benchmarks.entities --data '$(DATA)' $(ARGS)

bench-lake: $(VENV)/.installed
	$(BIN)/python -m benchmarks.sink
	$(BIN)/python -m benchmarks.rerun
	$(BIN)/python -m benchmarks.ledger
	$(BIN)/python -m benchmarks.state
	$(BIN)/python -m benchmarks.duplicates --articles 100000
	$(BIN)/python -m benchmarks.report

# Runs the recipes and the notebook anew and writes what they print; see that it is right.
pages: $(VENV)/.installed
	$(BIN)/python -m tests.page_blocks
	$(BIN)/python -m examples.notebook

clean:
	rm -rf $(VENV) $(BENCH_VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
