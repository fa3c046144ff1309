"""What a run takes from its lesson, so that both always do the same."""

import ast
import json
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import Any


def notebook_functions(
    notebook: Path,
    constants: Container[str],
    whole_cells: Iterable[str] = (),
    given: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a lesson's imports, functions, classes and constants, without running the rest.

    Args:
        notebook: its path.
        constants: the names that are taken where they are assigned.
        whole_cells: what stands in cells that are run wholly, after all these.
        given: names that are there before everything else.
    """
    kinds = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef
    kept: list[ast.stmt] = []
    last: list[ast.stmt] = []
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code":
            continue
        nodes = ast.parse(source).body
        if any(part in source for part in whole_cells):
            last += nodes
        for node in nodes:
            names = [
                name.id
                for target in getattr(node, "targets", [])
                for name in ast.walk(target)
                if isinstance(name, ast.Name)
            ]
            taken = bool(names) and all(name in constants for name in names)
            if taken or isinstance(node, kinds):
                kept.append(node)
    space = dict(given or {})
    exec(compile(ast.Module(body=kept + last, type_ignores=[]), str(notebook), "exec"), space)
    return space
