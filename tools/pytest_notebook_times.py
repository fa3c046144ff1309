"""A pytest plugin for nbval: prints how long each notebook took."""

from collections import defaultdict

import pytest

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
