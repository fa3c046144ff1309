"""The hard runs: what the course must bear, tried and written down.

    make hard                                  all of them, one to two hours
    make hard ARGS="damaged_data answers"      some of them
    make hard ARGS="notebooks --seeds 1 2"     some of the passes
    make hard ARGS="machines --course COMMIT"  the column “before”
    python tests/hard/run.py notebooks --lessons 01 02

Needs the environment that `make hard` sets up. Ends with the status 1 when
anything failed. A run writes its own rows of tests/hard/README.md; one that is
narrowed to some lessons or fewer answers is printed only.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
sys.path[:0] = [str(FOLDER), str(ROOT / "tools"), str(ROOT)]
# The kernels that are started from here are those of this checkout.
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "tools")])

import hard_table  # noqa: E402
from hard_table import Row  # noqa: E402

ANSWERS = 200
Runner = Callable[[argparse.Namespace], Iterator[Row]]


def notebooks(options: argparse.Namespace) -> Iterator[Row]:
    """All notebooks with five seeds, in four passes."""
    from notebook_passes import Pythons, run_passes

    yield from run_passes(options.lessons, options.seeds, Pythons(options.python))


def killed(options: argparse.Namespace) -> Iterator[Row]:
    """Kernels and trainings that are killed and started again."""
    import killed_runs

    yield from killed_runs.run(options.lessons)


def damaged_data(options: argparse.Namespace) -> Iterator[Row]:
    """Damaged files of data/."""
    import damaged_data

    yield damaged_data.run(options.seed)


def answers(options: argparse.Namespace) -> Iterator[Row]:
    """Random hostile answers to exercises."""
    import random_answers

    yield random_answers.run(options.seed, options.answers, options.lessons)


def machines(options: argparse.Namespace) -> Iterator[Row]:
    """Conditions of real machines, from the installation to a lesson's first cells."""
    import machine_conditions

    yield from machine_conditions.run(
        options.course, options.conditions, options.seed, options.interrupts
    )


KINDS: dict[str, Runner] = {
    "notebooks": notebooks,
    "killed": killed,
    "damaged_data": damaged_data,
    "answers": answers,
    "machines": machines,
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    options = parse(arguments)
    shared = hard_table.circumstances()
    whole = not options.lessons and options.answers >= ANSWERS
    rows, done = [], []
    for kind in options.kinds:
        begun = time.monotonic()
        for row in KINDS[kind](options):
            row.seconds = row.seconds or time.monotonic() - begun
            row.versions = row.versions or hard_table.versions(sys.executable)
            print(f"{row.verdict}: {row.tried}: {row.happened}", *row.details, sep="\n  ")
            rows.append(row)
            done.append(hard_table.stored(row, shared))
            # After each row, so that a run that is broken off keeps what it has found.
            kept = whole and hard_table.store(done[-1:])
    print(f"\n{hard_table.markdown(done)}\n")
    print("Written to tests/hard/README.md." if rows and kept else "Printed only, not stored.")
    return 1 if hard_table.failed(rows) else 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options; the seed of what is drawn at random is new unless it is given."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)}")
    parser.add_argument("--lessons", nargs="+", default=[], help="as in 01 02")
    parser.add_argument("--seeds", nargs="+", type=int, default=[], help="of the passes")
    parser.add_argument("--seed", type=int, help="of the damage and the answers drawn")
    parser.add_argument("--answers", type=int, default=ANSWERS, help="how many are drawn")
    parser.add_argument("--course", default="", help="for machines: another commit, as before")
    parser.add_argument("--conditions", nargs="+", default=[], help="some of the machines'")
    parser.add_argument("--interrupts", type=int, default=10, help="of an installation")
    parser.add_argument(
        "--python",
        action="append",
        default=[],
        help="an interpreter whose environment has the course's packages already",
    )
    options = parser.parse_args(arguments)
    unknown = [kind for kind in options.kinds if kind not in KINDS]
    if unknown:
        parser.error(f"there is no kind {unknown[0]!r}; there are: {', '.join(KINDS)}")
    options.kinds = options.kinds or list(KINDS)
    if options.seed is None:
        options.seed = int.from_bytes(os.urandom(3), "big")
    return options


if __name__ == "__main__":
    sys.exit(main())
