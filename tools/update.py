"""Bring the newest lessons, and keep a learner's answers: `make update`.

A file that the learner changed and that the update replaces, such as
notebooks/05_training_deep_networks.ipynb, is kept beside it as
05_training_deep_networks-mine-2026-11-30.ipynb. Every other change stays where it is.
"""

import datetime
import os
import shutil
import subprocess
from pathlib import Path

from address import ROOT, repository

AGAIN = "Then run the same command again."


class NotUpdated(Exception):  # noqa: N818
    """Nothing was changed; the message says what to do."""


def update(root: Path = ROOT) -> str:
    """Bring the course in `root` to the newest commit of the branch that it follows.

    Returns:
        What was done, in a few lines for the learner.

    Raises:
        NotUpdated: when it cannot be done; then every file is as it was.
    """
    check_git(root)
    try:
        git(root, "fetch", "--quiet")
    except NotUpdated as error:
        raise NotUpdated(f"The newest course was not reached: {error} Are you online?") from None
    newest = git(root, "rev-parse", "@{upstream}").strip()
    commits = int(git(root, "rev-list", "--count", f"HEAD..{newest}"))
    if not commits:
        return "You have the newest course."
    if git(root, "rev-list", "--count", f"{newest}..HEAD").strip() != "0":
        raise NotUpdated(
            "This copy has commits of its own. Bring both together yourself: git pull --rebase"
        )
    # Of a lesson that was renamed, the old name is in the way, too.
    coming = names(git(root, "diff", "--name-only", "--no-renames", "-z", "HEAD", newest))
    changed = names(git(root, "diff", "--name-only", "-z", "HEAD"))
    untracked = names(git(root, "ls-files", "--others", "-z"))
    in_the_way = sorted(coming & (changed | untracked))
    kept = keep_aside(root, in_the_way)
    try:
        for name in in_the_way:
            restore(root, name)
        git(root, "merge", "--ff-only", "--quiet", newest)
    except NotUpdated as error:
        for name, aside in kept.items():
            os.replace(aside, root / name)
        raise NotUpdated(f"{error} Your files are as they were.") from None
    return summary(root, commits, coming, kept)


def check_git(root: Path) -> None:
    """Say what to do where there is no git or no repository to update from."""
    zipped = (
        f"Download the newest course as a ZIP from https://github.com/{repository(root)} (Code, "
        "Download ZIP), unpack it beside this folder, and run `make lab` there. Solved exercises "
        "are remembered outside the folder; notebooks of yours stay in this one."
    )
    if not shutil.which("git"):
        raise NotUpdated(f"There is no git on this machine. {zipped}")
    if not (root / ".git").exists():
        raise NotUpdated(f"This folder came without git's history, as a ZIP does. {zipped}")
    try:
        git(root, "rev-parse", "@{upstream}")
    except NotUpdated:
        raise NotUpdated(
            "This copy follows no branch of another one, so nobody knows what is newer. If it "
            f"should follow the course's: git branch --set-upstream-to=origin/main. {AGAIN}"
        ) from None


def git(root: Path, *arguments: str) -> str:
    """Return what git prints.

    Raises:
        NotUpdated: when it fails; the message is git's last line.
    """
    settings = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    command = ["git", "-C", str(root), *arguments]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", env=settings)
    if result.returncode:
        said = result.stderr.strip() or f"git {arguments[0]} failed with {result.returncode}"
        raise NotUpdated(said.split("\n")[-1].rstrip(".") + ".")
    return result.stdout


def names(text: str) -> set[str]:
    """Return the paths that git separates by zero bytes, so that any letter may stand in one."""
    return set(filter(None, text.split("\0")))


def keep_aside(root: Path, paths: list[str]) -> dict[str, Path]:
    """Copy a learner's versions beside the files; return path and copy."""
    today = datetime.date.today().isoformat()
    kept: dict[str, Path] = {}
    for name in paths:
        path, number = root / name, 1
        if not path.is_file():
            continue
        aside = path.with_name(f"{path.stem}-mine-{today}{path.suffix}")
        while aside.exists():
            number += 1
            aside = path.with_name(f"{path.stem}-mine-{today}-{number}{path.suffix}")
        shutil.copy2(path, aside)
        kept[name] = aside
    return kept


def restore(root: Path, name: str) -> None:
    """Put a file back as the course has it, or away where the course has none yet."""
    if git(root, "ls-tree", "--name-only", "HEAD", "--", name).strip():
        git(root, "checkout", "--quiet", "HEAD", "--", name)
    else:
        (root / name).unlink(missing_ok=True)


def summary(root: Path, commits: int, coming: set[str], kept: dict[str, Path]) -> str:
    """Return what was brought and what was kept."""
    lessons = sorted(
        Path(name).stem for name in coming if name.startswith("notebooks/") and "ipynb" in name
    )
    lines = [f"Brought {commits} changes of the course."]
    if lessons:
        lines.append(f"Lessons that are new or changed: {', '.join(lessons)}.")
    for name, aside in sorted(kept.items()):
        lines.append(f"Your {name} is kept as {aside.relative_to(root).as_posix()}.")
    lines.append("`make lab` opens it, and installs what it needs anew.")
    return "\n".join(lines)
