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
    version = "v{of_version}"
    git = "GIT_TERMINAL_PROMPT=0 git -c advice.detachedHead=false"
    ask = f"{git} ls-remote --refs --tags --sort=v:refname {address} 'v*'"
    tags = os.popen(f"{ask} 2>/dev/null | sed 's,.*/,,'").read().split()
    branch = f"--branch {version}" if version in tags else ""
    clone = f"{git} clone --quiet --depth 1 {branch} {address} course"
    if not os.path.isdir("course") and os.system(clone) != 0:
        raise RuntimeError(f"Are you online? Could not fetch {address}.")
    print("Made for", version, "of the course. Newest:", *tags[-1:], address)
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


def version(root: Path = ROOT) -> str:
    """Return the version of the course, such as "0.1.0", as set in pyproject.toml."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return settings["project"]["version"]


def setup_cell(address: str, of_version: str | None = None) -> str:
    """Return the set-up cell that every notebook has, for the repository "owner/name".

    In Colab it fetches the tag of the notebook's version, where the repository has it, so that
    an old copy meets the course that it was made for; before that tag is set, the newest.
    """
    cell = SETUP_CELL.replace("{repository}", address)
    return cell.replace("{of_version}", of_version or version())


def badge(address: str, notebook: str) -> str:
    """Return the "Open in Colab" badge of a notebook, as Markdown."""
    link = f"https://colab.research.google.com/github/{address}/blob/main/notebooks/{notebook}"
    return f"[![Open in Colab]({BADGE})]({link})"
