# make run: install, build the simulated city, open the dashboard.   make test: install, run the tests.
.DEFAULT_GOAL := run
.PHONY: run test check static bench bench-pages soak simulate simulate-coverage simulate-truth docs pictures hooks wheelhouse install-offline clean
HOME_DIR ?= var
PORT ?= 8501
WHEELHOUSE ?= wheelhouse
PYTHON := .venv/bin/python
# Two workers fill two cores; more threads in each would only wait for each other.
QUICKLY := POLARS_MAX_THREADS=1 $(PYTHON)
QUICK := not slow and not browser and not faults and not spark and not servers

# Prints the time of the install, of each part after it, and of the wait for the first page.
run:
	@./setup.sh run
	@$(PYTHON) -m benchmarks.first_page $(PORT)
	@began=$$(date +%s); \
	.venv/bin/hallscore --home "$(HOME_DIR)" demo && \
	{ $(PYTHON) -m benchmarks.first_page $(PORT) $$began & \
	exec .venv/bin/hallscore --home "$(HOME_DIR)" serve --port $(PORT); }

test:
	@./setup.sh dev
	$(QUICKLY) -m pytest -q -n 2 --dist loadscope -m "$(QUICK)"

check: static
	$(QUICKLY) -m pytest -q -n 2 --dist loadscope -m "$(QUICK)" tests/metrics tests/dashboard tests/house/test_names.py tests/house/test_words.py

# What can be said of the code without running it.
static:
	@./setup.sh dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy --strict data metrics
	.venv/bin/mypy dashboard commands hallscore.py terminal.py
	.venv/bin/lint-imports
	$(PYTHON) docs/generate.py --check

docs:
	@./setup.sh run
	$(PYTHON) docs/generate.py

# Pictures of every page, from the simulated city in $(HOME_DIR); needs Chromium.
pictures:
	@./setup.sh dev
	$(PYTHON) -m docs.pictures "$(HOME_DIR)"

bench:
	@./setup.sh dev
	$(PYTHON) -m benchmarks.run

# Speed of every page beside plain pages, with 6,000 counters and 24 months; a quarter of an hour, wants a quiet machine.
bench-pages:
	@./setup.sh dev
	$(PYTHON) -m benchmarks.pages

# Whether the memory of the dashboard creeps: one reader after another for a minute; fails where it does.
soak:
	@./setup.sh dev
	$(PYTHON) -m benchmarks.pages --soak-only --soak 60 --months 3

# What is promised of the methods, tried where the truth is known: an hour on two cores.
simulate: simulate-coverage simulate-truth

# Sixty settings of a city, 400 replicates each, and five mutants; half an hour on two cores.
simulate-coverage:
	@./setup.sh dev
	$(QUICKLY) -m simulation.coverage

# Our estimates against the known truth of simulated cities; a quarter of an hour on one core.
simulate-truth:
	@./setup.sh dev
	$(QUICKLY) -m simulation.truth

hooks:
	ln -sf ../../.ci/pre-commit .git/hooks/pre-commit

# On a machine with a network: every wheel, for the Python that is found there.
wheelhouse:
	@./setup.sh run
	$(PYTHON) -m pip download --quiet --require-hashes --only-binary :all: -r requirements.txt -d $(WHEELHOUSE)

# On the air-gapped machine, with the wheelhouse folder beside the code.
install-offline:
	@./setup.sh run $(WHEELHOUSE)

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
