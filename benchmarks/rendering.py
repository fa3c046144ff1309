"""The tables of benchmarks/README.md and its plot, from the stored results."""

import importlib
import json
from pathlib import Path
from typing import Any

import stored

HERE = Path(__file__).resolve().parent
README = HERE / "README.md"
PLOT = HERE / "ratios.png"
MARKS = ("<!-- results: written by benchmarks/run.py -->", "<!-- end of results -->")


def write_readme(names: list[str]) -> None:
    """Write all stored results into README.md, and draw their ratios.

    Args:
        names: the questions in their order; those without a stored result are left out.
    """
    results = {name: load(name) for name in names}
    sections = [section(name, result) for name, result in results.items() if result]
    text = README.read_text(encoding="utf-8")
    stored.replace(README, stored.with_section(text, *MARKS, "\n\n".join(sections)))
    rows = [row for name, result in results.items() if result for row in ratios(name, result)]
    if rows:
        draw(rows)


def load(name: str) -> dict[str, Any] | None:
    """Return a stored result, or None where there is none."""
    path = HERE / "results" / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def section(name: str, result: dict[str, Any]) -> str:
    """Return one question with its table, and when and on what it was measured."""
    question = importlib.import_module(name)
    machine = result["machine"]
    where = (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['system']}, Python {machine['python']}"
    )
    note = (
        f"*Measured on {result['date']} at commit {result['commit']} in "
        f"{result['seconds_in_all']} s: {where}; others used "
        f"{result['busy_before']:.0%} of the cores before it. "
        f"Again: `make bench ARGS={name}`.*"
    )
    return f"## {question.QUESTION}\n\n{question.report(result)}\n\n{note}"


def ratios(name: str, result: dict[str, Any]) -> list[tuple[str, float, float | None]]:
    """Return a question's ratios: label, ours over theirs, limit or None."""
    question = importlib.import_module(name)
    return question.ratios(result) if hasattr(question, "ratios") else []


def draw(rows: list[tuple[str, float, float | None]]) -> None:
    """Draw a row of dots, left of one where ours is faster."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from course_lib.figures import style

    style.use()
    figure, axes = plt.subplots(figsize=(10, 1.2 + 0.32 * len(rows)))
    places = range(len(rows))[::-1]
    for place, (_, ratio, limit) in zip(places, rows, strict=True):
        axes.plot([1, ratio], [place, place], color="C0", linewidth=2)
        axes.plot(ratio, place, "o", color="C0")
        axes.text(1.02, place, f"{ratio:.2f}", transform=axes.get_yaxis_transform(), va="center")
        if limit is not None:
            axes.plot(limit, place, "|", color="black", markersize=13, markeredgewidth=2)
    axes.axvline(1, color="grey", linewidth=1)
    axes.set_xscale("log")
    ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    furthest = [ratio for _, ratio, _ in rows]
    axes.set_xlim(min(0.1, *furthest) / 1.2, max(10, *furthest) * 1.3)
    axes.set_yticks(list(places), [label for label, _, _ in rows])
    axes.tick_params(labelsize=11)
    axes.set_xlabel("our time / theirs\n(left of 1: ours is faster; bar: the limit)", fontsize=12)
    axes.grid(visible=False, axis="y")
    figure.savefig(PLOT, dpi=120, bbox_inches="tight")
    plt.close(figure)
