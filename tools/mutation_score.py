"""Put small faults into course_lib, one at a time, and count those that the tests notice.

    python tools/mutation_score.py                         try 60 mutants of each part
    python tools/mutation_score.py --parts scratch claims  only these parts
    python tools/mutation_score.py --again                 once more, those that survived
    python tools/mutation_score.py --report                print the table and the survivors

needs `pip install -e ".[test,mutation]"`. Cosmic Ray makes the mutants. They are drawn at
random: places in the code first, then one of the changes that Cosmic Ray knows for a place, so
that a `+`, which can become six other signs, counts no more than a number. Each mutant is judged
by the tests of its module alone, in a process of its own and in a copy of the repository, where
the results are kept too: a run that was broken off goes on where it stopped.
"""

import argparse
import ast
import json
import os
import random
import re
import shlex
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from address import ROOT

PARTS = {
    "scratch": "course_lib/scratch",
    "claims": "course_lib/claims.py",
    "datasets": "course_lib/datasets",
    "exercises": "course_lib/exercises",
}
# A change within a family can give sensible code. One across families, as from + to <<,
# raises at once, and would be counted as killed though it says nothing about the tests.
FAMILIES = [
    {"Add", "Sub", "Mul", "Div", "FloorDiv", "Mod", "Pow"},
    {"BitAnd", "BitOr", "BitXor"},
    {"Eq", "NotEq", "Lt", "LtE", "Gt", "GtE"},
    {"Is", "IsNot"},
    {"UAdd", "USub"},
]
# Tests of all modules of a folder; what they say of one module is chosen by its name.
GENERAL_TESTS = ["test_all_functions.py", "test_all_exercises.py", "test_stored_answers.py"]
# Tests that do not bear the name of the module they are about, in the same folder.
MORE_TESTS = {
    "datasets/download": ["test_cifar10.py"],
    "datasets/images": ["test_cards.py"],
    "datasets/runs": [
        "test_cure_runs_data.py",
        "test_gpt_runs_data.py",
        "test_scaling_runs_data.py",
        "test_transfer_runs_data.py",
    ],
    "datasets/series": ["test_series_and_texts.py"],
    "datasets/texts": ["test_series_and_texts.py"],
    "exercises/comparison": ["test_exercise.py"],
}
LIGHT_IMPORTS = "tests/test_import.py::test_importing_loads_nothing_heavy"
SECONDS = 300.0  # a mutant that takes longer loops for ever


@dataclass(frozen=True)
class Mutant:
    """One change of one module: `operator` at its `occurrence`-th place in the file."""

    part: str
    module: str
    line: int
    column: int
    operator: str
    occurrence: int


def main() -> int:
    """Run the command line; return 0 when at least 90 % of the mutants were killed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--count", type=int, default=60, help="mutants of each part")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9, help="begin no mutant after these")
    parser.add_argument("--again", action="store_true", help="try the survivors once more")
    parser.add_argument("--report", action="store_true", help="only print the results so far")
    parser.add_argument("--folder", type=Path, help="where the copy and the results are")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.gettempdir()) / "course-mutants"
    drawn = [mutant for part in options.parts for mutant in draw(part, options.count, options.seed)]
    results = Results(folder.resolve() / "results.jsonl")
    if not options.report:
        copy = copy_of_the_course(folder.resolve() / "course")
        run(drawn, results, copy, options.again, time.monotonic() + 60 * options.minutes)
    print(report(drawn, results))
    outcomes = [results[mutant]["outcome"] for mutant in drawn if mutant in results]
    return int(outcomes.count("survived") > 0.1 * len(outcomes))


class Results:
    """What became of each mutant, kept in a file with one line of JSON each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: dict[str, dict] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                self._found[json.dumps(entry["mutant"])] = entry

    def __contains__(self, mutant: Mutant) -> bool:
        return json.dumps(asdict(mutant)) in self._found

    def __getitem__(self, mutant: Mutant) -> dict:
        return self._found[json.dumps(asdict(mutant))]

    def add(self, mutant: Mutant, outcome: str, diff: str, failed: str) -> None:
        """Keep what became of a mutant; an earlier result of it is replaced."""
        entry = {"mutant": asdict(mutant), "outcome": outcome, "diff": diff, "failed": failed}
        self._found[json.dumps(asdict(mutant))] = entry
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


