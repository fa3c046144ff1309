"""The quick pass: the cells that only count and sort, run without all others.

    HARD_PROBE='{...}' python tests/hard/counted.py NOTEBOOKS

runs the cells with the tag `counted` of each notebook in a fresh namespace, in their
order, and writes as JSON what they claim, print and leave behind, apart from floats: their
last digits may differ between processors, and everything else may not. Beside the notebooks
it does the same with what the package orders.

TensorFlow would take longer to import than all these cells to run. So of the imports
only those are made whose names the cells use, and `lesson.begin` is left out.
"""

import ast
import contextlib
import hashlib
import io
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import inside
import numpy as np
import pandas as pd
import tied_values

TAG = "counted"
LONGEST = 100_000


def main(paths: list[str]) -> int:
    """Print the results of notebooks, and of the package; return the exit status."""
    missing = inside.problems(json.loads(os.environ.pop("HARD_PROBE")))
    if missing:
        print("; ".join(missing), file=sys.stderr)
        return inside.NOT_MADE
    orders = tied_values.orders()
    results = {"course_lib": {name: short(exact(found)) for name, found in orders.items()}}
    for path in map(Path, paths):
        results[path.stem] = run(path)
    if "tensorflow" in sys.modules:
        print("The counted cells import TensorFlow, which takes longer than all.", file=sys.stderr)
        return 1
    json.dump(results, sys.stdout)
    return 0


def code_cells(path: Path) -> list[dict[str, Any]]:
    """Return a notebook's code cells."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def is_counted(cell: dict[str, Any]) -> bool:
    """Say whether a cell has the tag."""
    return TAG in cell["metadata"].get("tags", [])


def imports(cells: list[dict[str, Any]]) -> list[ast.stmt]:
    """Return those imports of the other cells whose names the counted cells use."""
    trees: dict[bool, list[ast.Module]] = {True: [], False: []}
    for cell in cells:
        # Lines for Jupyter itself are no Python.
        source = re.sub(r"^\s*[%!].*$", "pass", "".join(cell["source"]), flags=re.M)
        trees[is_counted(cell)].append(ast.parse(source))
    nodes = [node for tree in trees[True] for node in ast.walk(tree)]
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    found: list[ast.stmt] = []
    for statement in (statement for tree in trees[False] for statement in tree.body):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            statement.names = [
                one for one in statement.names if (one.asname or one.name.split(".")[0]) in used
            ]
            found += [statement] if statement.names else []
    return found


def run(path: Path) -> dict[str, str]:
    """Run a notebook's counted cells; return what they claim, and what they leave behind.

    A cell that fails ends its notebook, and is among the results under the name "failed".
    """
    cells = code_cells(path)
    # The seed is what `lesson.begin` would have returned.
    namespace: dict[str, Any] = {"seed": int(path.stem[:2])}
    tree = ast.Module(imports(cells), type_ignores=[])
    exec(compile(tree, f"imports of {path.name}", "exec"), namespace)
    before, printed, failed = dict(namespace), io.StringIO(), {}
    for cell in filter(is_counted, cells):
        try:
            with contextlib.redirect_stdout(printed):
                exec(compile("".join(cell["source"]), cell["id"], "exec"), namespace)
        except Exception as error:
            failed = {"failed": f"cell {cell['id']}: {type(error).__name__}: {error}"}
            break
    left = {name: one for name, one in namespace.items() if before.get(name) is not one}
    results = {name: short(exact(one)) for name, one in left.items() if name != "__builtins__"}
    claims = [line for line in printed.getvalue().splitlines() if line.startswith("✔ ")]
    return {**results, "claims": short(claims), **failed}


def exact(value: Any) -> Any:
    """Return the part of a value that is the same on all processors, as JSON can hold it."""
    if type(value) in (str, int, bool, type(None)):
        return value
    if isinstance(value, np.generic):
        return exact(value.item())
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "O":
            return [list(value.shape), exact(value.tolist())]
        kept = value.dtype.kind in "biuUS"
        return [list(value.shape), value.dtype.name, *(numbers(value) if kept else [])]
    if isinstance(value, pd.DataFrame):
        return [exact(value.index), [[name, exact(value[name].to_numpy())] for name in value]]
    if isinstance(value, pd.Series | pd.Index):
        return exact(value.to_numpy())
    if isinstance(value, dict):
        return [[exact(key), exact(one)] for key, one in value.items()]
    if isinstance(value, set | frozenset):
        # A set has no order.
        return sorted(json.dumps(exact(one)) for one in value)
    if isinstance(value, list | tuple):
        return [exact(one) for one in value]
    return type(value).__name__


def numbers(array: np.ndarray) -> list[Any]:
    """Return an array's first entries, and a digest of all."""
    digest = hashlib.sha256(array.tobytes()).hexdigest()[:12]
    return [*array.ravel()[:12].tolist(), digest]


def short(value: Any) -> str:
    """Return a text that tells values apart: the value, or its beginning and a digest."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]} ... ({hashlib.sha256(text.encode()).hexdigest()[:12]})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
