"""The repository's address, and what in a notebook depends on it."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"

SETUP_CELL = """\
# In Colab this cell fetches the course; elsewhere it only looks for it.
import importlib.util, os, sys

if "google.colab" in sys.modules:
    address = "https://github.com/{repository}"
    clone = "GIT_TERMINAL_PROMPT=0 git clone --quiet --depth 1"
    here = os.path.isdir("course")
    if not here and os.system(f"{clone} {address} course") != 0:
        raise RuntimeError(f"Are you online? Could not fetch {address}.")
    sys.path.append(os.path.abspath("course"))
elif importlib.util.find_spec("course_lib") is None:
    raise RuntimeError(
        f"This notebook runs on {sys.executable}, which lacks the course. "
        "Choose the kernel of the course's folder .venv; `make lab` makes it."
    )"""


def repository(root: Path = ROOT) -> str:
    """Return "owner/name", as set in pyproject.toml."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return settings["tool"]["course"]["repository"]


def setup_cell(address: str) -> str:
    """Return the set-up cell that every notebook has, for the repository "owner/name"."""
    return SETUP_CELL.replace("{repository}", address)


def badge(address: str, notebook: str) -> str:
    """Return the "Open in Colab" badge of a notebook, as Markdown."""
    link = f"https://colab.research.google.com/github/{address}/blob/main/notebooks/{notebook}"
    return f"[![Open in Colab]({BADGE})]({link})"
