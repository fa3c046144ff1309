"""Orders depend on values alone, not on the processor's sorting routine or on hash seeds.

NumPy's default sort keeps equal values in an order that differs with the instructions
that the processor has; sets are walked in an order that differs with the hash seed.
"""

import ast
import re
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from notebook_files import lesson_files  # noqa: E402

FOLDERS = ("course_lib", "benchmarks", "runs", "tools", "tests")
SCRIPTS = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
# What does not depend on the order in which a set hands out its members.
ORDERLESS = {"sorted", "len", "set", "frozenset", "sum", "min", "max", "any", "all"}


def name_of(call):
    """Return the last part of a called name, as "argsort" of np.argsort."""
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def is_set(node):
    """Say whether an expression is written as a set."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr | ast.Sub):
        return is_set(node.left) or is_set(node.right)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")
    return isinstance(node, ast.Set | ast.SetComp)


def unordered(source):
    """Return the line number and complaint of each order that values alone do not decide."""
    tree = ast.parse(re.sub(r"^\s*[%!].*$", "pass", source, flags=re.M))
    harmless, found = set(), []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            arguments = {one.arg: one.value for one in node.keywords}
            stable = isinstance(arguments.get("kind"), ast.Constant)
            stable = stable and arguments["kind"].value == "stable"
            if name_of(node) in ("argsort", "sort_values") and not stable:
                found.append((node.lineno, f'{name_of(node)} without kind="stable"'))
            if name_of(node) == "argpartition":
                found.append((node.lineno, "argpartition keeps equals in any order"))
            if name_of(node) in ("list", "tuple", "array", "join", "enumerate"):
                found += [
                    (node.lineno, f"{name_of(node)} of a set") for one in node.args if is_set(one)
                ]
            if name_of(node) in ORDERLESS:
                harmless.update(id(one) for one in node.args)
        if isinstance(node, ast.For) and is_set(node.iter):
            found.append((node.lineno, "a loop over a set"))
        if (
            isinstance(node, ast.ListComp | ast.DictComp | ast.GeneratorExp)
            and id(node) not in harmless
            and any(is_set(part.iter) for part in node.generators)
        ):
            found.append((node.lineno, "a comprehension over a set"))
    return sorted(found)


@pytest.mark.parametrize("path", lesson_files(ROOT), ids=lambda path: path.stem)
def test_lessons_order_by_values_alone(path):
    cells = nbformat.read(path, as_version=4).cells
    sources = {n: cell.source for n, cell in enumerate(cells) if cell.cell_type == "code"}
    assert {n: unordered(source) for n, source in sources.items() if unordered(source)} == {}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_scripts_order_by_values_alone(path):
    assert unordered(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "order = np.argsort(-dice, axis=1)[:, :3]",
        "order = values.argsort()",
        "table.sort_values('price')",
        "np.argsort(x, kind='quicksort')",
        "np.argpartition(x, 3)",
        "for word in set(words):\n    print(word)",
        "names = [word for word in {*a, *b}]",
        "names = list(set(words) & known)",
        "text = ' '.join(frozenset(words))",
        "index = {word: n for n, word in enumerate(set(words))}",
    ],
)
def test_an_order_left_to_chance_is_found(source):
    assert len(unordered(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "order = np.argsort(-dice, axis=1, kind='stable')",
        "for word in sorted(set(words)):\n    print(word)",
        "kinds = len(set(words))",
        "all(word in known for word in set(words))",
        "common = set(a) & set(b)",
    ],
)
def test_an_order_by_values_is_accepted(source):
    assert unordered(source) == []
