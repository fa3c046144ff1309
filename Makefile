# The two commands of the course are `make lab` and `make test`.
# On Windows, or without make: python tools/course.py lab (or test).
PYTHON ?= $(shell command -v python3 || command -v python)

.PHONY: lab test test-colab bench mutants hard edit run look map publish update

lab:  ## set up if need be, open JupyterLab (make lab ARGS="--no-browser")
	@"$(PYTHON)" tools/course.py lab -- $(ARGS)

test:  ## set up if need be, run every check
	@"$(PYTHON)" tools/course.py test

test-colab:  ## the same with the versions of Google Colab, on Python 3.13 (ARGS="--minutes 20": what fits)
	@"$(PYTHON)" tools/course.py test --environment colab $(ARGS)

update:  ## bring the newest lessons, keep your answers
	@"$(PYTHON)" tools/course.py update

bench:  ## measure against what people would use instead (make bench ARGS="lstm gpt")
	@"$(PYTHON)" benchmarks/run.py $(ARGS)

mutants:  ## how many small faults the tests notice, after make test (make mutants ARGS="--parts claims")
	@.venv/bin/python -m pip install --quiet --editable ".[test,mutation]"
	@.venv/bin/python tools/mutation_score.py $(ARGS)

hard:  ## the hard runs (make hard ARGS="damaged_data answers" runs some)
	@"$(PYTHON)" tools/course.py hard -- $(ARGS)

edit:  ## a lesson as text: make edit LESSON=01
	@.venv/bin/python tools/lesson.py edit $(LESSON)

run:  ## the text back into the notebook, executed: make run LESSON=01
	@.venv/bin/python tools/lesson.py run $(LESSON)

look:  ## the notebook as pages to look at: make look LESSON=01
	@.venv/bin/python tools/lesson.py look $(LESSON)

map:  ## the lesson tables of README.md and notebooks/README.md
	@.venv/bin/python tools/course_map.py

publish:  ## write the repository's address everywhere: make publish REPO=owner/name
	@.venv/bin/python tools/publish.py "$(REPO)"
