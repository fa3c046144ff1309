"""What learners' answers get, who had not seen what the checks know.

`tally/answers_NN.py` and `tally/unseen_NN.py` hold wrong and right answers to every exercise,
two times written from its question alone. `tally/verdicts.json` says what each wrong one
gets: the name of a known mistake, or how the message begins. All these messages were read
beside the answer: an entry may only change after the new message was read, too.

    python tests/exercises/test_tally.py       write the verdicts as they are now
"""

import importlib.util
import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from course_lib.exercises.exercise import Exercise
from course_lib.scratch.optimizers import Momentum

# What learners write may warn.
pytestmark = pytest.mark.filterwarnings("ignore")
FOLDER = Path(__file__).resolve().parent / "tally"
VERDICTS = FOLDER / "verdicts.json"
WORDS = 7
# What is said when nothing was recognised.
UNNAMED = ("expected ", "is not the right one", "your number is too")


def load(path):
    """Return the answers of one file, which may use what its notebook has."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lesson = importlib.import_module(f"course_lib.exercises.lesson_{path.stem[-2:]}")
    module.exercises, module.Momentum = lesson, Momentum
    return module, lesson


FILES = sorted(FOLDER.glob("*_[0-9][0-9].py"))


def verdict(exercise, answer):
    """Return how a wrong answer is judged, and what its message is known by."""
    judged = exercise.grade(answer)
    message = judged.message.removeprefix(f"{exercise.name}: ")
    if judged.status == "passed":
        return "accepted", ""
    for mistake in exercise.mistakes:
        if mistake.hint in message:
            return "own hint", mistake.name
    named = exercise.accept or not any(words in message for words in UNNAMED)
    return "recognised" if named else "generic", " ".join(message.split()[:WORDS])


def verdicts_of(path):
    module, lesson = load(path)
    return {
        f"{path.stem}.{name}": {
            slip: verdict(getattr(lesson, name), answer) for slip, answer in answers.items()
        }
        for name, answers in module.WRONG.items()
    }


@pytest.fixture(scope="module")
def known():
    return json.loads(VERDICTS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_wrong_answers_get_the_message_that_was_read_beside_them(path, known):
    for name, found in verdicts_of(path).items():
        assert {slip: list(one) for slip, one in found.items()} == known[name], name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_right_answers_are_accepted(path):
    module, lesson = load(path)
    for name, answers in module.RIGHT.items():
        for way, answer in answers.items():
            judged = getattr(lesson, name).grade(answer)
            assert judged.status == "passed", f"{name}, {way}: {judged}"


def test_nearly_all_are_named_and_none_is_accepted(known):
    ways = Counter(way for of_one in known.values() for way, _ in of_one.values())
    assert ways["accepted"] == 0
    assert sum(ways.values()) >= 800
    assert ways["generic"] <= 0.15 * sum(ways.values())
    assert sum(len(of_one) for name, of_one in known.items() if "answers" in name) >= 500


def test_every_exercise_is_answered():
    for path in FILES:
        module, lesson = load(path)
        names = {name for name, value in vars(lesson).items() if isinstance(value, Exercise)}
        assert set(module.WRONG) == names, path.stem
    assert sum(len(one) for path in FILES for one in load(path)[0].RIGHT.values()) >= 200


def main():
    """Write what every answer gets now."""
    found = {name: of_one for path in FILES for name, of_one in verdicts_of(path).items()}
    lines = [
        f"{json.dumps(name)}: {json.dumps(of_one, ensure_ascii=False)}"
        for name, of_one in found.items()
    ]
    VERDICTS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(dict(Counter(way for of_one in found.values() for way, _ in of_one.values())))


if __name__ == "__main__":
    sys.exit(main())