def modules(part: str) -> list[str]:
    """Return the modules of a part, as paths from the root of the repository."""
    path = ROOT / PARTS[part]
    found = sorted(path.glob("*.py")) if path.is_dir() else [path]
    return [module.relative_to(ROOT).as_posix() for module in found]


def draw(part: str, count: int, seed: int) -> list[Mutant]:
    """Draw mutants of a part: places at random, then one change at each."""
    places: dict[tuple, list[Mutant]] = {}
    for mutant, end in mutants(part):
        places.setdefault((mutant.module, mutant.line, mutant.column, end), []).append(mutant)
    generator = random.Random(f"{seed} {part}")
    order = generator.sample(sorted(places), len(places))
    chosen = (generator.choice(places[place]) for place in order)
    return list(islice(filter(is_python, chosen), count))


def mutants(part: str) -> list[tuple[Mutant, tuple[int, int]]]:
    """Return every mutant that Cosmic Ray makes of a part and that counts, and its end."""
    # Imported here because the tests of this tool run where Cosmic Ray is not installed.
    from cosmic_ray.commands import init
    from cosmic_ray.work_db import WorkDB, use_db

    sources = {module: (ROOT / module).read_text("utf-8") for module in modules(part)}
    wording = {module: words_and_types(source) for module, source in sources.items()}
    with use_db(":memory:", WorkDB.Mode.create) as database:
        init([ROOT / module for module in sources], database, {})
        specifications = [item.mutations[0] for item in database.work_items]
    found = []
    for one in specifications:
        module = one.module_path.relative_to(ROOT).as_posix()
        start, end = tuple(one.start_pos), tuple(one.end_pos)
        if is_sensible(one.operator_name) and not lies_within(start, wording[module]):
            name = one.operator_name.removeprefix("core/")
            found.append((Mutant(part, module, *start, name, one.occurrence), end))
    return found


def is_sensible(operator: str) -> bool:
    """Return whether a mutation operator gives code that could be meant."""
    replaced = re.fullmatch(r"core/Replace\w+Operator_(\w+)_(\w+)", operator)
    if not replaced or "Delete" in replaced.groups():
        return True
    return any(family.issuperset(replaced.groups()) for family in FAMILIES)


def is_python(mutant: Mutant) -> bool:
    """Return whether the changed module can be compiled, as `f(a, +, b)` cannot."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    source = (ROOT / mutant.module).read_text("utf-8")
    changed = mutate_code(source, get_operator(f"core/{mutant.operator}")(), mutant.occurrence)
    try:
        ast.parse(changed)
    except SyntaxError:
        return False
    return True


def words_and_types(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return from where to where messages and annotations reach, as (line, column)."""
    lines = source.splitlines()

    def place(line: int, offset: int) -> tuple[int, int]:
        # The compiler counts bytes, Cosmic Ray characters.
        return line, len(lines[line - 1].encode()[:offset].decode())

    found = []
    for node in ast.walk(ast.parse(source)):
        parts = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        parts += [node] if isinstance(node, ast.JoinedStr) else []
        for part in parts:
            if part is not None:
                begin = place(part.lineno, part.col_offset)
                found.append((begin, place(part.end_lineno, part.end_col_offset)))
    return found


def lies_within(place: tuple[int, int], ranges: list) -> bool:
    """Return whether a place lies in one of the ranges."""
    return any(begin <= place < end for begin, end in ranges)


