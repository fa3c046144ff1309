"""Run a lesson's notebook in a fresh kernel, and measure it."""

import asyncio
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from harness import ROOT
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from notebook_files import lesson_files

CELL_SECONDS = 900
# Asked of the kernel at its end. Linux counts in kilobytes, macOS in bytes.
USAGE = """
import json as _json, sys as _sys, psutil as _psutil
_process = _psutil.Process()
try:
    import resource as _resource
    _peak = _resource.getrusage(_resource.RUSAGE_SELF).ru_maxrss
    _peak *= 1 if _sys.platform == "darwin" else 1024
except ImportError:
    _peak = _process.memory_info().peak_wset
_times = _process.cpu_times()
print(_json.dumps({"processor_seconds": _times.user + _times.system, "peak_bytes": _peak}))
"""


def lessons() -> dict[int, Path]:
    """Return the notebooks by their numbers."""
    return {int(path.name[:2]): path for path in lesson_files(ROOT)}


def run_notebook(
    path: Path,
    first: str = "",
    last: str = "",
    numbers: dict[str, str] | None = None,
    settings: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Run all cells of a notebook; the file stays as it is.

    Args:
        path: the notebook.
        first: code that runs before its first cell.
        last: code that runs after its last and prints one JSON value.
        numbers: literals of the code to replace, as in {"60_000": "15_000"}.
        settings: environment variables of the kernel, beside ours.

    Returns:
        seconds from the start of the kernel to the end of the last cell,
        processor_seconds and peak_bytes of the kernel, `errors`, the last lines
        of those that the lesson does not mean, and `answer`, what `last` printed.
        Where the kernel died or hung, `errors` alone.
    """
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in cells:
        for old, new in (numbers or {}).items():
            cell.source = re.sub(rf"\b{old}\b", new, cell.source)
    before = [nbformat.v4.new_code_cell(first)] if first else []
    after = [nbformat.v4.new_code_cell(last or "print('null')"), nbformat.v4.new_code_cell(USAGE)]
    notebook.cells = [*before, *cells, *after]
    moments = []
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        allow_errors=True,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_executed=lambda **_: moments.append(time.perf_counter()),
    )
    client.create_kernel_manager()
    # The kernel of this very interpreter, whatever others are installed.
    client.km.kernel_spec.argv[0] = sys.executable
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    start = time.perf_counter()
    try:
        # A loop of its own, closed at the end: older versions leave theirs open.
        asyncio.run(client.async_execute(env={**environment, **(settings or {})}))
    except (CellTimeoutError, DeadKernelError) as error:
        return {"errors": [*errors(cells), f"{type(error).__name__}: {error}"[:300]]}
    # Our two cells at the end are no part of the lesson's time.
    return {
        "seconds": moments[-3] - start,
        **printed(after[1]),
        "answer": printed(after[0]),
        "errors": errors([*cells, after[0]]),
    }


def printed(cell: nbformat.NotebookNode) -> Any:
    """Return the JSON value that a cell printed in its last line, None without any."""
    text = "".join(output.text for output in cell.outputs if output.get("name") == "stdout")
    return json.loads(text.splitlines()[-1]) if text else None


def errors(cells: list[nbformat.NotebookNode]) -> list[str]:
    """Return a line for each error that no tag announces."""
    return [
        f"{output.ename}: {output.evalue}"[:300]
        for cell in cells
        for output in cell.get("outputs", [])
        if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", [])
    ]
