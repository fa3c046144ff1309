"""A pytest plugin for nbval: prints and writes down how long each notebook took."""

import os
from collections import defaultdict
from pathlib import Path

import pytest
import time_budget

SECONDS: dict[str, float] = defaultdict(float)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add one cell's time to its notebook's."""
    if ".ipynb" in report.nodeid:
        SECONDS[report.nodeid.split("::")[0]] += report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table after the run."""
    if SECONDS:
        terminalreporter.section("seconds per notebook (two at a time)")
        for notebook, seconds in sorted(SECONDS.items()):
            terminalreporter.write_line(f"{seconds:6.1f}  {notebook}")
        terminalreporter.write_line(f"{sum(SECONDS.values()):6.1f}  in all")
        if "COURSE_TIMES" in os.environ:
            names = {Path(notebook).name: seconds for notebook, seconds in SECONDS.items()}
            time_budget.write_down(Path(os.environ["COURSE_TIMES"]), names)