def tests_of(module: str) -> list[str]:
    """Return what to hand to pytest to run the tests of a module."""
    name = module.removeprefix("course_lib/").removesuffix(".py")
    folder, _, stem = name.rpartition("/")
    if stem == "__init__":
        return [f"tests/{folder}"]
    general = folder == "scratch" or stem.startswith("lesson_")
    files = [f"test_{stem}.py", f"test_{stem}_judges.py", *GENERAL_TESTS * general]
    files += MORE_TESTS.get(name, [])
    paths = [Path("tests", folder, file).as_posix() for file in files]
    found = [path for path in paths if (ROOT / path).exists()]
    if folder == "datasets":
        found.append(LIGHT_IMPORTS)
    return [*found, "-k", stem] if general else found


def copy_of_the_course(folder: Path) -> Path:
    """Copy what the tests need; mutants are written into the copy's files."""
    shutil.rmtree(folder, ignore_errors=True)
    unneeded = shutil.ignore_patterns(".*", "build", "*.ipynb", "__pycache__", "*.egg-info")
    shutil.copytree(ROOT, folder, ignore=unneeded)
    return folder


def run(drawn: list[Mutant], results: Results, copy: Path, again: bool, until: float) -> None:
    """Try each mutant that has no result yet; with `again`, each that survived."""
    from cosmic_ray.mutating import mutate_and_test
    from cosmic_ray.testing import run_tests
    from cosmic_ray.work_item import MutationSpec

    passes = set()
    os.chdir(copy)
    os.environ["PYTHONPATH"] = str(copy)
    for mutant in drawn:
        if time.monotonic() > until:
            return
        known = results[mutant]["outcome"] if mutant in results else ""
        if known != ("survived" if again else ""):
            continue
        pytest = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        command = shlex.join([*pytest, *tests_of(mutant.module)])
        place = (mutant.line, mutant.column)
        specification = MutationSpec(
            Path(mutant.module),
            f"core/{mutant.operator}",
            mutant.occurrence,
            place,
            (mutant.line, mutant.column + 1),
        )
        result = mutate_and_test([specification], command, SECONDS)
        outcome = outcome_of(result.test_outcome.value, result.output)
        if outcome != "survived" and command not in passes:
            if run_tests(command, SECONDS)[0].value != "survived":
                raise SystemExit(f"{command}\nfails without a mutant too, so it cannot judge one.")
            passes.add(command)
        results.add(mutant, outcome, changed_lines(result.diff), first_failure(result.output))
        print(f"{outcome:9} {mutant.module}:{mutant.line} {mutant.operator}", flush=True)


def outcome_of(verdict: str, output: str) -> str:
    """Return "killed", "survived" or "timed out"."""
    if verdict == "incompetent":
        raise RuntimeError(f"Cosmic Ray could not try a mutant:\n{output}")
    return "timed out" if output == "timeout" else verdict


def first_failure(output: str) -> str:
    """Return pytest's line about the test that failed, or ""."""
    found = re.search(r"^(?:FAILED|ERROR) .*$", output, flags=re.M)
    return found.group() if found else ""


def changed_lines(diff: str) -> str:
    """Return the lines that a mutant took away and put in."""
    changed = re.findall(r"^[-+](?![-+]).*$", diff, flags=re.M)
    return "\n".join(changed)


def report(drawn: list[Mutant], results: Results) -> str:
    """Return a table of the results in Markdown, and the survivors below it."""
    lines = [
        "| part | mutants | killed | timed out | survived | score |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for part in dict.fromkeys(mutant.part for mutant in drawn):
        tried = [mutant for mutant in drawn if mutant.part == part and mutant in results]
        count = Counter(results[mutant]["outcome"] for mutant in tried)
        numbers = [len(tried), count["killed"], count["timed out"], count["survived"]]
        score = 1 - count["survived"] / max(1, len(tried))
        lines.append(f"| {part} | {' | '.join(map(str, numbers))} | {score:.1%} |")
    for mutant in drawn:
        if mutant in results and results[mutant]["outcome"] == "survived":
            lines += ["", f"{mutant.module}:{mutant.line} {mutant.operator}"]
            lines.append(results[mutant]["diff"])
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
